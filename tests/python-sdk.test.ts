/**
 * Every method of the real Python SDK against a running farm: three generations of the packages as they are on PyPI, over
 * HTTP and over HTTPS. What the SDK sends and reads is noted at its client, so that each reply can be judged.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { temporaryFolder } from './support/croft.ts';
import { startFarm, type TestFarm } from './support/farm.ts';
import { copyAnalysis, everyMethod, type MethodCall, SDK_SETS, type SdkSet } from './support/python-sdk.ts';
import { describeWith } from './support/tools.ts';

interface Key {
  accessId: string;
  accessKey: string;
}

describeWith(['blender', 'python'], 'every method of the real Python SDK', () => {
  let farm: TestFarm;
  let key: Key;
  let analysed: string;
  let transmitter: string;
  let tls: { host: string; certificatePath: string };

  beforeAll(async () => {
    for (const set of SDK_SETS) if (set.isHere) set.install();
    const folder = temporaryFolder();
    const scene = join(folder, 'scene', 'shot.blend');
    makeScene(
      folder,
      `picture(os.path.join(FOLDER, 'scene', 'textures', 'red.png'), (1, .1, .1))
animate(card('Card', glowing('Red', os.path.join(FOLDER, 'scene', 'textures', 'red.png')), size=2))
scene.frame_end = 2
save(os.path.join(FOLDER, 'scene', 'shot.blend'))`,
    );
    const started = await startFarm(join(folder, 'home'), '--tls-port', '0');
    farm = started;
    const ready = started.process.ready as { tlsUrl: string; certificatePath: string };
    tls = { host: new URL(ready.tlsUrl).host, certificatePath: ready.certificatePath };
    key = await farm.json<Key>('keys', 'create', '--home', farm.home);
    transmitter = (await farm.json<{ path: string }>('transmitter', join(folder, 'transmitter'))).path;
    analysed = join(folder, 'sent');
    await farm.json('analyse', scene, '--out', analysed, '--project', 'Interop');
    await farm.json('upload', join(analysed, 'upload.json'));
  }, 900_000);

  async function callEveryMethod(set: SdkSet, protocol: 'http' | 'https') {
    const folder = temporaryFolder();
    const files = join(folder, 'cfg');
    copyAnalysis(analysed, files, `Interop of ${set.name} over ${protocol}`);
    const domain = protocol === 'http' ? new URL(farm.url).host : tls.host;
    const told = await everyMethod(
      set,
      { args: [protocol, domain, key.accessId, key.accessKey, files], home: folder },
      {
        CROFT_SDK_QUICK: '1',
        CROFT_SDK_AT_PLAIN: new URL(farm.url).host,
        CROFT_TRANSMITTER: transmitter,
        ...(protocol === 'https' ? { REQUESTS_CA_BUNDLE: tls.certificatePath } : {}),
      },
    );
    const { task_info } = JSON.parse(readFileSync(join(files, 'task.json'), 'utf8'));
    return { ...told, taskInfo: task_info as Record<string, unknown> };
  }

  // Over TLS once: what differs there is the same in every generation.
  for (const [index, set] of SDK_SETS.entries())
    for (const protocol of index === 0 ? (['http', 'https'] as const) : (['http'] as const)) {
      const title = `${set.packages.join(', ')}, over ${protocol}`;
      it.skipIf(!set.isHere)(set.isHere ? title : `${title} (skipped: ${set.why})`, async () => {
        const { calls, methods, labels, taskInfo } = await callEveryMethod(set, protocol);
        expect(calls.flatMap(wrongWith)).toEqual([]);
        expect(methods.not_called).toEqual([]);
        expect(methods.number).toBeGreaterThan(30);
        if (labels) expect(labels).toMatchObject({ ids: [expect.any(Number)], left: [] });
        // What the real check wrote into the file that `croft analyse` made.
        expect(taskInfo).toMatchObject({ cg_id: '2007', project_id: expect.stringMatching(/^[1-9]\d*$/) });
        expect(String(taskInfo.task_id)).toMatch(/^[1-9]\d*$/);
        expect(String(taskInfo.user_id)).toMatch(/^[1-9]\d*$/);
        if (set.name === 'newest')
          expect(taskInfo.hardwareConfigIds).toEqual([expect.stringMatching(/^[1-9]\d*$/)]);
        const answers = new Map(calls.map(({ name, answer }) => [name, answer]));
        expect(answers.get('(first frame)')).toBe(40);
        expect(answers.get('(all frames)')).toBe(25);
        expect(answers.get('submit')).toBe(true);
        const judged = calls.filter(({ expected }) => expected === 'judged').map(({ error }) => error);
        expect(judged.length).toBe(set.name === 'newest' ? 3 : 1);
        expect(judged[0]).toContain('There are 1 errors');
        expect(answers.get('check_and_add_project_name')).toMatch(/^[1-9]\d*$/);
        expect(answers.get('check_and_add_project_name (again)')).toBe(
          answers.get('check_and_add_project_name'),
        );
        expect(answers.get('query.get_frame_thumbnall')).toMatchObject({ first: expect.any(String) });
      });
    }
});

/** What is wrong with a call: one line each, nothing for a good one. */
function wrongWith(call: MethodCall): string[] {
  const { name, error, expected, exchanges } = call;
  const about = exchanges.map(({ url, body }) => `${new URL(url).pathname} ${body.slice(0, 200)}`).at(-1);
  const wrong: string[] = [];
  if (error !== null && expected === null) {
    const reply = exchanges.at(-1)?.reply;
    wrong.push(`${name}: ${error} ${reply?.detail ?? ''} (${about})`);
  }
  if (expected === 'client' && exchanges.length > 0) wrong.push(`${name}: was sent (${about})`);
  if (expected === 'judged' || (expected === null && error === null))
    for (const { reply } of exchanges)
      if (reply?.code !== 200) wrong.push(`${name}: code ${reply?.code} ${reply?.detail} (${about})`);
  for (const { looked, status } of exchanges) {
    if (status !== 200) wrong.push(`${name}: HTTP ${status}`);
    for (const [at, isThere] of Object.entries(looked))
      if (!isThere) wrong.push(`${name}: the reply has no ${at} (${about})`);
  }
  return wrong;
}
