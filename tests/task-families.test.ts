/** A layered Blender scene as tasks of its own, clones, labels and limits, on a real farm. */
import { join } from 'node:path';
import { silentLog, type TaskDetail } from '@croft/contract';
import { analyseScene, checkTask, farmSession, RayvisionAPI, uploadTask, writeTaskFiles } from '@croft/sdk';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { temporaryFolder } from './support/croft.ts';
import { startFarm, type TestFarm } from './support/farm.ts';
import { filesBelow } from './support/pixels.ts';
import { describeWith } from './support/tools.ts';

type Json = Record<string, unknown>;

/** A red card on one view layer, a blue one on the other. */
const LAYERED = `
def on_layer(name, color):
    collection = bpy.data.collections.new(name)
    scene.collection.children.link(collection)
    made = card(name, glowing(name, None, color), size=9)
    for each in list(made.users_collection):
        each.objects.unlink(made)
    collection.objects.link(made)
on_layer('Red', (1, 0, 0))
on_layer('Blue', (0, 0, 1))
first = scene.view_layers[0]
first.name = 'Red'
second = scene.view_layers.new('Blue')
first.layer_collection.children['Blue'].exclude = True
second.layer_collection.children['Red'].exclude = True
scene.frame_end = 2
save(os.path.join(FOLDER, 'layers.blend'))`;

async function apiOf(farm: TestFarm): Promise<RayvisionAPI> {
  const key = await farm.json<{ accessId: string; accessKey: string }>('keys', 'create', '--home', farm.home);
  const domain = new URL(farm.url).host;
  return new RayvisionAPI({
    ...key,
    domain,
    protocol: 'http',
    platform: '2',
    generation: 2,
    logger: silentLog,
  });
}

describeWith(['blender'], 'tasks that are made of others', () => {
  let folder: string;
  let farm: TestFarm;
  beforeAll(async () => {
    folder = temporaryFolder();
    makeScene(folder, LAYERED);
    farm = await startFarm();
  });

  it('render each view layer as a task of its own, and all of them are fetched into folders of their own', async () => {
    const scene = join(folder, 'layers.blend');
    const output = join(folder, 'out');
    const { taskId } = await farm.json<{ taskId: number }>(
      'render',
      scene,
      '--layers',
      '--label',
      'night',
      '--output',
      output,
    );
    const task = await farm.json<TaskDetail>('task', String(taskId));
    expect(task).toMatchObject({ status: 25, taskType: '', frames: { total: 4, done: 4 } });
    const files = filesBelow(output).filter((file) => file.endsWith('.png'));
    expect(files).toHaveLength(4);
    const seen = new Map<string, number[]>();
    for (const childId of task.childIds) {
      const child = await farm.json<TaskDetail>('task', String(childId));
      const file = files.find((name) => name.includes(child.outputName!))!;
      const { channels } = await sharp(join(output, file)).stats();
      seen.set(
        child.layerName,
        channels.map(({ mean }) => mean),
      );
    }
    expect(seen.get('Red')![0]).toBeGreaterThan(seen.get('Red')![2]! + 100);
    expect(seen.get('Blue')![2]).toBeGreaterThan(seen.get('Blue')![0]! + 100);

    const api = await apiOf(farm);
    const [info] = (await api.query.taskInfo([taskId])).items as Json[];
    expect(info).toMatchObject({
      isOpen: 1,
      outputFileName: null,
      taskType: '',
      totalFrames: 4,
      doneFrames: 4,
    });
    const children = info!.respRenderingTaskList as Json[];
    expect(children.map(({ layerName, layerParentId }) => [layerName, layerParentId])).toEqual([
      ['Red', taskId],
      ['Blue', taskId],
    ]);
    expect(JSON.parse(String(info!.labels))).toEqual({ 1: 'night' });
    expect(children[0]).toMatchObject({ isOpen: 0, respRenderingTaskList: [], taskType: 'Render' });
    const tagged = await farm.json<{ items: TaskDetail[] }>('tasks', '--label', 'night');
    expect(tagged.items.map(({ id }) => id)).toEqual([taskId]);

    const clone = await farm.json<TaskDetail>('clone', String(taskId), '--frames', '2');
    expect(clone).toMatchObject({ clonedFrom: taskId, framesRange: '2' });
    await farm.json('download', String(clone.id), '--output', join(folder, 'clone'));
    expect(filesBelow(join(folder, 'clone')).filter((file) => file.endsWith('.png'))).toHaveLength(2);
    const tagging = ['tag', String(clone.id), '--add', 'day', '--remove', 'night'];
    expect(await farm.json(...tagging)).toEqual([{ taskId: clone.id, labels: ['day'] }]);
    await farm.json('level', '60', String(clone.id));
    expect(await farm.json('full-speed', String(clone.id))).toMatchObject({ unchanged: [clone.id] });
    expect(await farm.json('task', String(clone.id))).toMatchObject({ status: 25, level: 60 });
    for (const nobody of [
      ['limit', '999', '--nodes', '1'],
      ['clone', '999'],
      ['level', '1', '999'],
    ])
      expect(await farm.run(...nobody)).toMatchObject({ code: 8 });
    expect(await farm.run('tag', String(clone.id))).toMatchObject({ code: 2 });
    await farm.json('limit', String(clone.id), '--nodes', '2', '--stop-after', '3600');
    expect(await farm.json('task', String(clone.id))).toMatchObject({ nodeLimit: 2, overTimeStopSec: 3600 });
  });

  it('an isolated task renders from its own folder', async () => {
    const key = await farm.json<{ accessId: string; accessKey: string }>(
      'keys',
      'create',
      '--home',
      farm.home,
    );
    const session = farmSession({ url: farm.url, ...key });
    try {
      const { analysis } = await analyseScene(join(folder, 'layers.blend'), { frames: '1' });
      const checked = await checkTask(session.api, analysis);
      const written = await writeTaskFiles(join(folder, 'isolated'), checked.files);
      await uploadTask(session.mover, checked.taskId, written, analysis.upload, {});
      const wish = { taskId: checked.taskId, assetIsolationModel: 'out_user_model', outUserId: '12345' };
      await session.api.client.call('/api/render/task/submitTask', wish);
      const id = String(checked.taskId);
      await farm.json('download', id, '--output', join(folder, 'isolated-out'));
      expect(await farm.json('task', id)).toMatchObject({ status: 25, frames: { done: 1 } });
    } finally {
      await session.close();
    }
  });
});
