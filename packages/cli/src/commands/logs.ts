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
    const wanted = line.text('frame');
    const isFollowed = line.flag('follow');
    const [session, { frameWithLog, isFrameAtRest, sleep }] = await Promise.all([
      context.session(),
      import('@croft/sdk'),
    ]);
    await session.native.task(taskId);
    let shown = 0;
    let text = '';
    for (;;) {
      const frame = await frameWithLog(session.native, taskId, wanted);
      text = await session.native.log(taskId, frame.id);
      if (!context.printer.isJson && text.length > shown) context.printer.stream(text.slice(shown));
      shown = text.length;
      if (isFollowed && !isFrameAtRest(frame.status)) {
        await sleep(context.clock, FOLLOW_MS, context.signal);
        continue;
      }
      if (context.printer.isJson) context.printer.result({ taskId, frame: frame.frame, text }, () => text);
      return undefined;
    }
  },
};
