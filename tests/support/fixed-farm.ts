/**
 * A farm in which everything that a recorded request depends on is fixed: the access key, the name under which it is
 * reached, the software of its one node, the scene on it, and with a new store also the ids. Requests that the real SDK
 * signed once can be sent to it again at any time.
 */
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { join } from 'node:path';
import { type BlobId, silentLog, systemClock } from '@croft/contract';
import { loadApps } from '@croft/dcc';
import { type FarmCalls, openFarmInProcess } from '@croft/farm';
import { createOutlet, startServer } from '@croft/server';
import { openFsBlobStore } from '@croft/transfer';
import { atEnd, temporaryFolder } from './croft.ts';
import { HandDrivenNode } from './hand-driven-node.ts';

export const FIXED = {
  accessId: 'AKrecorded',
  accessKey: 'secret-of-the-recording',
  host: 'farm.test:8420',
  /** Seconds since 1970: what the clock of the recording stood at. */
  clock: 1_700_000_000,
  /** Where the scene lies on the farm. */
  scene: '/home/artist/shot.blend',
} as const;

/** Far enough to take what was signed at `FIXED.clock`. */
const WINDOW_MS = 100 * 365 * 24 * 3_600_000;

export interface Sent {
  path: string;
  headers: Record<string, string>;
  body: string;
}

export interface FixedFarm {
  port: number;
  /** Sends a request as it was recorded, header by header; gives the reply. */
  send(sent: Sent): Promise<{ code: number; message: string; data: unknown } & Record<string, unknown>>;
}

export async function startFixedFarm(): Promise<FixedFarm> {
  const home = join(temporaryFolder(), 'home');
  const blobs = await openFsBlobStore({ home: join(home, 'blobs'), log: silentLog });
  const outlet = createOutlet();
  const idOf = (bytes: Uint8Array) => `sha256-${createHash('sha256').update(bytes).digest('hex')}` as BlobId;
  const put = async (bytes: Uint8Array) => {
    async function* body() {
      yield bytes;
    }
    await blobs.put(idOf(bytes), bytes.length, body());
    return { id: idOf(bytes), size: bytes.length };
  };
  const farm = await openFarmInProcess({
    home,
    blobs: {
      async read(id) {
        const chunks: Uint8Array[] = [];
        for await (const chunk of (await blobs.read(id)).body) chunks.push(chunk);
        return Buffer.concat(chunks);
      },
      store: put,
    },
    apps: loadApps,
    clock: systemClock,
    log: silentLog,
    outlet,
  });
  const { accountId } = await farm.calls.firstAccount();
  const key = await farm.calls.createKey(accountId, 'recorded');
  const calls = withFixedKey(farm.calls, key.accessId);
  const server = await startServer({
    farm: { calls, reads: farm.reads },
    blobs,
    outlet,
    port: 0,
    log: silentLog,
    clock: systemClock,
    home,
    publicHosts: [FIXED.host],
    signatureWindowMs: WINDOW_MS,
  });
  const scene = await put(Buffer.from('a scene'));
  await farm.calls.blobsArrived(accountId, [scene]);
  await farm.calls.commitTree({ accountId, root: 'input' }, [{ path: FIXED.scene, ...scene, mtimeMs: 1 }]);
  const node = new HandDrivenNode(server.url);
  const { code } = await farm.calls.createNodeCode(accountId);
  await node.enrol(code);
  await node.connect([], true);
  atEnd(async () => {
    await node.disconnect();
    await server.close();
    await farm.close();
    await blobs.close();
  });
  return { port: server.port, send: (sent) => send(server.port, sent) };
}

/** The fixed key stands for the one that the farm made up. */
function withFixedKey(calls: FarmCalls, realId: string): FarmCalls {
  return new Proxy(calls, {
    get(target, name) {
      if (name !== 'keySecret') return target[name as keyof FarmCalls];
      return async (accessId: string) => {
        const found = await target.keySecret(accessId === FIXED.accessId ? realId : accessId);
        return found && accessId === FIXED.accessId ? { ...found, secret: FIXED.accessKey } : found;
      };
    },
  });
}

function send(port: number, { path, headers, body }: Sent): ReturnType<FixedFarm['send']> {
  return new Promise((done, fail) => {
    const call = request(
      {
        port,
        host: '127.0.0.1',
        method: 'POST',
        path,
        headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
      },
      (reply) => {
        let text = '';
        reply.setEncoding('utf8');
        reply.on('data', (chunk) => {
          text += chunk;
        });
        reply.on('end', () => done({ ...JSON.parse(text), httpStatus: reply.statusCode }));
      },
    );
    call.on('error', fail);
    call.end(body);
  });
}
