import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { temporaryFolder } from './support/croft.ts';
import { startFarm } from './support/farm.ts';
import { filesBelow } from './support/pixels.ts';
import { pythonWith, startPython } from './support/python-sdk.ts';
import { describeWith } from './support/tools.ts';

const SDK = 'rayvision_api==3.0.4.3';

describeWith(['blender', 'python'], `the real Python SDK (${SDK})`, () => {
  let python: string;
  beforeAll(() => {
    python = pythonWith(SDK);
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

    const domain = new URL(farm.url).host;
    const script = startPython(python, 'sdk_demo.py', [domain, key.accessId, key.accessKey, files], folder);
    const next = script.next;

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
    script.goOn();
    expect((await next('submit')).answer).toBe(true);
    expect(await next('ended')).toMatchObject({ status: 25, statusText: 'render_task_status_25', frames: 3 });
    expect(await next('lists')).toMatchObject({ tasks: 1, totals: { doneFramesTotal: 3, totalFrames: 3 } });

    const output = join(folder, 'out');
    await farm.json('download', String(check.task_id), '--output', output);
    expect(filesBelow(output).filter((file) => file.endsWith('.png'))).toHaveLength(3);
  });
});
