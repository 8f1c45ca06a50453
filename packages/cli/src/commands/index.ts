/** All commands, in the order of the help. */
import type { CommandSpec } from '../command-spec.ts';
import { analyse } from './analyse.ts';
import { download } from './download.ts';
import { logs } from './logs.ts';
import { nodeCode } from './node-code.ts';
import { nodes } from './nodes.ts';
import { render } from './render.ts';
import { STEERING } from './steering.ts';
import { task } from './task.ts';
import { tasks } from './tasks.ts';

export const COMMANDS: readonly CommandSpec[] = [
  render,
  download,
  analyse,
  tasks,
  task,
  nodes,
  logs,
  ...STEERING,
  nodeCode,
];
