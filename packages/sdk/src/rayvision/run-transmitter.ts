/**
 * One run of the transmitter, by this process or by a program: its lines go to the log, its exit code comes back. What is
 * looked for in the lines (compat-sync 1.3):
 *
 *   - `upload file fail`, and `get path` with `info failed`: said again at the end of an upload that did not succeed;
 *   - `upload file done (PATH)`: told to whoever keeps a record.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { type Clock, type Log, SECOND, silentLog } from '@croft/contract';
import type { FarmConnection } from '../connection.ts';
import { hostOfUrl } from '../transmitter/farm-host.ts';
import { transmit } from '../transmitter/transmit.ts';
import { childEnvironment } from './config.ts';
import { CLIENT_CODES, RayvisionError } from './exceptions.ts';
import { commandText, commandWords, type TransmitterCommand } from './transmitter-command.ts';

export interface RunTools {
  readonly connection: FarmConnection;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Gets each line. */
  readonly print: (line: string) => void;
  /** Told the local path of each file that was sent. */
  readonly onUploaded?: ((path: string) => void) | undefined;
  /** Folder for a log of the engine's own; null for none. */
  readonly logFolder?: string | null;
  /** Gets each line as well, where this process moves the bytes: a program writes its log itself. */
  readonly engineLog?: Log | undefined;
}

export interface RunOutcome {
  readonly code: number;
  /** The first lines about files that failed, a thousand at most. */
  readonly errMessages: readonly string[];
  /** The last line of the run, which says why it ended as it did. */
  readonly lastLine: string;
}

/** A program that was ended by a signal has no code. */
const NO_CODE = -1;
const MOST_MESSAGES = 1000;
/** What a program gets to end by itself. */
const GRACE_MS = 5 * SECOND;

/** Runs it to its end. Throws the reason of the signal; RayvisionError 1000000 where the program cannot be started. */
export async function runTransmitter(
  command: TransmitterCommand,
  program: string | null,
  tools: RunTools,
): Promise<RunOutcome> {
  const errMessages: string[] = [];
  let lastLine = '';
  const takeLine = (line: string) => {
    lastLine = line;
    tools.print(line);
    const uploaded = uploadedPath(line);
    if (uploaded !== null) tools.onUploaded?.(uploaded);
    if (errMessages.length < MOST_MESSAGES && isFailure(line)) errMessages.push(line);
  };
  tools.print(`cmd...${commandText({ ...command, storageId: '***' })}`);
  const code = await (program === null
    ? runHere(command, takeLine, tools)
    : runProgram(program, command, takeLine, tools));
  tools.signal.throwIfAborted();
  return { code, errMessages, lastLine };
}

/** A path may hold brackets itself: it ends at the last one. */
function uploadedPath(line: string): string | null {
  const done = line.indexOf('upload file done');
  const from = done < 0 ? -1 : line.indexOf('(', done);
  const to = line.lastIndexOf(')');
  return from >= 0 && to > from ? line.slice(from + 1, to).trim() : null;
}

function isFailure(line: string): boolean {
  return line.includes('upload file fail') || (line.includes('get path') && line.includes('info failed'));
}

/** Croft's own engine, in this process. */
function runHere(command: TransmitterCommand, print: (line: string) => void, tools: RunTools) {
  const { connection, clock, signal, engineLog = silentLog } = tools;
  const { accessId, accessKey, url } = connection;
  const own = new URL(url);
  const { protocol, port } = own;
  const isOwnFarm = command.serverIp === hostOfUrl(own) && command.serverPort === (port || '80');
  // Never less safe than the API; over plain HTTP only to the farm that is spoken to like that, else TLS is tried first.
  const plainOrUnknown = isOwnFarm ? 'http' : null;
  // The second engine is the same one here.
  const engineType = command.engineType === 'raysyncproxy' ? 'raysync' : command.engineType;
  return transmit(commandWords({ ...command, engineType }), {
    version: '',
    clock,
    signal,
    key: { accessId, accessKey },
    scheme: protocol === 'https:' ? 'https' : plainOrUnknown,
    print: (line) => {
      engineLog.info({}, line);
      print(line);
    },
  });
}

/** A program, without a shell. `y` on its stdin is the documented answer to a question of the original's. */
function runProgram(
  program: string,
  command: TransmitterCommand,
  print: (line: string) => void,
  { clock, signal, logFolder = null }: RunTools,
): Promise<number> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const env = childEnvironment({
      // The original's libraries lie beside it.
      ...(process.platform === 'win32' ? {} : { LD_LIBRARY_PATH: path.dirname(program) }),
      ...(logFolder === null ? {} : { RAYVISION_LOG: logFolder }),
    });
    const child = spawn(program, commandWords(command), { env, stdio: 'pipe' });
    const outputs = [child.stdout, child.stderr].map((output) => {
      const lines = new LineSplitter(print);
      output.on('data', (chunk: Buffer) => lines.take(chunk));
      return lines;
    });
    let cancelKill = () => {};
    const stop = () => {
      child.kill();
      cancelKill = clock.after(GRACE_MS, () => {
        child.kill('SIGKILL');
        // What it started itself may live on and hold these.
        child.stdout.destroy();
        child.stderr.destroy();
      });
    };
    signal.addEventListener('abort', stop, { once: true });
    const settle = () => {
      signal.removeEventListener('abort', stop);
      cancelKill();
      for (const lines of outputs) lines.end();
    };
    // It may end without having read.
    child.stdin.on('error', () => {});
    child.stdin.end('y\n');
    child.on('error', (cause) => {
      settle();
      const said = `${program} cannot be started: ${cause.message}`;
      reject(new RayvisionError(CLIENT_CODES.general, said, { cause }));
    });
    child.on('close', (code) => {
      settle();
      resolve(code ?? NO_CODE);
    });
  });
}

/** The longest line that is kept whole. */
const LONGEST_LINE_BYTES = 65_536;
const utf8 = new TextDecoder('utf-8', { fatal: true });
const gbk = new TextDecoder('gbk');

/** Bytes → lines. A program on a Chinese Windows may write GBK. */
class LineSplitter {
  #rest: Buffer = Buffer.alloc(0);
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  take(chunk: Buffer): void {
    let bytes = Buffer.concat([this.#rest, chunk]);
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10)) {
      this.#tell(bytes.subarray(0, at));
      bytes = bytes.subarray(at + 1);
    }
    this.#rest = bytes.subarray(0, LONGEST_LINE_BYTES);
  }

  end(): void {
    this.#tell(this.#rest);
    this.#rest = Buffer.alloc(0);
  }

  #tell(bytes: Buffer): void {
    const line = decoded(bytes).trim();
    if (line !== '') this.#print(line);
  }
}

function decoded(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return gbk.decode(bytes);
  }
}
