import { defineEndpoint } from '../endpoint.ts';
import { nothing } from '../fields.ts';

/** `zone` arrives inverted from some SDKs and means nothing on a farm of one place. */
export const endpoint = defineEndpoint({
  name: 'getServerInfo',
  paths: ['/api/render/transfer/getServerInfo', '/api/render/task/getTransferServerMsg'],
  mutates: false,
  request: nothing,
  async handle(_, { reachedAt: { host, port } }) {
    return {
      clientVersion: '3.2.8.2',
      protocolVersion: '3.2.8.2',
      raysyncTransfer: {
        serverIp: host,
        serverPort: port,
        proxyIp: host,
        proxyPort: port,
        sslPort: port,
        port,
      },
    };
  },
});
