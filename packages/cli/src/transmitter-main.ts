/**
 * `rayvision_transmitter`: what the Renderbus SDK starts to move files. `croft transmitter DIR` installs a launcher for
 * it. Whatever happens in here, the process ends with an exit code that the SDK knows (`TRANSMIT_EXIT`).
 */
import { enableCompileCache } from 'node:module';
import { coerceError, systemClock } from '@croft/contract';
import { processEnvironment } from './environment.ts';
import { readTransmitterConfig, trustBundle } from './transmitter-config.ts';
import { levelOf, type TransmitterLog, transmitterLog } from './transmitter-log.ts';

enableCompileCache();
/** TRANSMIT_EXIT.again; known before anything else is loaded. */
const AGAIN = 1;
const LINES_AT_ONCE = 500;
process.on('uncaughtException', endBadly);
process.on('unhandledRejection', endBadly);
// Whoever read the lines is gone, and with it the SDK that waited for the end.
process.stdout.on('error', () => process.exit(AGAIN));

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (interrupted.signal.aborted) process.exit(AGAIN);
    interrupted.abort(new Error(`interrupted by ${name}`));
  });
}
// The clock's timers never keep a process alive; this run does.
const alive = setInterval(() => {}, 0x7fffffff);
process.exitCode = await main(process.argv.slice(2)).catch(endBadly);
clearInterval(alive);

async function main(argv: readonly string[]): Promise<number> {
  const environment = processEnvironment();
  const config = readTransmitterConfig(environment);
  const print = await printerOf(transmitterLog(environment, process.cwd()));
  if (config.caFile !== null) {
    try {
      trustBundle(config.caFile);
    } catch (thrown) {
      print(`warning: the certificates of ${config.caFile} are not used: ${coerceError(thrown).message}`);
    }
  }
  const [{ transmit }, { VERSION }] = await Promise.all([
    import('@croft/sdk/transmit'),
    import('./version.ts'),
  ]);
  return transmit(argv, {
    ...config,
    version: VERSION,
    print,
    clock: systemClock,
    signal: interrupted.signal,
  });
}

/** Lines go to stdout, and to the log file where there is one that can be written. */
async function printerOf(place: TransmitterLog | null): Promise<(line: string) => void> {
  const toStdout = gatheredLines();
  if (place === null) return toStdout;
  try {
    const { openFileLog } = await import('./file-log.ts');
    const log = openFileLog({ ...place, clock: systemClock, onWarning: () => {} });
    return (line) => {
      toStdout(line);
      log[levelOf(line)]({}, line);
    };
  } catch {
    return toStdout;
  }
}

/** Lines of one turn go out together: a write for each of 100,000 files would cost more than looking at the files. */
function gatheredLines(): (line: string) => void {
  let lines: string[] = [];
  const write = () => {
    if (lines.length === 0) return;
    const text = `${lines.join('\n')}\n`;
    lines = [];
    process.stdout.write(text);
  };
  process.on('exit', write);
  return (line) => {
    if (lines.push(line) === 1) setImmediate(write);
    if (lines.length >= LINES_AT_ONCE) write();
  };
}

function endBadly(thrown: unknown): never {
  process.stderr.write(`error: ${coerceError(thrown).stack}\n`);
  process.exit(AGAIN);
}
