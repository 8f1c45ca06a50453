import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { atEnd, temporaryFolder } from './support/croft.ts';
import { startFarm } from './support/farm.ts';
import { filesBelow } from './support/pixels.ts';
import { describeWith, projectRoot } from './support/tools.ts';

const SDK = 'rayvision_api==3.0.4.3';

/** A virtual environment with the pinned SDK, made once and kept beside the other caches. */
function pythonWithSdk(): string {
  const folder = join(projectRoot, 'node_modules', '.cache', 'croft', SDK.replace('==', '-'));
  const python = join(folder, 'bin', 'python');
  const done = join(folder, 'installed');
  if (existsSync(done)) return python;
  mkdirSync(folder, { recursive: true });
  // Debian's own Python, also where another one comes first on PATH.
  const base = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  for (const [file, ...args] of [
    [base, '-m', 'venv', '--clear', folder],
    [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', SDK],
  ] as [string, ...string[]][]) {
    const run = spawnSync(file, args, { encoding: 'utf8', timeout: 300_000 });
    if (run.status !== 0) throw new Error(`${file} ${args.join(' ')} failed:\n${run.stdout}${run.stderr}`);
  }
  writeFileSync(done, SDK);
  return python;
}

describeWith(['blender', 'python'], `the real Python SDK (${SDK})`, () => {
  let python: string;
  beforeAll(() => {
    python = pythonWithSdk();
  }, 400_000);

  it("logs in, checks Croft's analysis, submits and sees the frames rendered, unmodified", async () => {
    const folder = temporaryFolder();
    makeScene(
      folder,
      `picture(os.path.join(FOLDER, 'scene', 'textures', 'red.png'), (1, .1, .1))
animate(card('Card', glowing('Red', os.path.join(FOLDER, 'scene', 'textures', 'red.png')), size=2))
scene.frame_end = 3
save(os.path.join(FOLDER, 'scene', 'shot.blend'))`,
    );
    const farm = await startFarm();
    const files = join(folder, 'cfg');
    await farm.json('analyse', join(folder, 'scene', 'shot.blend'), '--out', files, '--project', 'Interop');
    const key = await farm.json<{ accessId: string; accessKey: string }>(
      'keys',
      'create',
      '--home',
      farm.home,
    );

    const script = join(import.meta.dirname, 'python', 'sdk_demo.py');
    const child = spawn(python, [script, new URL(farm.url).host, key.accessId, key.accessKey, files], {
      env: { ...process.env, HOME: folder, PYTHONWARNINGS: 'ignore' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    atEnd(() => void child.kill('SIGKILL'));
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (step: string) => {
      const { value, done } = await lines.next();
      if (done) throw new Error(`the SDK ended before "${step}":\n${stderr.slice(-4000)}`);
      const said = JSON.parse(value) as Record<string, unknown> & { step: string };
      expect(said.step).toBe(step);
      return said;
    };

    const login = await next('login');
    expect(login.user_info).toMatchObject({
      config_bid: expect.stringMatching(/^[1-9]\d{17}$/),
      user_id: expect.any(Number),
    });
    const check = await next('check');
    expect(check.task_info).toMatchObject({
      task_id: String(check.task_id),
      cg_id: '2007',
      project_id: expect.stringMatching(/^[1-9]\d*$/),
    });
    await next('config');
    await farm.json('upload', join(files, 'upload.json'));
    child.stdin.write('go on\n');
    expect((await next('submit')).answer).toBe(true);
    expect(await next('ended')).toMatchObject({ status: 25, statusText: 'render_task_status_25', frames: 3 });
    expect(await next('lists')).toMatchObject({ tasks: 1, totals: { doneFramesTotal: 3, totalFrames: 3 } });

    const output = join(folder, 'out');
    await farm.json('download', String(check.task_id), '--output', output);
    expect(filesBelow(output).filter((file) => file.endsWith('.png'))).toHaveLength(3);
  });
});
