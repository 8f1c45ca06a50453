import { expect, it } from 'vitest';
import { COMMANDS } from './commands/index.ts';
import { buildProgram, isUsage, type Parsed } from './program.ts';

function parsed(...argv: string[]): Parsed | null {
  let chosen: Parsed | null = null;
  buildProgram(COMMANDS, '0', { write: () => {} }, (found) => {
    chosen = found;
  }).parse(argv, { from: 'user' });
  return chosen;
}

it('gives a command all its arguments, one or many, and its options', () => {
  expect(parsed('task', '7')?.args).toEqual(['7']);
  for (const name of ['stop', 'start', 'abandon', 'delete', 'retry']) {
    expect(parsed(name, '7', '8', '--json'), name).toMatchObject({
      args: ['7', '8'],
      options: { json: true },
    });
    expect(parsed(name, '7')?.args, name).toEqual(['7']);
  }
  expect(parsed('render', 'a b.blend', '--search', 'x', '--search', 'y z')).toMatchObject({
    args: ['a b.blend'],
    options: { search: ['x', 'y z'] },
  });
});

it('names the command or option that was meant', () => {
  for (const [argv, says] of [
    [['taks'], /Did you mean one of task, tasks/],
    [['tasks', '--pages', '2'], /Did you mean --page/],
  ] as const) {
    const complaint = (() => {
      try {
        return parsed(...argv);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(isUsage(complaint)).toBe(true);
    expect((complaint as Error).message).toMatch(says);
  }
});
