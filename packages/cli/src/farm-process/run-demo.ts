/** The demo: an embedded farm and the example scene, through every phase. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { farmSession, type RenderOutcome, renderScene } from '@croft/sdk';
import type { CommandContext } from '../context.ts';
import { cliErrors } from '../errors.ts';
import { exitOf, outcomeText } from '../followed.ts';
import { formatDuration } from '../format.ts';
import { type RunningFarm, startFarmHere } from './run-farm.ts';
import { whenAborted } from './when-aborted.ts';

const SCENE = path.join(import.meta.dirname, '..', '..', '..', '..', 'examples', 'demo', 'croft.blend');

export interface DemoOptions {
  /** null for a temporary home, removed afterwards. */
  readonly home: string | null;
  readonly frames: string | undefined;
  readonly output: string | undefined;
  readonly keep: boolean;
}

export async function runDemo(context: CommandContext, options: DemoOptions): Promise<number> {
  const { clock, printer, signal } = context;
  if (!existsSync(SCENE)) {
    throw cliErrors.CLI_SAMPLE_MISSING('the example scene examples/demo/croft.blend is missing', {
      hint: 'Run the demo from a checkout of Croft.',
    });
  }
  const startedAt = clock.now();
  printer.note('starting a farm on this machine');
  const farm = await startFarmHere(context, {
    home: options.home ?? (await temporaryHome(context)),
    host: undefined,
    port: 0,
    tls: null,
    publicHosts: [],
    node: { name: undefined, slots: undefined },
  });
  const farmMs = clock.now() - startedAt;
  const session = farmSession(farm, { signal });
  context.atEnd(() => session.close());
  const output = path.resolve(options.output ?? (await mkdtemp(path.join(tmpdir(), 'croft-demo-frames-'))));
  const outcome = await renderScene(session, SCENE, {
    ...(options.frames === undefined ? {} : { frames: options.frames }),
    outputFolder: output,
    signal,
    onEvent: (event) => printer.progress(event),
  });
  const totalMs = clock.now() - startedAt;
  const link = options.keep ? await farm.signInUrl() : null;
  printer.result({ ...outcome, farmMs, totalMs, url: options.keep ? farm.url : null, signInUrl: link }, () =>
    demoText(outcome, farm, { farmMs, totalMs, link }),
  );
  if (options.keep) await whenAborted(signal);
  return exitOf(outcome);
}

async function temporaryHome(context: CommandContext): Promise<string> {
  const home = await mkdtemp(path.join(tmpdir(), 'croft-demo-'));
  context.atEnd(() => rm(home, { recursive: true, force: true }));
  return home;
}

function demoText(
  outcome: RenderOutcome,
  farm: RunningFarm,
  { farmMs, totalMs, link }: { farmMs: number; totalMs: number; link: string | null },
): string {
  const lines = [
    outcomeText(outcome),
    `start of the farm ${formatDuration(farmMs)}, all ${formatDuration(totalMs)}`,
  ];
  if (link !== null) lines.push(`the farm runs on at ${farm.url}; sign in once with ${link}; Ctrl-C ends it`);
  return lines.join('\n');
}
