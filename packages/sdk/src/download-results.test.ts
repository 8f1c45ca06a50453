import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BlobId, defineErrors, type ResultRow } from '@croft/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Downloader, placeOf } from './download-results.ts';
import type { RenderEvent } from './events.ts';
import { Fetching } from './fetching.ts';
import type { IncomingFile, Mover } from './mover.ts';
import { NativeClient } from './native-client.ts';
import { quickClock } from './testing/fake-clock.ts';
import { farmDouble, json, type SeenRequest } from './testing/farm-double.ts';

const TASK = 5;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'croft-results-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function row(
  frame: number,
  id = `sha256-${String(frame).padStart(64, '0')}`,
  publishedAt = frame,
): ResultRow {
  const rest = { format: 'PNG', layer: null, camera: null, width: 1, height: 1 };
  return {
    frameId: 1000 + frame,
    frame,
    path: `/a/${frame}.png`,
    id,
    size: 10,
    kind: 'main',
    publishedAt,
    ...rest,
  };
}

/** A farm whose task has the results given, in pages as they are asked for. */
function answersWith(results: () => readonly ResultRow[]) {
  return (request: SeenRequest, response: Parameters<ReturnType<typeof json>>[1]) => {
    const url = new URL(request.target, 'http://farm');
    const [page, size] = ['page', 'size'].map((name) => Number(url.searchParams.get(name))) as [
      number,
      number,
    ];
    const frames = { total: 1, waiting: 0, running: 0, done: 1, failed: 0, stopped: 0 };
    const times = { createdAt: 1, submittedAt: 1, startedAt: 1, endedAt: null };
    const names = {
      accountId: 1,
      sceneName: 's',
      statusText: '',
      app: null,
      userName: 'u',
      framesRange: '1',
      projectName: '',
    };
    const rest = {
      appVersion: null,
      deletedAt: null,
      waitingFor: [],
      failures: [],
      thumbnail: null,
      level: 50,
      status: 5,
    };
    const detail = { id: TASK, outputName: '5_a', frames, ...times, ...names, ...rest };
    const items = results().slice((page - 1) * size, page * size);
    const isList = url.pathname.endsWith('/results');
    json(isList ? { total: results().length, page, size, items } : detail)(request, response);
  };
}

/** Brings files by name only, several at once, and remembers what it was asked. */
function listingMover(onRound: (files: readonly IncomingFile[]) => void = () => {}) {
  const rounds: (readonly IncomingFile[])[] = [];
  const mover: Mover = {
    upload: () => Promise.reject(new Error('nothing is uploaded here')),
    async download(_to, files, { onFile, onProgress }) {
      rounds.push(files);
      onRound(files);
      for (const [index, file] of files.entries()) {
        onFile?.(file, file.place);
        onProgress?.({
          filesDone: index + 1,
          filesTotal: files.length,
          bytesDone: 10 * (index + 1),
          bytesTotal: 0,
        });
      }
      return { files: files.length, bytes: 0 };
    },
  };
  return { mover, rounds };
}

describe('downloading results', () => {
  it('asks for each file once, all new ones together, with few requests for a long list', async () => {
    await using farm = await farmDouble();
    let results = Array.from({ length: 5000 }, (_, frame) => row(frame));
    farm.answer(answersWith(() => results));
    const { mover, rounds } = listingMover();
    const events: RenderEvent[] = [];
    const downloader = new Downloader(new NativeClient(farm.connection), mover, TASK, folder, {
      onEvent: (event) => events.push(event),
    });
    await downloader.fetchNew();
    expect(farm.seen.length).toBeLessThanOrEqual(6);
    results = [...results, ...Array.from({ length: 100 }, (_, frame) => row(5000 + frame))];
    await downloader.fetchNew();
    await downloader.fetchNew();
    expect(rounds.map((files) => files.length)).toEqual([5000, 100]);
    expect(rounds[0]![0]).toMatchObject({ path: '/5_a/a/0.png', place: '/a/0.png', mtimeMs: 0 });
    expect(downloader.totals).toEqual({ files: 5100, bytes: 51_000 });
    expect(events.at(-1)).toMatchObject({ filesDone: 5100, filesTotal: 5100, bytesDone: 51_000 });
  });

  it('lists all results once, then only those published since, and all of them at the end', async () => {
    await using farm = await farmDouble();
    const from = 1_700_000_000_000;
    let results = Array.from({ length: 3000 }, (_, frame) => row(frame, undefined, from + frame));
    farm.answer((request, response) => {
      const since = Number(new URL(request.target, 'http://farm').searchParams.get('since') ?? 0);
      answersWith(() => results.filter(({ publishedAt }) => publishedAt >= since))(request, response);
    });
    const { mover, rounds } = listingMover();
    const downloader = new Downloader(new NativeClient(farm.connection), mover, TASK, folder);
    await downloader.fetchNew();
    const late = from + 60_000;
    results = [...results, row(3000, undefined, late)];
    const seenBefore = farm.seen.length;
    await downloader.fetchNew();
    expect(farm.seen.slice(seenBefore).map(({ target }) => target)).toEqual([
      expect.stringContaining(`&since=${from + 2999 - 10_000}`),
      ...Array.from({ length: 3 }, () => expect.stringContaining('&since=')),
    ]);
    await downloader.fetchNew();
    expect(farm.seen.at(-1)!.target).toContain(`page=1&size=1000&since=${late - 10_000}`);
    // The farm's clock was set back: only the last round sees what was published by it.
    results = [...results, row(3001, undefined, from - 5)];
    await downloader.fetchNew();
    await downloader.fetchNew('all');
    expect(rounds.map((files) => files.length)).toEqual([3000, 1, 1]);
  });

  it('fetches a frame that was rendered again, and of two frames with one path the later one', async () => {
    await using farm = await farmDouble();
    const again = (id: string, at: number) => ({
      ...row(1, `sha256-${id.repeat(64)}`, at),
      path: '/a/1.png',
    });
    let results: ResultRow[] = [again('b', 9), { ...again('c', 3), frameId: 2000 }];
    farm.answer(answersWith(() => results));
    const { mover, rounds } = listingMover();
    const downloader = new Downloader(new NativeClient(farm.connection), mover, TASK, folder);
    await downloader.fetchNew();
    await downloader.fetchNew();
    results = [again('d', 12)];
    await downloader.fetchNew();
    expect(rounds.map((files) => files.map(({ id }) => id[7]))).toEqual([['b'], ['d']]);
  });

  it('lists again where a frame was rendered again under the download, but not for ever', async () => {
    await using farm = await farmDouble();
    const { TRANSFER_SOURCE_CHANGED } = defineErrors({ TRANSFER_SOURCE_CHANGED: { status: 409, exit: 7 } });
    let version = 0;
    farm.answer(answersWith(() => [row(1, `sha256-${String(version++).padStart(64, '0')}` as BlobId)]));
    const changing = listingMover(() => {
      if (changing.rounds.length < 3) throw TRANSFER_SOURCE_CHANGED('it changed');
    });
    const native = new NativeClient(farm.connection);
    await new Downloader(native, changing.mover, TASK, folder).fetchNew();
    expect(changing.rounds).toHaveLength(3);
    const never = listingMover(() => {
      throw TRANSFER_SOURCE_CHANGED('it changed');
    });
    await expect(new Downloader(native, never.mover, TASK, folder).fetchNew()).rejects.toMatchObject({
      code: 'TRANSFER_SOURCE_CHANGED',
    });
    expect(never.rounds).toHaveLength(5);
  });

  it('confines what the farm names', () => {
    expect(placeOf('/5_a/x/y.png')).toBe('/x/y.png');
    expect(() => placeOf('/5_a/../../etc/x')).toThrow();
    expect(() => placeOf('/5_a/con.png', 'win32')).toThrow(/cannot store/);
  });
});

describe('rounds beside a render', () => {
  it('rest between, are not lost, and end with one more', async () => {
    const clock = quickClock();
    let rounds = 0;
    const fetching = new Fetching({ fetchNew: async () => void rounds++, restMs: 7000 }, clock);
    for (let wakes = 0; wakes < 50; wakes++) fetching.wake();
    await fetching.finish();
    expect(rounds).toBe(2);
    expect(clock.waits.filter((ms) => ms === 7000).length).toBeLessThanOrEqual(1);
  });

  it('stop without another round when the render failed, and tell what failed', async () => {
    let rounds = 0;
    const idle = new Fetching({ fetchNew: async () => void rounds++, restMs: 1 }, quickClock());
    idle.wake();
    idle.wake();
    await idle.settled();
    expect(rounds).toBe(1);
    const broken = new Fetching(
      { fetchNew: () => Promise.reject(new Error('no disk')), restMs: 1 },
      quickClock(),
    );
    await expect(broken.finish()).rejects.toThrow('no disk');
    expect(() => broken.throwIfFailed()).toThrow('no disk');
  });
});
