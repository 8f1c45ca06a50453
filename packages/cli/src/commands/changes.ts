/** tag, limit, level and clone: changes of tasks that were submitted. */
import type { CommandSpec } from '../command-spec.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

const MOST_NODES = 100_000;
const LONGEST_SEC = 3_200_000_000;
const HIGHEST_LEVEL = 100;

const tag: CommandSpec = {
  usage: 'tag <ids...>',
  group: 'Steer',
  summary: 'put labels on tasks, or take them off',
  options: [
    ['--add <name>', 'label to put on; may be given several times', 'many'],
    ['--remove <name>', 'label to take off; may be given several times', 'many'],
    ...FARM_OPTIONS,
  ],
  examples: [
    ['croft tag 1024 1025 --add night', 'label two tasks'],
    ['croft tag 1024 --remove night', 'take the label off'],
    ['croft tasks --label night', 'the tasks that bear it'],
  ],
  exits: [[8, 'there is no such task; those named before it are changed']],
  async run(context, line) {
    const taskIds = line.args.map((_, index) => line.taskId(index));
    const [adds, removes] = [line.texts('add'), line.texts('remove')];
    if (adds.length + removes.length === 0 || [...adds, ...removes].includes(''))
      throw await usage('name a label with --add or --remove');
    const [session, { addLabel, removeLabel }] = await Promise.all([context.session(), import('@croft/sdk')]);
    const changed: { taskId: number; labels: string[] }[] = [];
    for (const taskId of taskIds) {
      let task = null;
      for (const name of adds) task = await addLabel(session.native, taskId, name);
      for (const name of removes) task = await removeLabel(session.native, taskId, name);
      changed.push({ taskId, labels: (task?.labels ?? []).map(({ name }) => name) });
    }
    context.printer.result(changed, () =>
      changed.map(({ taskId, labels }) => `task ${taskId}: ${labels.join(', ') || 'no labels'}`).join('\n'),
    );
    return undefined;
  },
};

const limit: CommandSpec = {
  usage: 'limit <ids...>',
  group: 'Steer',
  summary: 'limit how many nodes tasks may hold, and how long they may render',
  options: [
    ['--nodes <n>', 'nodes that a task may hold at a time, its layers together; 0: any'],
    ['--stop-after <seconds>', 'stop a task that renders for longer; 0: never'],
    ...FARM_OPTIONS,
  ],
  examples: [
    ['croft limit 1024 --nodes 2', 'at most two nodes from the next frame on'],
    ['croft limit 1024 --stop-after 3600', 'stop it after an hour of rendering'],
  ],
  exits: [[8, 'there is no such task; those named before it are changed']],
  async run(context, line) {
    const taskIds = line.args.map((_, index) => line.taskId(index));
    const nodes = line.integer('nodes', 0, MOST_NODES);
    const seconds = line.integer('stopAfter', 0, LONGEST_SEC);
    if (nodes === undefined && seconds === undefined) throw await usage('give --nodes or --stop-after');
    const [session, { limitNodes, limitTime }] = await Promise.all([context.session(), import('@croft/sdk')]);
    for (const taskId of taskIds) {
      if (nodes !== undefined) await limitNodes(session.native, taskId, nodes);
      if (seconds !== undefined) await limitTime(session.native, taskId, seconds);
    }
    context.printer.result({ taskIds, nodes, stopAfterSec: seconds }, () => `limited ${taskIds.join(', ')}`);
    return undefined;
  },
};

const level: CommandSpec = {
  usage: 'level <level> <ids...>',
  group: 'Steer',
  summary: 'set the priority of tasks: 0 to 100, high first',
  options: FARM_OPTIONS,
  examples: [['croft level 60 1024', 'task 1024 goes before those of level 50']],
  exits: [[8, 'there is no such task; those named before it are changed']],
  async run(context, line) {
    const wanted = /^\d{1,3}$/.test(line.arg(0)) ? Number(line.arg(0)) : Number.NaN;
    if (!(wanted <= HIGHEST_LEVEL)) throw await usage(`a level is a whole number from 0 to ${HIGHEST_LEVEL}`);
    const taskIds = line.args.slice(1).map((_, index) => line.taskId(index + 1));
    const [session, { setLevel }] = await Promise.all([context.session(), import('@croft/sdk')]);
    for (const taskId of taskIds) await setLevel(session.native, taskId, wanted);
    context.printer.result({ taskIds, level: wanted }, () => `level ${wanted} for ${taskIds.join(', ')}`);
    return undefined;
  },
};

const clone: CommandSpec = {
  usage: 'clone <id>',
  group: 'Steer',
  summary: 'render a task again as a new one: the same files as they were, maybe other frames',
  options: [
    ['--frames <frames>', 'frames of the new task, as 1-10[2]'],
    ['--level <n>', 'priority of the new task, 0 to 100 (default: as the old one)'],
    ...FARM_OPTIONS,
  ],
  examples: [
    ['croft clone 1024', 'all of it once more'],
    ['croft clone 1024 --frames 20-30', 'other frames of the same scene'],
  ],
  exits: [[8, 'there is no such task']],
  async run(context, line) {
    const frames = line.text('frames');
    const wantedLevel = line.integer('level', 0, HIGHEST_LEVEL);
    const [session, { cloneTask }] = await Promise.all([context.session(), import('@croft/sdk')]);
    const made = await cloneTask(session.native, line.taskId(0), {
      ...(frames === undefined ? {} : { frames }),
      ...(wantedLevel === undefined ? {} : { level: wantedLevel }),
    });
    context.printer.result(made, () => `task ${made.id} renders ${made.framesRange} of task ${line.arg(0)}`);
    return undefined;
  },
};

async function usage(message: string): Promise<Error> {
  const { cliErrors } = await import('../errors.ts');
  return cliErrors.CLI_USAGE(message);
}

export const CHANGES: readonly CommandSpec[] = [tag, limit, level, clone];
