/** The node's transfer port, filled by the transfer engine. */
import type { Clock, Log } from '@croft/contract';
import { TransferClient, TrustedBlobs } from '@croft/transfer';
import type { NodeTransfer } from './ports.ts';

/** Moves bytes between this machine and the farm at `server`. */
export function engineTransfer(server: string, clock: Clock, log: Log): NodeTransfer {
  const trusted = new TrustedBlobs();
  return {
    forAttempt(token) {
      const authorise = () => ({ authorization: `Bearer ${token}` });
      const client = new TransferClient({ baseUrl: server, authorise, clock, log });
      return {
        async fetchInputs(cacheFolder, workFolder, onInput, signal) {
          await client.fetchInputs({ cacheFolder, workFolder, trusted, onInput, signal });
        },
        async sendOutputs(files, signal) {
          const wishes = files.map(({ file, path }) => ({ localPath: file, treePath: path }));
          const sent = await client.sendOutputs(wishes, { signal });
          const byPath = new Map(sent.map((one) => [one.path, one]));
          return files.map(({ path }) => {
            const found = byPath.get(path);
            if (found === undefined) throw new Error(`the transfer engine sent no ${path}`);
            return { id: found.id, size: found.size, mtimeMs: found.mtimeMs };
          });
        },
        close: () => client.close(),
      };
    },
  };
}
