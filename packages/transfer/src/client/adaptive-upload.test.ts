import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, MiB, silentLog, systemClock } from '@croft/contract';
import { expect, test } from 'vitest';
import { TransferClient } from './transfer-client.ts';

/** Time stands, so that no window ends; waits before retries pass at once. */
const standingClock: Clock = { now: () => 0, after: (ms, action) => systemClock.after(ms / 100, action) };

test('an upload whose requests break goes on with half as many', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'croft-adaptive-'));
  let inFlight = 0;
  let broken = 0;
  const widths: number[] = [];
  // The first eight are held until all of them are there, and break together.
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => {
    const isBlob = request.method === 'PUT';
    if (isBlob) widths.push(++inFlight);
    request.resume().once('end', () => {
      if (isBlob && broken < 8) {
        if (held.push(response) < 8) return;
        broken = held.length;
        inFlight = 0;
        for (const one of held) one.writeHead(503).end('{}');
        return;
      }
      // Long enough for others to come in, were they let.
      setTimeout(() => {
        if (isBlob) inFlight--;
        response.end(request.url?.endsWith('/commit') ? '{"version":1}' : '');
      }, 20);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new TransferClient({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    authorise: () => ({}),
    clock: standingClock,
    log: silentLog,
  });
  try {
    const files = [];
    for (let number = 0; number < 16; number++) {
      const localPath = join(folder, String(number));
      await writeFile(localPath, Buffer.alloc(MiB + 1, number));
      files.push({ localPath, treePath: `/${number}` });
    }
    await client.upload({ root: 'input', files });
    expect(broken).toBe(8);
    expect(Math.max(...widths)).toBe(8);
    // The eight that broke are sent again; whoever comes after them finds four places.
    expect(Math.max(...widths.slice(16))).toBeLessThanOrEqual(4);
    expect(widths).toHaveLength(24);
  } finally {
    await client.close();
    server.close();
    await rm(folder, { recursive: true });
  }
});
