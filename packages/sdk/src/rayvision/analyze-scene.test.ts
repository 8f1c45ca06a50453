import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AnalyzeScene } from './analyze-scene.ts';
import { AnalyseFailError, AnalyzeError, CGFileNotExistsError } from './exceptions.ts';

const SCENE = path.resolve(import.meta.dirname, '../../../../examples/demo/croft.blend');

let workspace: string;
beforeEach(() => {
  workspace = mkdtempSync(path.join(tmpdir(), 'croft-analyze-'));
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

describe('AnalyzeScene', () => {
  it('writes the four files into a folder of its own in the workspace', async () => {
    const one = new AnalyzeScene({ cgFile: SCENE, workspace, projectName: 'P', platform: '6' });
    const other = new AnalyzeScene({ cgFile: SCENE, workspace });
    expect(path.dirname(one.taskJson)).not.toBe(path.dirname(other.taskJson));
    await one.analyse();
    expect(path.dirname(path.dirname(one.taskJson))).toBe(workspace);
    expect(read(one.taskJson)).toEqual(one.taskInfo);
    expect(read(one.tipsJson)).toEqual(one.tipsInfo);
    expect(read(one.uploadJson)).toEqual(one.uploadInfo);
    expect(read(one.assetJson)).toHaveProperty('asset');
    expect(read(one.taskJson).task_info).toMatchObject({ cg_id: '2007', project_name: 'P', platform: '6' });
  });

  it('takes version and plug-ins of the caller', async () => {
    const asked = { softwareVersion: '9.9', pluginConfig: { sapling: '1.0' } };
    const analysis = new AnalyzeScene({ cgFile: SCENE, workspace, ...asked });
    await analysis.analyse();
    expect(read(analysis.taskJson).software_config).toMatchObject({
      cg_name: 'Blender',
      cg_version: '9.9',
      plugins: { sapling: '1.0' },
    });
  });

  it.each<[string, string | null, new (...args: never[]) => Error]>([
    ['nosuch.ma', null, CGFileNotExistsError],
    ['shot.ma', '//Maya ASCII 2019 scene\n', AnalyseFailError],
    ['notes.txt', 'no scene', AnalyseFailError],
  ])('says what is wrong with %s', async (name, content, type) => {
    const cgFile = path.join(workspace, name);
    if (content !== null) writeFileSync(cgFile, content);
    const failure = await new AnalyzeScene({ cgFile, workspace })
      .analyse()
      .catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(type);
    expect(failure).toBeInstanceOf(AnalyzeError);
  });
});
