/** The scripts of docs/python-sdk.md, run as they stand there: only the address is another one. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { temporaryFolder } from './support/croft.ts';
import { startFarm, type TestFarm } from './support/farm.ts';
import { filesBelow } from './support/pixels.ts';
import { copyAnalysis, runPython, SDK_SETS, type SdkSet, sdkSet } from './support/python-sdk.ts';
import { describeWith, projectRoot } from './support/tools.ts';

interface Key {
  accessId: string;
  accessKey: string;
}

const page = readFileSync(join(projectRoot, 'docs', 'python-sdk.md'), 'utf8');
const blocks = [...page.matchAll(/```python\n(.*?)```/gs)].map((match) => match[1]!);
const [analysed, newest, seed, oldest, withoutTransmitter] = blocks as [
  string,
  string,
  string,
  string,
  string,
];
const SCRIPTS = { newest, seed, oldest } as const;

describeWith(['blender', 'python'], 'docs/python-sdk.md', () => {
  let folder: string;
  let farm: TestFarm;
  let key: Key;
  let tls: { host: string; certificatePath: string };
  let made = 0;

  beforeAll(async () => {
    for (const set of SDK_SETS) if (set.isHere) set.install();
    folder = temporaryFolder();
    makeScene(
      folder,
      `animate(card('Card', glowing('White'), size=2))
scene.frame_end = 2
save(os.path.join(FOLDER, 'shot.blend'))`,
    );
    const started = await startFarm(join(folder, 'home'), '--tls-port', '0');
    farm = started;
    const ready = started.process.ready as { tlsUrl: string; certificatePath: string };
    tls = { host: new URL(ready.tlsUrl).host, certificatePath: ready.certificatePath };
    key = await farm.json<Key>('keys', 'create', '--home', farm.home, '--name', 'scripts');
    await farm.json('transmitter', join(folder, 'croft-transmitter'));
    await farm.json('analyse', join(folder, 'shot.blend'), '--out', join(folder, 'analysed'));
  }, 900_000);

  /** A folder of its own with the files of the page; gives the frames that the script fetched. */
  async function run(set: SdkSet, script: string, env: Record<string, string> = {}): Promise<string[]> {
    made += 1;
    const work = join(folder, `run-${made}`);
    mkdirSync(work);
    copyAnalysis(join(folder, 'analysed'), join(work, 'cfg'), 'Demo');
    writeFileSync(join(work, 'analysed.py'), analysed);
    writeFileSync(join(work, 'script.py'), script.replaceAll('127.0.0.1:8420', new URL(farm.url).host));
    const outcome = await runPython(set, work, 'script.py', {
      HOME: folder,
      CROFT_HOME: farm.home,
      CROFT_ACCESS_ID: key.accessId,
      CROFT_ACCESS_KEY: key.accessKey,
      ...env,
    });
    expect(outcome, outcome.stderr.slice(-3000)).toMatchObject({ code: 0 });
    return filesBelow(join(work, 'frames')).filter((file) => file.endsWith('.png'));
  }

  for (const set of SDK_SETS)
    it.skipIf(!set.isHere)(`the script for ${set.packages[0]}`, async () => {
      expect(await run(set, SCRIPTS[set.name])).toHaveLength(2);
    });

  it('the same over HTTPS', async () => {
    const script = newest
      .replace("domain='127.0.0.1:8420'", `domain='${tls.host}'`)
      .replace("protocol='http'", "protocol='https'");
    expect(await run(sdkSet('newest'), script, { REQUESTS_CA_BUNDLE: tls.certificatePath })).toHaveLength(2);
  });

  it('the lines without the transmitter', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const main = join(projectRoot, 'packages', 'cli', 'src', 'main.ts');
    writeFileSync(join(bin, 'croft'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`, {
      mode: 0o755,
    });
    const upTo = newest.slice(0, newest.indexOf('upload = RayvisionUpload'));
    const frames = await run(sdkSet('newest'), upTo + withoutTransmitter, {
      PATH: `${bin}:${process.env.PATH}`,
    });
    expect(frames).toHaveLength(2);
  });
});
