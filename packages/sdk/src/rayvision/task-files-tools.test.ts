import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { confinedPath } from '@croft/contract';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { convertPath } from './convert-path.ts';
import { appendToTask, updateTaskInfo } from './edit-task-json.ts';
import { appendToUpload, cuttingUpload } from './edit-upload-json.ts';
import { hump2underline } from './hump-to-underline.ts';
import { JsonHandle, jsonLoad, jsonSave } from './json-files.ts';
import { TipsInfo } from './tips-info.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'croft-rayvision-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: string[]) => path.join(folder, ...names);
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
function written(name: string, value: unknown): string {
  writeFileSync(at(name), JSON.stringify(value));
  return at(name);
}

describe('convertPath', () => {
  it.each([
    ['D:/a/b.txt', '/D/a/b.txt'],
    ['D:\\a\\b.txt', '/D/a/b.txt'],
    ['/mnt/a.txt', '/mnt/a.txt'],
    ['\\\\srv\\share\\a', '/srv/share/a'],
  ])('%s → %s', (local, server) => expect(convertPath(local)).toBe(server));

  it.each(['a/b.txt', '', '/', 'D:', 'D:b.txt'])('refuses %j', (local) =>
    expect(() => convertPath(local)).toThrow(expect.objectContaining({ errorCode: 600 })),
  );

  it('gives each absolute path a tree path of its own', () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9 _äé.-]{1,12}$/).filter((one) => !/^\.{1,2}$/.test(one));
    const names = fc.array(name, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(names, names, (one, other) => {
        const paths = [one, other].map((parts) => convertPath(`/${parts.join('/')}`));
        for (const converted of paths) expect(confinedPath(converted)).toBe(converted);
        expect(paths[0] === paths[1]).toBe(one.join('/') === other.join('/'));
        expect(convertPath(`C:\\${one.join('\\')}`)).toBe(`/C/${one.join('/')}`);
      }),
    );
  });
});

describe('hump2underline', () => {
  it.each([
    ['userId', 'user_id'],
    ['c4dFlag', 'c4d_flag'],
    ['config_bid', 'config_bid'],
    ['taskOverTimeSec', 'task_over_time_sec'],
  ])('%s → %s', (hump, underline) => expect(hump2underline(hump)).toBe(underline));

  it('does nothing to what it made', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9_]*$/), (text) => {
        expect(hump2underline(hump2underline(text))).toBe(hump2underline(text));
      }),
    );
  });
});

describe('JSON files', () => {
  it('gives back what was saved, and leaves nothing else behind', async () => {
    // JSON has one zero, and __proto__ is no key of an object literal's like others.
    const values = fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        await jsonSave(at('x.json'), value);
        expect(await jsonLoad(at('x.json'))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 30 },
    );
    expect(readdirSync(folder)).toEqual(['x.json']);
  });

  it('keeps non-ASCII as it is and reads a byte order mark', async () => {
    await jsonSave(at('x.json'), { name: '场景 é' });
    expect(readFileSync(at('x.json'), 'utf8')).toContain('场景 é');
    writeFileSync(at('bom.json'), '\uFEFF{"a":1}');
    expect(await jsonLoad(at('bom.json'))).toEqual({ a: 1 });
  });

  it.each([
    ['no file', null, 1_000_004],
    ['no JSON', '{', 1_000_000],
    ['no object', '[1]', 1_000_000],
  ])('%s is error %s', async (_name, text, errorCode) => {
    if (text !== null) writeFileSync(at('x.json'), text);
    await expect(jsonLoad(at('x.json'))).rejects.toMatchObject({ errorCode });
  });

  it('asks a file for its keys', async () => {
    const handle = new JsonHandle(at('task.json'));
    await handle.save({ task_info: {}, scene_info: {} });
    expect(await handle.loadWith(['task_info'])).toEqual({ task_info: {}, scene_info: {} });
    await expect(handle.loadWith(['task_info', 'software_config'])).rejects.toThrow('has no software_config');
  });
});

describe('updateTaskInfo', () => {
  it('changes what is there, numbers as text, and nothing else', async () => {
    const file = written('task.json', { task_info: { pre_frames: '000', tiles: '1' }, other: [1] });
    await updateTaskInfo({ pre_frames: '100', tiles: 4 }, file);
    expect(read(file)).toEqual({ task_info: { pre_frames: '100', tiles: '4' }, other: [1] });
  });

  it('changes nothing where one key is unknown', async () => {
    const file = written('task.json', { task_info: { tiles: '1' } });
    await expect(updateTaskInfo({ tiles: '4', nosuch: '1' }, file)).rejects.toMatchObject({
      errorCode: 1_000_002,
    });
    expect(read(file)).toEqual({ task_info: { tiles: '1' } });
    await expect(updateTaskInfo({ toString: '1' }, file)).rejects.toMatchObject({ errorCode: 1_000_002 });
    await expect(updateTaskInfo({ tiles: '4' }, at('nosuch.json'))).rejects.toMatchObject({
      errorCode: 1_000_004,
    });
  });
});

describe('appendToTask', () => {
  it('makes, adds and replaces', async () => {
    const file = written('task.json', { task_info: {} });
    await appendToTask({ env: 'a' }, file);
    await appendToTask({ env: 'b', more: 1 }, file);
    expect(read(file).additional_info).toEqual({ env: 'b', more: 1 });
  });

  it('adds without covering, and refuses what is there', async () => {
    const file = written('task.json', { task_info: {}, additional_info: { env: 'a' } });
    await appendToTask({ more: 1 }, file, false);
    expect(read(file).additional_info).toEqual({ env: 'a', more: 1 });
    await expect(appendToTask({ env: 'b' }, file, false)).rejects.toMatchObject({ errorCode: 1_000_002 });
    expect(read(file).additional_info).toEqual({ env: 'a', more: 1 });
  });
});

describe('appendToUpload', () => {
  it('adds files and what is below folders once, and keeps all else', async () => {
    const file = written('upload.json', { scene: [{ local: '/s', server: '/s' }], asset: [] });
    mkdirSync(at('maps', 'deep'), { recursive: true });
    for (const name of ['maps/a.png', 'maps/deep/b.png', 'c.abc']) writeFileSync(at(name), '');
    symlinkSync(at('maps'), at('maps', 'ring'));
    expect(await appendToUpload([at('maps'), at('c.abc')], file)).toBe(3);
    expect(await appendToUpload(at('maps'), file)).toBe(0);
    const upload = read(file) as { scene: unknown; asset: { local: string; server: string }[] };
    expect(upload.scene).toEqual([{ local: '/s', server: '/s' }]);
    expect(upload.asset).toEqual(
      ['maps/a.png', 'maps/deep/b.png', 'c.abc'].map((name) => ({
        local: at(name),
        server: convertPath(at(name)),
      })),
    );
  });

  it('makes the list where there is none, and never throws a broken file away', async () => {
    writeFileSync(at('c.abc'), '');
    const bare = written('bare.json', {});
    await appendToUpload(at('c.abc'), bare);
    expect(read(bare).asset).toHaveLength(1);
    writeFileSync(at('broken.json'), '{"asset": [');
    await expect(appendToUpload(at('c.abc'), at('broken.json'))).rejects.toMatchObject({
      errorCode: 1_000_000,
    });
    expect(readFileSync(at('broken.json'), 'utf8')).toBe('{"asset": [');
  });

  it('says what is missing', async () => {
    const file = written('upload.json', { asset: [] });
    await expect(appendToUpload(at('nosuch'), file)).rejects.toMatchObject({ errorCode: 1_000_004 });
    await expect(appendToUpload([], at('nosuch.json'))).rejects.toMatchObject({ errorCode: 1_000_006 });
    const wrong = 7 as unknown as string;
    await expect(appendToUpload(wrong, file)).rejects.toMatchObject({ errorCode: 1_000_005 });
  });
});

describe('cuttingUpload', () => {
  it('cuts into pieces that together are the whole, none of them empty', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40), fc.integer({ min: 1, max: 45 }), async (count, most) => {
        const asset = Array.from({ length: count }, (_, index) => ({
          local: `/${index}`,
          server: `/${index}`,
        }));
        const file = written('upload.json', { scene: [1], asset });
        const pieces = await cuttingUpload(file, most, at('pieces'));
        const parts = pieces.map((piece) => read(piece).asset as unknown[]);
        expect(parts.flat()).toEqual(asset);
        if (pieces.length > 1) for (const part of parts) expect(part.length).toBeGreaterThan(0);
        for (const part of parts) expect(part.length).toBeLessThanOrEqual(Math.max(most, 1));
        expect(pieces.map((piece) => read(piece).scene).filter(Boolean)).toEqual([[1]]);
      }),
      { numRuns: 60 },
    );
  });

  it('gives the file itself where there is nothing to cut', async () => {
    const file = written('upload.json', { asset: [{}, {}] });
    expect(await cuttingUpload(file)).toEqual([file]);
    expect(await cuttingUpload(file, 2)).toEqual([file]);
    expect(await cuttingUpload(file, 1)).toEqual([at('upload_1.json'), at('upload_2.json')]);
    await expect(cuttingUpload(file, 0)).rejects.toMatchObject({ errorCode: 600 });
    await expect(cuttingUpload(at('nosuch.json'), 1)).rejects.toMatchObject({ errorCode: 200_001 });
  });
});

describe('TipsInfo', () => {
  it('collects sentences and writes them', async () => {
    const tips = new TipsInfo(at('made'));
    tips.add('10012', 'one');
    tips.add(10012, 'two', 'three');
    tips.setTips('15000', 'no camera');
    tips.add('15000', 'none at all');
    expect(await tips.saveTips()).toBe(at('made', 'tips.json'));
    expect(read(at('made', 'tips.json'))).toEqual({
      '10012': ['one', 'two', 'three'],
      '15000': ['no camera', 'none at all'],
    });
  });

  it('writes before it ends the program', async () => {
    const ends: number[] = [];
    const tips = new TipsInfo(undefined, (code) => {
      ends.push(code);
      throw new Error('ended');
    });
    await expect(tips.saveAndExit(folder)).rejects.toThrow('ended');
    expect(ends).toEqual([-1]);
    expect(read(at('tips.json'))).toEqual({});
  });
});
