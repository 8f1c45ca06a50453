/**
 * A farm whose operator declares plug-ins, hardware, platforms and a package of nodes in catalogue.json, seen and used by
 * the real Python SDK, unmodified; and the same through the command line.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { eventually, temporaryFolder } from './support/croft.ts';
import { startFarm } from './support/farm.ts';
import { sdkSet, startPython } from './support/python-sdk.ts';
import { describeWith } from './support/tools.ts';

const DECLARED = {
  platforms: [
    { id: 2, name: 'query_platform_w2' },
    { id: 21, type: 'gpu', nodes: ['gpu-*'] },
  ],
  apps: [{ cgId: 2007, plugins: [{ name: 'Scatter', versions: ['5.1'] }] }],
  hardware: [
    { id: 28, platform: 2, model: 'Studio', ramGb: 4 },
    { id: 29, platform: 2, model: 'NoBlender', ramGb: 4, notSupportCgIds: [2007] },
  ],
  packages: [{ id: 809, name: 'plan1', nodes: ['*'] }],
};

describeWith(['blender', 'python'], 'the catalogue of a farm', () => {
  const newest = sdkSet('newest');
  beforeAll(() => void newest.install(), 400_000);

  it('is what the real Python SDK sees, checks against and chooses from', async () => {
    const folder = temporaryFolder();
    makeScene(
      folder,
      `animate(card('Card', glowing('White'), size=2))
scene.frame_end = 1
save(os.path.join(FOLDER, 'scene', 'shot.blend'))`,
    );
    const home = join(folder, 'home');
    mkdirSync(home);
    const file = join(home, 'catalogue.json');
    writeFileSync(file, JSON.stringify(DECLARED));
    const farm = await startFarm(home);
    expect((await farm.run('catalogue', 'check')).stdout).toContain('is right');
    const files = join(folder, 'cfg');
    await farm.json('analyse', join(folder, 'scene', 'shot.blend'), '--out', files);
    await farm.json('upload', join(files, 'upload.json'));
    const written = JSON.parse(readFileSync(join(files, 'task.json'), 'utf8')).software_config.cg_version;
    const key = await farm.json<{ accessId: string; accessKey: string }>('keys', 'create', '--home', home);
    const args = [new URL(farm.url).host, key.accessId, key.accessKey, files];
    const script = startPython(newest.install(), 'catalogue_demo.py', args, folder);

    const software = await script.next('software');
    expect(software.software).toMatchObject({
      renderInfoList: [{ cgId: 2007, cgName: 'Blender', iconPath: '/files/icons/blender.svg' }],
    });
    expect((await fetch(`${farm.url}/files/icons/blender.svg`)).status).toBe(200);
    expect(software.versions).toContain(written);
    expect(software.plugins).toMatchObject([
      { pluginName: 'Scatter', pluginVersions: [{ pluginVersion: 'Scatter 5.1' }] },
    ]);
    expect(await script.next('platforms')).toMatchObject({
      platforms: [
        { platform: 2, type: 1, isShow: 1 },
        { platform: 21, type: 0, status: 0 },
      ],
      packages: [{ packNodeId: 809, packName: 'plan1' }],
    });
    expect(await script.next('environments')).toMatchObject({
      added: { editName: 'film' },
      listed: [{ editName: 'film', cgId: 2007, isDefault: 1, osName: 0, respUserPluginInfoVos: [] }],
      others: [],
    });
    expect(await script.next('custom hardware')).toMatchObject({
      error: null,
      task_info: { hardwareConfigIds: ['28'], ram: '4', edit_name: 'film', pack_node_id: '809' },
    });
    expect(await script.next('refused')).toMatchObject({
      unknown: expect.stringContaining('HardwareConfigIdError'),
      unfit_error: null,
    });
    expect(await script.next('submitted')).toMatchObject({
      status: 25,
      in_use: [28],
      unfit: expect.stringContaining('600'),
      nowhere: expect.stringContaining('404'),
    });
    expect((await script.next('deleted')).left).toEqual([]);
    expect(await script.ended).toBe(0);

    const scene = join(folder, 'scene', 'shot.blend');
    const output = join(folder, 'out');
    await farm.json('render', scene, '--platform', '2', '--hardware', '28', '--output', output);
    const { taskId } = await farm.json<{ taskId: number }>('render', scene, '--platform', '21', '--detach');
    const waits = async () =>
      (await farm.run('task', String(taskId))).stdout.includes('is not on platform 21');
    await eventually('a task of an empty pool says why it waits', waits);
    expect(await farm.run('render', scene, '--env', 'nosuch', '--detach')).toMatchObject({
      code: 8,
      stderr: expect.stringContaining('no render environment "nosuch"'),
    });

    writeFileSync(file, JSON.stringify({ ...DECLARED, plattforms: [] }));
    const wrong = await farm.run('catalogue', 'check');
    expect(wrong).toMatchObject({ code: 3, stderr: expect.stringContaining('plattforms') });
    const problem = async () =>
      (await farm.json<{ file: { problem: string | null } }>('catalogue')).file.problem;
    await eventually('the problem is told', async () => (await problem())?.includes('plattforms') ?? false);
    expect((await farm.run('platforms')).stdout).toMatch(/21 +query_platform_gpu +gpu +0\/0 +none/);
    writeFileSync(file, JSON.stringify({ hardwareFromNodes: false }));
    await eventually('the file is used', async () => (await problem()) === null);
    expect((await farm.run('catalogue')).stdout).not.toContain('Studio');
  });
});
