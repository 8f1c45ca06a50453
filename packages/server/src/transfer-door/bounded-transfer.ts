/**
 * A program for `memory.test.ts` and `bench/transfer-limits.ts`: one transfer in a process of its own, whose heap its starter
 * bounds. Prints the most memory that it had.
 *
 *   bounded-transfer.ts URL tree FOLDER COUNT    uploads FOLDER/NUMBER % 1000/NUMBER for all numbers below COUNT
 *   bounded-transfer.ts URL known FILE COUNT     uploads FILE under so many names, as ever other bytes that the farm has
 *   bounded-transfer.ts URL file PATH            uploads one file
 *   bounded-transfer.ts URL down FOLDER          downloads everything
 *   bounded-transfer.ts URL look FOLDER          downloads what is not there, as if everything were
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { argv, resourceUsage, stdout } from 'node:process';
import { blobIdOfBytes } from '@croft/transfer';
import { openTestClient } from './test-door.ts';

export interface BoundedTransfer {
  seconds: number;
  /** Peak of the resident set. */
  peakMiB: number;
}

const [, , url, what, place, count] = argv;
if (url === undefined || place === undefined) throw new Error('name the door, what to do, and a place');

function* tree(folder: string, files: number) {
  for (let number = 0; number < files; number++) {
    const treePath = `/${number % 1000}/${number}`;
    yield { localPath: join(folder, treePath), treePath };
  }
}

async function* known(localPath: string, files: number) {
  const { size, mtimeMs } = await stat(localPath);
  for (let number = 0; number < files; number++) {
    const id = blobIdOfBytes(Buffer.from(String(number)));
    yield { localPath, treePath: `/${number % 1000}/${number}`, remembered: { id, size, mtimeMs } };
  }
}

function filesOf(what: string | undefined, place: string, count: number) {
  if (what === 'tree') return tree(place, count);
  if (what === 'known') return known(place, count);
  return [{ localPath: place, treePath: '/long.abc' }];
}

const client = openTestClient(url, 'account-1');
const start = performance.now();
if (what === 'down') await client.download({ root: 'input', to: place });
else if (what === 'look') await client.download({ root: 'input', to: place, isLeftAlone: () => true });
else {
  const files = filesOf(what, place, Number(count));
  await client.upload({ root: 'input', files, onEntries: () => undefined });
}
const seconds = (performance.now() - start) / 1000;
await client.close();
const told: BoundedTransfer = { seconds, peakMiB: resourceUsage().maxRSS / 1024 };
stdout.write(`${JSON.stringify(told)}\n`);
