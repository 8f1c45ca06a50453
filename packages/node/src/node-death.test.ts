/** A node that dies by `kill -9`: nothing it started lives on, and nothing it had finished is lost. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { layoutOf } from './home/home-layout.ts';
import { OWNER_VARIABLE, ownerMarkOf } from './process/leftovers.ts';
import { pidsWithVariable } from './process/process-facts.ts';
import { CODE, framesFrom, TestFarm } from './testing/test-farm.ts';

const program = fileURLToPath(new URL('./testing/node-process.ts', import.meta.url));
let folder: string;
let farm: TestFarm;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'croft-node-'));
  await mkdir(join(folder, 'inputs'));
  farm = new TestFarm();
  await farm.open();
});
afterEach(async () => {
  for (const child of children.splice(0)) await killed(child);
  for (const pid of apps()) process.kill(pid, 'SIGKILL');
  await farm.close();
  await rm(folder, { recursive: true, force: true });
});

test.runIf(process.platform === 'linux')(
  'a new start ends the app that the dead node left, and tells exactly what was not accepted',
  async () => {
    // The fake app does not read its stdin while it hangs, so it really outlives its node.
    await writeFile(join(folder, 'inputs', 'scene.txt'), 'hang@1003');
    const first = startProcess();
    await untilHello(1);
    farm.accepts = true;
    farm.send({ type: 'run', order: farm.order({ frames: framesFrom(1, 4) }) });
    await farm.until(() => farm.reports().find((one) => one.kind === 'frame-done' && one.frameId === 1001));
    farm.accepts = false;
    await farm.until(() =>
      farm.reports().find((one) => one.kind === 'frame-started' && one.frameId === 1003),
    );
    await farm.until(() => farm.reports().find((one) => one.kind === 'frame-done' && one.frameId === 1002));
    const heardBefore = farm.heard.length;
    await killed(first);
    expect(apps()).not.toEqual([]);

    farm.accepts = true;
    startProcess();
    await farm.untilReport('attempt-ended');
    expect(apps()).toEqual([]);
    const heard = farm.heard.slice(heardBefore);
    expect(heard.find((one) => one.type === 'hello')).toMatchObject({ liveAttempts: [1] });
    const told = heard.flatMap((one) => (one.type === 'report' ? one.report : []));
    const unaccepted = told.map((one) => [one.kind, 'frameId' in one ? one.frameId : null]);
    expect(unaccepted.at(-1)).toEqual(['attempt-ended', null]);
    expect(unaccepted).toContainEqual(['frame-done', 1002]);
    expect(unaccepted).not.toContainEqual(['frame-done', 1001]);
    expect(told.filter((one) => one.kind === 'frame-failed')).toEqual([]);
  },
);

test('losing its parent, a node that was started with a channel to it stops', async () => {
  await writeFile(join(folder, 'inputs', 'scene.txt'), 'good');
  const child = startProcess('ipc');
  await untilHello(1);
  child.disconnect();
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
});

function startProcess(channel: 'ipc' | 'ignore' = 'ignore'): ChildProcess {
  const args = [program, join(folder, 'home'), farm.url, CODE, join(folder, 'inputs')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', channel] });
  children.push(child);
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

function untilHello(count: number): Promise<true> {
  return farm.until((heard) =>
    heard.filter((one) => one.type === 'hello').length >= count ? true : undefined,
  );
}

function apps(): number[] {
  return pidsWithVariable(OWNER_VARIABLE, ownerMarkOf(layoutOf(join(folder, 'home'))));
}
