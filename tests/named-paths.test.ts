/** Every path that the API names opens what it promises, on a real farm: pictures decode, pages can be read in a browser. */
import { join } from 'node:path';
import { silentLog } from '@croft/contract';
import { RayvisionAPI } from '@croft/sdk';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { startChromium, visit } from './support/browser.ts';
import { temporaryFolder } from './support/croft.ts';
import { startFarm, startServer, type TestFarm } from './support/farm.ts';
import { describeWith } from './support/tools.ts';

type Json = Record<string, unknown>;

const WHITE_CARD = `card('Card', glowing('White'), size=2)
scene.render.resolution_x, scene.render.resolution_y = 320, 240`;

async function signedIn(farm: TestFarm, generation: 1 | 2): Promise<RayvisionAPI> {
  const key = await farm.json<{ accessId: string; accessKey: string }>('keys', 'create', '--home', farm.home);
  const domain = new URL(farm.url).host;
  return new RayvisionAPI({ ...key, domain, protocol: 'http', platform: '2', generation, logger: silentLog });
}

function sceneIn(folder: string, frames = 2): string {
  makeScene(folder, `${WHITE_CARD}\nscene.frame_end = ${frames}\nsave(os.path.join(FOLDER, 'scene.blend'))`);
  return join(folder, 'scene.blend');
}

/** Fetches a named path without any sign-in and decodes it. */
async function pictureAt(farm: TestFarm, path: unknown) {
  const response = await fetch(new URL(String(path), farm.url));
  expect([path, response.status]).toEqual([path, 200]);
  expect(response.headers.get('content-type')).toMatch(/^image\//);
  const bytes = Buffer.from(await response.arrayBuffer());
  const head = await fetch(new URL(String(path), farm.url), { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
  return sharp(bytes).metadata();
}

/** Enough that some are left when the task is stopped at once. */
const FRAMES = 10;

const grabsOf = (progress: Json) => (progress.grabInfo as Json[][]).flat();

describeWith(['blender'], 'pictures that the API names', () => {
  let farm: TestFarm;
  beforeAll(async () => {
    farm = await startFarm();
  });

  it('open: neutral ones before a frame is done, its own afterwards, on both generations of the paths', async () => {
    const scene = sceneIn(temporaryFolder(), FRAMES);
    const { taskId } = await farm.json<{ taskId: number }>('render', scene, '--detach');
    await farm.json('stop', String(taskId));
    const before = await (await signedIn(farm, 2)).query.getTaskProcessingImg(taskId);
    expect(before).toMatchObject({ currentTaskType: 'Render', isRenderPhoton: false });
    expect(grabsOf(before)).toHaveLength(FRAMES);
    const unfinished = grabsOf(before).filter(({ frameStatus }) => frameStatus !== '4');
    expect(unfinished.length).toBeGreaterThan(0);
    for (const { grabUrl } of unfinished.slice(0, 3))
      expect(await pictureAt(farm, grabUrl)).toMatchObject({ format: 'png', width: 320, height: 180 });

    await farm.json('start', String(taskId));
    await farm.json('download', String(taskId), '--output', join(temporaryFolder(), 'out'));
    for (const generation of [1, 2] as const) {
      const { query } = await signedIn(farm, generation);
      const progress = await query.getTaskProcessingImg(taskId, 5);
      expect(progress).toMatchObject({ width: 320, height: 240, block: 1 });
      expect(progress.completedTime).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
      expect(progress.endTime).toBe(progress.completedTime);
      expect(String(progress.sceneName)).toContain('scene.blend');
      expect(grabsOf(progress)).toHaveLength(FRAMES);
      for (const grab of grabsOf(progress)) {
        expect(grab).toMatchObject({
          frameStatus: '4',
          framePercent: '100',
          frameEst: '0',
          frameBlock: null,
        });
        for (const [name, value] of Object.entries(grab))
          if (name !== 'frameBlock') expect([name, typeof value]).toEqual([name, 'string']);
        const { width = 0, height = 0 } = await pictureAt(farm, grab.grabUrl);
        expect(width / height).toBeCloseTo(4 / 3, 1);
      }
      for (const frame of (await query.getAllFrames(taskId)).slice(0, 3)) {
        const thumbnails = await query.getFrameThumbnall(Number(frame.id));
        expect(thumbnails.length).toBeGreaterThan(0);
        for (const path of thumbnails) await pictureAt(farm, path);
        expect(await query.getFrameThumbnall(Number(frame.id), 1)).toEqual([]);
      }
      const { renderInfoList } = (await query.supportedSoftware()) as { renderInfoList: Json[] };
      for (const { iconPath } of renderInfoList) if (iconPath) await pictureAt(farm, iconPath);
    }
  });

  it('lie beside output folders whose every field is there, and logs whose pages make up the whole', async () => {
    const scene = sceneIn(temporaryFolder());
    const out = join(temporaryFolder(), 'out');
    const { taskId } = await farm.json<{ taskId: number }>('render', scene, '--output', out);
    const api = await signedIn(farm, 2);

    const [folder] = await api.transmit.getOutputFiles({ taskId });
    expect(folder).toEqual({
      fileName: `${taskId}_scene`,
      fileSize: null,
      iconPath: null,
      lastModify: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      fileType: null,
      filePath: `/${taskId}_scene`,
      directory: true,
      isArrears: 0,
    });
    expect(await api.transmit.getOutputFiles({ treePath: '/' })).toContainEqual(folder);
    const files = await api.transmit.getOutputFiles({ treePath: String(folder!.filePath) });
    expect(files.filter(({ fileType }) => fileType === 'png')).toHaveLength(2);
    for (const file of files) {
      expect(file.filePath).toBe(`/${taskId}_scene/${file.fileName}`);
      if (file.directory !== true) expect(file.fileSize).toBeGreaterThan(0);
    }

    const [frame] = await api.query.getAllFrames(taskId);
    const { text } = await farm.json<{ text: string }>('logs', String(taskId), '--frame', '1');
    const first = await api.query.getRenderLog(Number(frame!.id), { pageNum: 0 });
    expect(first).toMatchObject({ size: 16384, pageNum: 0, total: Buffer.byteLength(text) });
    let pages = '';
    for (let pageNum = 0; pageNum < Number(first.pageCount); pageNum++) {
      const { items } = await api.query.getRenderLog(Number(frame!.id), { pageNum });
      pages += (items as string[]).join('\n');
    }
    expect(pages).toBe(text.replaceAll('\r\n', '\n'));
    expect(await api.query.getRenderLog()).toMatchObject({ total: 0, pageCount: 0, items: [] });
  });
});

describeWith(['chromium'], 'pages that the API names', () => {
  it('explain an analysis code in both languages, the asked one first, on a wide screen and a phone', async () => {
    const farm = await startServer();
    const { page, complaints, foreign } = await visit(await startChromium(), farm.url);
    const { query } = await signedIn(farm, 2);
    for (const language of ['0', '1'] as const) {
      const [missing, unknown] = await query.errorDetail(['10012', '424242'], language);
      for (const viewport of [
        { width: 1280, height: 900 },
        { width: 360, height: 740 },
      ]) {
        await page.setViewportSize(viewport);
        const opened = await page.goto(new URL(String(missing!.solutionPath), farm.url).href);
        expect(opened?.status()).toBe(200);
        const sections = page.locator('section');
        expect(await sections.count()).toBe(2);
        const first = await sections.first().innerText();
        expect(first).toContain(String(missing!.desDescriptionCn));
        expect(first).toContain(String(missing!.desSolutionCn));
        // The style was let through: the column is narrower than the screen, and nothing sticks out of it.
        const widths = () => page.evaluate(() => [document.body.scrollWidth, document.body.clientWidth]);
        const [content, column] = await widths();
        expect(content).toBeLessThanOrEqual(column!);
        expect(column).toBeLessThanOrEqual(704);
      }
      await page.getByRole('link').click();
      await page.locator('li').first().waitFor();
      expect(await page.locator('li').count()).toBeGreaterThan(90);
      const other = await page.goto(new URL(String(unknown!.solutionPath), farm.url).href);
      expect(other?.status()).toBe(200);
    }
    expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
    expect(foreign).toEqual([]);
  });
});
