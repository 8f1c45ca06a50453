/** The web page as an artist's browser sees it, on a real farm. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { startChromium, visit } from './support/browser.ts';
import { eventually, temporaryFolder } from './support/croft.ts';
import { type ServerFarm, startFarm, startServer, type TestFarm } from './support/farm.ts';
import { describeWith } from './support/tools.ts';

const PHONE = { width: 360, height: 740 };

let farm: ServerFarm;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** A test that expects some complaints empties the list. */
let complaints: string[];
let foreign: string[];

async function open(on: ServerFarm): Promise<void> {
  farm = on;
  ({ context, page, complaints, foreign } = await visit(browser, farm.url));
}

const signInUrl = () => String(farm.process.ready.signInUrl);

/** Renders a scene on the farm without waiting for it. */
async function submit(on: TestFarm, scene: string, ...more: string[]): Promise<number> {
  return (await on.json<{ taskId: number }>('render', scene, '--detach', ...more)).taskId;
}

/** Frames that take about as long as the page needs to show that it follows. */
function sceneOf(folder: string, script: string): string {
  makeScene(folder, `${script}\nsave(os.path.join(FOLDER, 'scene.blend'))`);
  return join(folder, 'scene.blend');
}

/** At the end of each test; not a hook, as one that fails would keep the hook that ends the farm from running. */
function expectNoComplaints(): void {
  expect(complaints).toEqual([]);
  expect(foreign).toEqual([]);
}

const row = (taskId: number) => page.locator(`[data-task="${taskId}"]`);
const doneOf = async (taskId: number) =>
  Number(await row(taskId).locator('[role=progressbar]').getAttribute('aria-valuenow'));
const loaded = (selector: string) =>
  page
    .locator(selector)
    .evaluateAll((images) => images.filter((i) => (i as HTMLImageElement).naturalWidth > 0).length);
/** Every title that the tab has from now on, however short. */
const noteTitles = () =>
  page.evaluate(() => {
    const titles: string[] = [];
    Object.assign(window, { titles });
    new MutationObserver(() => titles.push(document.title)).observe(document.head, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
const notedTitles = () => page.evaluate(() => (window as unknown as { titles: string[] }).titles);
const hasSidewaysScroll = () =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

describeWith(['blender', 'chromium'], 'the web page', () => {
  beforeAll(async () => {
    browser = await startChromium();
  });

  it('follows a task from its submission to its files, without a reload', async () => {
    await open(await startFarm());
    const scene = sceneOf(
      temporaryFolder(),
      `card('Card', glowing('Glow', colour=(1, .5, 0)), size=2)
scene.cycles.samples = 16
scene.render.resolution_x, scene.render.resolution_y = 400, 300
scene.frame_end = 6`,
    );
    await page.goto(signInUrl());
    await page.getByText('No tasks yet.').waitFor();
    expect(page.url()).not.toContain('code=');
    const loads = await page.evaluate(() => performance.getEntriesByType('navigation').length);

    await noteTitles();
    const taskId = await submit(farm, scene);
    await row(taskId).waitFor();
    await eventually('some frames are done', async () => (await doneOf(taskId)) > 0);
    await row(taskId).getByRole('link').click();
    await page.getByRole('heading', { name: 'scene.blend' }).waitFor();
    const states = () =>
      page.locator('.frame').evaluateAll((tiles) => tiles.map((tile) => (tile as HTMLElement).dataset.state));
    expect(await states()).toHaveLength(6);
    await page.locator('.state.is-done').waitFor();
    expect(await states()).toEqual(Array(6).fill('done'));
    await eventually('all thumbnails are loaded', async () => (await loaded('.frame img')) === 6);
    // A tab in the background told how far it was.
    const titles = await notedTitles();
    expect(titles.filter((title) => /^\d+ % · (Tasks|scene\.blend) – Croft$/.test(title))).not.toEqual([]);
    expect(titles.at(-1)).toBe('Done · scene.blend – Croft');
    const colour = (state: string) =>
      page
        .locator(`.frame[data-state=${state}]`)
        .first()
        .evaluate((tile) => getComputedStyle(tile).borderTopColor);
    expect(await colour('done')).not.toBe(
      await page.locator('body').evaluate((body) => getComputedStyle(body).color),
    );

    // A frame close up: its picture at full size, its neighbours by the arrow keys, its log.
    await page.locator('.frame').nth(1).click();
    const viewer = page.locator('dialog.viewer');
    await viewer.getByRole('heading', { name: 'Frame 2' }).waitFor();
    await eventually('the picture is there in full', () =>
      viewer.locator('.stage img').evaluate((image) => (image as HTMLImageElement).naturalWidth === 400),
    );
    await page.keyboard.press('ArrowRight');
    await viewer.getByRole('heading', { name: 'Frame 3' }).waitFor();
    await viewer.getByText('Log', { exact: true }).click();
    await eventually('the log is shown', async () =>
      /Fra:3/.test((await viewer.locator('pre').textContent()) ?? ''),
    );
    await viewer.getByRole('button', { name: 'Play' }).click();
    await viewer.getByRole('button', { name: 'Pause' }).waitFor();
    await page.keyboard.press('Escape');
    await viewer.waitFor({ state: 'detached' });

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'pic_0004.png' }).click(),
    ]);
    const folder = join(temporaryFolder(), 'frames');
    await farm.json('download', String(taskId), '--output', folder);
    expect(download.suggestedFilename()).toBe('pic_0004.png');
    expect(readFileSync(await download.path()).equals(readFileSync(join(folder, 'pic_0004.png')))).toBe(true);

    await page.getByRole('link', { name: 'Nodes' }).click();
    await page.locator('.nodes .is-done', { hasText: 'online' }).waitFor();
    await page.locator('.nodes', { hasText: /blender \d/ }).waitFor();
    expect(await page.evaluate(() => performance.getEntriesByType('navigation').length)).toBe(loads);
    expectNoComplaints();
  });

  it('says why a frame failed; tasks are retried and deleted by keyboard, on a phone too', async () => {
    await open(await startFarm());
    const scene = sceneOf(
      temporaryFolder(),
      `picture(os.path.join(FOLDER, 'tex', 'gone.png'), (1, 0, 0))
card('Card', glowing('Glow', os.path.join(FOLDER, 'tex', 'gone.png')), size=2)
os.remove(os.path.join(FOLDER, 'tex', 'gone.png'))
scene.frame_end = 2`,
    );
    await page.setViewportSize(PHONE);
    await page.goto(signInUrl());
    await page.getByText('No tasks yet.').waitFor();
    const taskId = await submit(farm, scene);
    await row(taskId).locator('.state.is-failed').waitFor();
    expect(await hasSidewaysScroll()).toBe(false);

    await row(taskId).getByRole('link').focus();
    await page.keyboard.press('Enter');
    await page.locator('.failures', { hasText: 'gone.png' }).waitFor();
    expect(await hasSidewaysScroll()).toBe(false);
    await page.locator('.frame[data-state=failed]').first().focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog.viewer .is-failed', { hasText: 'gone.png' }).waitFor();
    expect(await hasSidewaysScroll()).toBe(false);
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('frame');

    await page.getByRole('button', { name: 'Retry failed' }).press('Enter');
    await page.locator('.state.is-failed').waitFor({ state: 'detached' });
    await page.locator('.state.is-failed').waitFor();

    await page.getByRole('button', { name: 'Delete' }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).press('Enter');
    await page.getByRole('button', { name: 'Delete' }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).press('Enter');
    await page.getByText(`Task ${taskId} was deleted.`).waitFor();
    await page.reload();
    await page.getByText(`Task ${taskId} was deleted.`).waitFor();
    await page.getByRole('link', { name: 'All tasks' }).press('Enter');
    await page.getByText('No tasks yet.').waitFor();
    await page.getByRole('link', { name: 'Nodes' }).press('Enter');
    await page.locator('.nodes li').waitFor();
    expect(await hasSidewaysScroll()).toBe(false);
    expectNoComplaints();
  });

  it('lets in by name and password, which one sets after the link, and out again', async () => {
    await open(await startServer());
    await page.setViewportSize(PHONE);
    await page.goto(signInUrl());
    await page.getByText('No tasks yet.').waitFor();
    await page.getByRole('button', { name: 'admin' }).click();
    await page.getByLabel('Choose a password').fill('a password of mine');
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByText('The password is set').waitFor();
    await page.getByText('this browser').waitFor();
    expect(await hasSidewaysScroll()).toBe(false);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are not signed in.').waitFor();
    expect(await page.getByRole('alert').textContent()).toBe('');
    expect(await context.cookies()).toEqual([]);
    await page.reload();

    await page.getByLabel('Name').fill('admin');
    await page.getByLabel('Password').fill('not my password');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('password is wrong').waitFor();
    expect(await hasSidewaysScroll()).toBe(false);
    await page.getByLabel('Password').fill('a password of mine');
    await page.keyboard.press('Enter');
    await page.getByText('No tasks yet.').waitFor();
    await page.locator('#live[data-on=true]').waitFor();

    // A second browser's session is shown, and ended from here.
    const other = await fetch(`${farm.url}/api/v1/sessions/password`, {
      method: 'POST',
      headers: { 'x-croft-csrf': '1' },
      body: JSON.stringify({ account: 'admin', password: 'a password of mine' }),
    });
    const cookie = other.headers.get('set-cookie')!.split(';')[0]!;
    const status = async () => (await fetch(`${farm.url}/api/v1/tasks`, { headers: { cookie } })).status;
    expect(await status()).toBe(200);
    await page.getByRole('button', { name: 'admin' }).click();
    await page.getByRole('button', { name: 'End' }).click();
    await page.getByRole('button', { name: 'End' }).waitFor({ state: 'detached' });
    expect(await status()).toBe(401);
    expect(complaints.filter((text) => !/status of 40[13]/.test(text))).toEqual([]);
    expect(foreign).toEqual([]);
  });

  it('lets in by the link once, shows others how to sign in, and comes back with the farm', async () => {
    await open(await startServer());
    const again = () => startServer(farm.home, Number(new URL(farm.url).port));
    await page.goto(farm.url);
    await page.getByText('You are not signed in.').waitFor();
    await page.getByText('croft up').waitFor();
    await page.goto(signInUrl());
    await page.getByText('No tasks yet.').waitFor();
    await context.clearCookies();
    await page.goto('about:blank');
    await page.goto(signInUrl());
    await page.getByRole('alert').waitFor();
    await page.getByText('You are not signed in.').waitFor();
    // What the browser says about the refusals themselves: 401 without a session, 403 for the used code.
    expect(complaints.filter((text) => !/status of 40[13]/.test(text))).toEqual([]);
    complaints.length = 0;

    await farm.process.stop();
    const second = await again();
    await page.goto(String(second.process.ready.signInUrl));
    await page.getByText('No tasks yet.').waitFor();
    expect(complaints).toEqual([]);
    await page.locator('#live[data-on=true]').waitFor();

    await second.process.stop();
    await page.locator('#banner:not([hidden])').waitFor();
    await page.getByText('No tasks yet.').waitFor();
    await again();
    await page.locator('#live[data-on=true]').waitFor();
    await page.locator('#banner').waitFor({ state: 'hidden' });
    expect(
      complaints.filter(
        (text) => !/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED/.test(text),
      ),
    ).toEqual([]);
    expect(foreign).toEqual([]);
  });
});
