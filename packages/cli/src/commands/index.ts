/** All commands, in the order of the help. */
import type { CommandSpec } from '../command-spec.ts';
import { accounts } from './accounts.ts';
import { analyse } from './analyse.ts';
import { assets } from './assets.ts';
import { backup, restore } from './backup.ts';
import { catalogue } from './catalogue.ts';
import { cert } from './cert.ts';
import { CHANGES } from './changes.ts';
import { demo } from './demo.ts';
import { download } from './download.ts';
import { keys } from './keys.ts';
import { logs } from './logs.ts';
import { ls } from './ls.ts';
import { money } from './money.ts';
import { node } from './node.ts';
import { nodeCode } from './node-code.ts';
import { nodes } from './nodes.ts';
import { platforms } from './platforms.ts';
import { raysyncProxy } from './raysync-proxy.ts';
import { render } from './render.ts';
import { scrub } from './scrub.ts';
import { allowFrom, password, signIn } from './sign-in.ts';
import { STEERING } from './steering.ts';
import { task } from './task.ts';
import { tasks } from './tasks.ts';
import { transmitter } from './transmitter.ts';
import { server, up } from './up.ts';
import { upload } from './upload.ts';
import { verify } from './verify.ts';

export const COMMANDS: readonly CommandSpec[] = [
  render,
  download,
  verify,
  analyse,
  upload,
  demo,
  tasks,
  task,
  nodes,
  platforms,
  catalogue,
  logs,
  ls,
  ...STEERING,
  ...CHANGES,
  up,
  server,
  node,
  nodeCode,
  signIn,
  accounts,
  password,
  allowFrom,
  assets,
  keys,
  cert,
  money,
  transmitter,
  raysyncProxy,
  backup,
  restore,
  scrub,
];
