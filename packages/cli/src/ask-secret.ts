/** Asks for a secret: on a terminal without showing it, else as the first line of stdin, for scripts. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { CommandContext } from './context.ts';
import { cliErrors } from './errors.ts';

/** Throws CLI_USAGE where there is nothing to read. */
export async function askSecret(
  question: string,
  { input, signal }: Pick<CommandContext, 'input' | 'signal'>,
): Promise<string> {
  const isTerminal = input.isTTY === true;
  if (isTerminal) process.stderr.write(`${question}: `);
  const reader = createInterface({
    input,
    // Readline would show what is typed.
    output: new Writable({ write: (_chunk, _encoding, done) => done() }),
    terminal: isTerminal,
  });
  try {
    const line = await new Promise<string | null>((resolve) => {
      reader.once('line', resolve);
      reader.once('close', () => resolve(null));
      // With a terminal in raw mode Ctrl-C is a key.
      reader.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      signal.addEventListener('abort', () => resolve(null), { once: true });
    });
    signal.throwIfAborted();
    if (line === null || line === '') throw cliErrors.CLI_USAGE(`${question}: nothing was given`);
    return line;
  } finally {
    reader.close();
    if (isTerminal) process.stderr.write('\n');
  }
}
