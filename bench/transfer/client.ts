/**
 * The sending or fetching side as a process of its own: one call of the engine, as the SDK makes it.
 *
 *   node client.ts up|up-delta|down URL FOLDER [KB/S]     prints the seconds of that call; takes of the environment
 *                                                        BENCH_COMPRESS (a rule) and BENCH_REQUESTS (so many at once)
 *
 * With a limit it is the engine that says whether a delta is worth it.
 */
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { argv, env, stdout } from 'node:process';
import { silentLog, systemClock } from '@croft/contract';
import { COMPRESS_RULES, TransferClient } from '@croft/transfer';

const [, , what, baseUrl, folder, kbps] = argv;
if (baseUrl === undefined || folder === undefined)
  throw new Error('name what to do, the address and the folder');
const client = new TransferClient({
  baseUrl,
  clock: systemClock,
  log: silentLog,
  compress: COMPRESS_RULES.find((rule) => rule === env.BENCH_COMPRESS),
  requestsAtOnce: env.BENCH_REQUESTS === undefined ? undefined : Number(env.BENCH_REQUESTS),
  authorise: (_method, _target, sha256) => ({
    authorization: 'Bearer account-1',
    'croft-content-sha256': sha256,
  }),
});
const startedAt = performance.now();
if (what === 'down') await client.download({ root: 'input', to: folder });
else if (kbps !== undefined)
  await client.upload({ root: 'input', files: filesBelow(folder), limitKbps: Number(kbps) });
else
  await client.upload({
    root: 'input',
    files: filesBelow(folder),
    delta: what === 'up-delta' ? 'always' : 'never',
  });
stdout.write(`${(performance.now() - startedAt) / 1000}\n`);
await client.close();

async function* filesBelow(root: string) {
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const localPath = join(entry.parentPath, entry.name);
    yield { localPath, treePath: `/${relative(root, localPath)}` };
  }
}
