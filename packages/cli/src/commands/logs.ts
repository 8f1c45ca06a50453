import type { LogPart } from '@croft/sdk';
import type { CommandSpec } from '../command-spec.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

const FOLLOW_MS = 1000;

export const logs: CommandSpec = {
  usage: 'logs <id>',
  group: 'Look',
  summary: "show what the app printed while it rendered a task's frame",
  details: 'Without --frame, the first failed frame, else the frame that runs, else the first.',
  options: [
    ['--frame <n>', 'frame as the task lists it'],
    ['--follow', 'go on until the frame ends'],
    ...FARM_OPTIONS,
  ],
  examples: [
    ['croft logs 1024', 'why it failed'],
    ['croft logs 1024 --frame 7 --follow', 'watch frame 7 render'],
  ],
  exits: [[8, 'there is no such task or frame']],
  async run(context, line) {
    const taskId = line.taskId(0);
    const isFollowed = line.flag('follow');
    const [session, { frameAgain, frameWithLog, isFrameAtRest, sleep }] = await Promise.all([
      context.session(),
      import('@croft/sdk'),
    ]);
    await session.native.task(taskId);
    const { printer } = context;
    // The frame is chosen once: which one fails or runs changes while one looks.
    let found = await frameWithLog(session.native, taskId, line.text('frame'));
    let text = '';
    let last: LogPart | undefined;
    let isLineOpen = false;
    for (;;) {
      const isOver = isFrameAtRest(found.row.status);
      const part: LogPart = await session.native.log(taskId, found.row.id, last);
      const isOther = last !== undefined && last.attempt !== null && part.attempt !== last.attempt;
      const shown: string = isOther
        ? `${isLineOpen ? '\n' : ''}--- another attempt ---\n${part.text}`
        : part.text;
      if (shown !== '') isLineOpen = !shown.endsWith('\n');
      if (printer.isJson) text = isOther ? part.text : text + part.text;
      else printer.stream(shown);
      last = part;
      if (!isFollowed || isOver) {
        if (printer.isJson) printer.result({ taskId, frame: found.row.frame, text }, () => text);
        return undefined;
      }
      await sleep(context.clock, FOLLOW_MS, context.signal);
      found = await frameAgain(session.native, taskId, found);
    }
  },
};
