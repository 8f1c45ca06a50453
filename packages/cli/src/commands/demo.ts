import type { CommandSpec } from '../command-spec.ts';

export const demo: CommandSpec = {
  usage: 'demo',
  group: 'Render',
  summary: 'see it work: a farm on this machine renders a small animated scene',
  details:
    'Starts an embedded farm on a free port, takes the example scene through analyse, check, upload, submit, render and download, and prints where the frames are and how long each phase took. Needs Blender.',
  options: [
    ['--home <dir>', 'home of the farm, kept (default: a temporary one)'],
    ['--frames <expr>', "frames instead of the scene's own: 1-4"],
    ['--output <dir>', 'folder for the frames (default: a new temporary one)'],
    ['--keep', 'let the farm run on afterwards, until Ctrl-C, and print its address'],
  ],
  examples: [
    ['croft demo', 'all of it, in well under a minute'],
    ['croft demo --keep', 'the same, then look around in the browser'],
  ],
  exits: [[4, 'frames failed']],
  async run(context, line) {
    const { runDemo } = await import('../farm-process/run-demo.ts');
    return runDemo(context, {
      home: line.text('home') === undefined ? null : context.config.home,
      frames: line.text('frames'),
      output: line.text('output'),
      keep: line.flag('keep'),
    });
  },
};
