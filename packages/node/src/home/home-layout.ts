/**
 * The node's home: everything it writes lies below this one folder.
 *
 *   lock.db            held open as long as the node runs (`home-lock.ts`)
 *   node-key.pem       private Ed25519 key, 0600
 *   node.json          who the farm says we are: nodeId, farm, server
 *   apps.json          what the last look for apps found
 *   outbox.db          reports the farm has not accepted yet
 *   blobs/ab/<id>      content cache of inputs
 *   work/<key>-<n>/    materialised inputs of one task, see inputs/work-folders.ts
 *   run/<n>/           outputs and scratch of one running app; emptied at start
 *   spool/<attempt>/   finished outputs on their way to the farm; emptied at start
 *   logs/<attempt>.log
 *   processes/<pid>    apps that run now, so that a new start can end the left-over ones of a dead one
 *   scratch/           probes
 */
import { mkdir, realpath, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { coerceError } from '@croft/contract';
import { nodeErrors } from '../errors.ts';

export interface NodeHome {
  readonly root: string;
  readonly lock: string;
  readonly key: string;
  readonly identity: string;
  readonly apps: string;
  readonly outbox: string;
  readonly blobs: string;
  readonly work: string;
  readonly run: string;
  readonly spool: string;
  readonly logs: string;
  readonly processes: string;
  readonly scratch: string;
}

/** Where everything lies in the home at `root`. */
export function layoutOf(root: string): NodeHome {
  const home = resolve(root);
  const below = (name: string) => join(home, name);
  return {
    root: home,
    lock: below('lock.db'),
    key: below('node-key.pem'),
    identity: below('node.json'),
    apps: below('apps.json'),
    outbox: below('outbox.db'),
    blobs: below('blobs'),
    work: below('work'),
    run: below('run'),
    spool: below('spool'),
    logs: below('logs'),
    processes: below('processes'),
    scratch: below('scratch'),
  };
}

/** Makes the folders of a home, closed to other users; its paths hold no links. Throws NODE_HOME_UNUSABLE. */
export async function makeHome(root: string): Promise<NodeHome> {
  const wanted = resolve(root);
  try {
    await mkdir(wanted, { recursive: true, mode: 0o700 });
    // Links are followed once, here: below this path nobody but an app that means harm makes one.
    const home = layoutOf(await realpath(wanted));
    for (const folder of foldersOf(home)) await mkdir(folder, { recursive: true, mode: 0o700 });
    return home;
  } catch (thrown) {
    const cause = coerceError(thrown);
    throw nodeErrors.NODE_HOME_UNUSABLE(`the home ${wanted} cannot be made: ${cause.message}`, { cause });
  }
}

/** Throws away what only a running node needs. Call with the lock held and left-over apps ended. */
export async function emptyPassingFolders(home: NodeHome): Promise<void> {
  for (const folder of [home.run, home.spool, home.scratch, home.processes]) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
}

function foldersOf(home: NodeHome): string[] {
  return [home.blobs, home.work, home.run, home.spool, home.logs, home.processes, home.scratch];
}
