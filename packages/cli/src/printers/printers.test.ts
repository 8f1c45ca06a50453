import type { Clock } from '@croft/contract';
import { describe, expect, it } from 'vitest';
import { NdjsonPrinter } from './ndjson-printer.ts';
import { PlainPrinter } from './plain-printer.ts';
import type { Printer, Progress } from './printer.ts';
import { TtyPrinter } from './tty-printer.ts';

const clock: Clock = { now: () => 1_000_000, after: () => () => {} };
const HOSTILE = 'a\u001b]0;owned\u0007\u001b[2Jb\u009b31mc\rd\u202egnp.exe';

function sinks(columns = 400) {
  const written = { out: '', err: '' };
  const sink = (name: 'out' | 'err') => ({
    isTTY: true,
    columns,
    write(text: string) {
      written[name] += text;
    },
  });
  return { written, sinks: { out: sink('out'), err: sink('err') } };
}

function sayEverything(printer: Printer): void {
  const frames = { total: 3, waiting: 3, running: 0, done: 0, failed: 0, stopped: 0 };
  const progress: Progress[] = [
    { phase: 'check', state: 'created', taskId: 5, warnings: [HOSTILE] },
    { phase: 'render', state: 'frames', frames, msLeft: null, waitingFor: [HOSTILE] },
  ];
  for (const event of progress) printer.progress(event);
  printer.note(HOSTILE);
  printer.warn(HOSTILE);
  printer.stream(`${HOSTILE}\nsecond line\n`);
  printer.result({ name: HOSTILE }, () => `${HOSTILE}\nsecond line`);
  printer.error({ body: { code: 'X', message: HOSTILE, hint: HOSTILE }, stack: null });
  printer.close();
}

describe('words from outside', () => {
  it.each([
    ['tty', (to: ReturnType<typeof sinks>['sinks']) => new TtyPrinter(to, clock, false)],
    ['plain', (to: ReturnType<typeof sinks>['sinks']) => new PlainPrinter(to, clock)],
    ['ndjson', (to: ReturnType<typeof sinks>['sinks']) => new NdjsonPrinter(to)],
  ])('the %s printer lets nothing through that a terminal obeys', (_name, make) => {
    const { written, sinks: to } = sinks();
    sayEverything(make(to));
    const ownWords = written.err.replaceAll('\r\u001b[2K', '');
    for (const text of [written.out, ownWords]) {
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
    expect(written.out + ownWords).toContain('owned');
  });

  it('an error after the result makes no second line on stdout', () => {
    const { written, sinks: to } = sinks();
    const printer = new NdjsonPrinter(to);
    printer.result({ url: 'x' });
    printer.error({ body: { code: 'X', message: 'm' }, stack: null });
    expect(written.out.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(written.err)).toMatchObject({ message_type: 'error', error: { code: 'X' } });
  });
});

describe('a terminal', () => {
  const moving = (bytesDone: number): Progress => ({
    phase: 'upload',
    state: 'moving',
    filesDone: 1,
    filesTotal: 3,
    bytesDone,
    bytesTotal: 8_000_000,
    bytesPerSecond: 2_000_000,
    msLeft: 3000,
  });
  const shown = (event: Progress, columns?: number) => {
    const { written, sinks: to } = sinks(columns);
    new TtyPrinter(to, clock, false).progress(event);
    return written.err.replace('\r\u001b[2K', '');
  };

  it('shows a bar with rate and time left', () => {
    const rest = '1/3 files  2.0 MB of 8.0 MB  2.0 MB/s  3.0 s left';
    expect(shown(moving(2_000_000))).toBe(`upload  [======>                 ]  25%  ${rest}`);
    expect(shown(moving(8_000_000))).toContain(`[${'='.repeat(24)}] 100%`);
    // One that does not say how wide it is has 80 columns.
    expect(shown(moving(2_000_000), 0)).toBe(`upload  [===>         ]  25%  ${rest}`);
  });

  it('shows the figures alone where there is no room, and no more than fits', () => {
    expect(shown(moving(2_000_000), 60)).toBe('upload  1/3 files  2.0 MB of 8.0 MB  2.0 MB/s  3.0 s left');
    expect(shown(moving(2_000_000), 30)).toBe('upload  1/3 files  2.0 MB of ');
  });

  it('shows a bar of frames', () => {
    const frames = { total: 4, waiting: 1, running: 1, done: 2, failed: 0, stopped: 0 };
    const event: Progress = { phase: 'render', state: 'frames', frames, msLeft: null, waitingFor: [] };
    expect(shown(event)).toBe('render  [============>           ]  50%  2/4 frames  1 running');
  });
});
