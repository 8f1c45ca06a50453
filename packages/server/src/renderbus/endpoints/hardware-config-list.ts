import { defineEndpoint } from '../endpoint.ts';
import { nothing } from '../fields.ts';
import { hardwareList } from '../hardware.ts';

export const endpoint = defineEndpoint({
  name: 'hardwareConfigList',
  paths: ['/api/render/hardwareConfig/list'],
  mutates: false,
  request: nothing,
  handle: async (_, { reads, platform }) => hardwareList(await reads.nodes(), platform),
});
