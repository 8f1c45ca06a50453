import { type ChildProcess, spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { atEnd, temporaryFolder } from './support/croft.ts';
import { startNode, startServer } from './support/farm.ts';
import { filesBelow, samePixels } from './support/pixels.ts';
import { describeWith, projectRoot } from './support/tools.ts';

interface Progress {
  message_type?: string;
  phase?: string;
  state?: string;
  bytesDone?: number;
  bytesTotal?: number;
  frames?: { done: number };
}

/** Follows a command's NDJSON progress; `until` resolves with the first event that fits, also one already seen. */
function follow(child: ChildProcess) {
  const seen: Progress[] = [];
  const waiting: { fits: (event: Progress) => boolean; done: (event: Progress) => void }[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => {
    const event = JSON.parse(line) as Progress;
    seen.push(event);
    for (const one of waiting) if (one.fits(event)) one.done(event);
  });
  return {
    seen,
    until: (fits: (event: Progress) => boolean) =>
      new Promise<Progress>((done) => {
        const before = seen.find(fits);
        if (before) done(before);
        else waiting.push({ fits, done });
      }),
  };
}

const MEGABYTE = 1024 * 1024;

/** Bytes that the transfer door of this server process has received. */
async function receivedByTransfer(url: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  return Number(/croft_http_bytes_total\{door="transfer",direction="received"\} (\S+)/.exec(text)?.[1]);
}

describeWith(['blender'], 'a server that dies', () => {
  it('during upload, render and download, and starts again on the same home: all completes without anybody doing anything', async () => {
    const folder = temporaryFolder();
    makeScene(
      folder,
      `picture(os.path.join(FOLDER, 'tex', 'heavy.png'), (1, .6, .1))
animate(card('Card', glowing('Heavy', os.path.join(FOLDER, 'tex', 'heavy.png')), size=2))
scene.cycles.use_adaptive_sampling = False
scene.cycles.samples = 100
scene.render.resolution_x, scene.render.resolution_y = 320, 240
save(os.path.join(FOLDER, 'scene.blend'))`,
    );
    // Bytes after a PNG's end are ignored by readers: a heavy upload of a light picture.
    appendFileSync(join(folder, 'tex', 'heavy.png'), randomFillSync(Buffer.alloc(450 * MEGABYTE)));

    let farm = await startServer();
    const port = Number(new URL(farm.url).port);
    const { home } = farm;
    const node = await startNode(farm);
    const restart = async () => {
      await farm.process.kill();
      farm = await startServer(home, port);
    };

    const output = join(folder, 'out');
    const child = spawn(
      process.execPath,
      [
        join(projectRoot, 'packages/cli/src/main.ts'),
        'render',
        join(folder, 'scene.blend'),
        '--output',
        output,
        '--json',
      ],
      { env: { ...process.env, CROFT_HOME: home }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    atEnd(() => void child.kill('SIGKILL'));
    const ended = new Promise<number>((done) => child.on('close', (code) => done(code ?? -1)));
    const progress = follow(child);

    const killedAt = await progress.until(
      (event) => event.phase === 'upload' && (event.bytesDone ?? 0) > 200 * MEGABYTE,
    );
    await restart();
    await progress.until((event) => event.phase === 'render' && event.state === 'frames');
    // No finished part travels twice: only the parts that were under way when the server died come again.
    expect(await receivedByTransfer(farm.url)).toBeLessThan(
      killedAt.bytesTotal! - killedAt.bytesDone! + 10 * 16 * MEGABYTE,
    );
    await restart();
    await progress.until((event) => event.phase === 'render' && (event.frames?.done ?? 0) >= 1);
    await restart();

    expect(await ended, JSON.stringify(progress.seen.slice(-5)) + farm.process.log().slice(-3000)).toBe(0);
    const pictures = filesBelow(output).filter((file) => file.endsWith('.png'));
    expect(pictures.map((file) => basename(file))).toEqual([
      'pic_0001.png',
      'pic_0002.png',
      'pic_0003.png',
      'pic_0004.png',
    ]);
    expect(await samePixels(join(output, pictures[0]!), join(output, pictures[3]!))).toBe(false);
    const [task] = (await farm.json<{ items: { id: number; status: number }[] }>('tasks')).items;
    expect(task?.status).toBe(25);
    const view = await farm.json<{ results: { path: string; kind: string }[] }>(
      'task',
      String(task!.id),
      '--results',
    );
    const published = view.results.filter((result) => result.kind === 'main').map((result) => result.path);
    expect(new Set(published).size).toBe(published.length);
    expect(published).toHaveLength(4);
    expect(node.child.exitCode).toBeNull();
  }, 240_000);
});
