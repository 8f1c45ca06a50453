/** A node as a process of its own, for tests that kill it: argv home, server, code, folder of inputs, app. */
import { createHash } from 'node:crypto';
import { cp, readFile, stat } from 'node:fs/promises';
import { type BlobId, silentLog, systemClock } from '@croft/contract';
import { loadApps } from '@croft/dcc';
import { startNode } from '../index.ts';
import type { NodeTransfer } from '../ports.ts';
import { fakeApp } from './fake-app.ts';

const [, , home = '', server = '', code = '', inputs = '', app = 'fake'] = process.argv;

/** Inputs come from a folder; outputs are hashed and stay where they are. */
const transfer: NodeTransfer = {
  forAttempt: () => ({
    async fetchInputs(_cache, workFolder) {
      await cp(inputs, workFolder, { recursive: true });
    },
    sendOutputs: async (files) =>
      await Promise.all(
        files.map(async ({ file }) => {
          const bytes = await readFile(file);
          return { id: idOf(bytes), size: bytes.length, mtimeMs: (await stat(file)).mtimeMs };
        }),
      ),
    close: async () => {},
  }),
};

function idOf(bytes: Buffer): BlobId {
  return `sha256-${createHash('sha256').update(bytes).digest('hex')}` as BlobId;
}

await startNode({
  home,
  server,
  code,
  log: silentLog,
  clock: systemClock,
  apps: app === 'fake' ? [fakeApp()] : await loadApps(),
  transfer: () => transfer,
});
