/** Files of Blender 2.48 to 5.02 by others, against Blender 3.4 where it opens them and against what is known of them. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MINUTE } from '@croft/contract';
import { beforeAll, describe, expect, test } from 'vitest';
import { diskSceneFiles } from '../../scene-files/disk.ts';
import type { BlendFacts } from './facts/blend-facts.ts';
import { readBlendFacts } from './facts/read-facts.ts';
import { type BlenderSays, factsByBlender, noBlender } from './test-blender.ts';

const samples = fileURLToPath(new URL('../../../../../../shared/samples', import.meta.url));
const absent = !existsSync(join(samples, 'MANIFEST.tsv'));

async function factsOf(path: string): Promise<BlendFacts> {
  const file = await diskSceneFiles().open(path);
  return readBlendFacts(file, path).finally(() => file.close());
}

const active = (facts: BlendFacts) => facts.scenes.find(({ name }) => name === facts.activeScene)!;
const raws = (facts: BlendFacts, ...kinds: string[]) =>
  facts.references.filter(({ kind }) => kinds.includes(kind)).map(({ raw }) => raw);

describe.skipIf(absent)('sample scenes (skipped where ../shared/samples is absent)', () => {
  let expected: Map<string, string>;
  beforeAll(async () => {
    const lines = (await readFile(join(samples, 'MANIFEST.tsv'), 'utf8'))
      .split('\n')
      .map((line) => line.split('\t'));
    expected = new Map(
      lines.filter(([, file]) => file?.endsWith('.blend')).map((columns) => [columns[1]!, columns[8] ?? '']),
    );
  });

  test('have the facts of the manifest', async () => {
    expect(expected.size).toBeGreaterThan(10);
    for (const [file, line] of expected) {
      if (file.includes('corrupt')) continue;
      const facts = await factsOf(join(samples, file));
      const scene = active(facts);
      const known = Object.fromEntries(
        [...line.matchAll(/(\w+)=([^\s;]*)/g)].map(([, key, value]) => [key!, value!]),
      );
      const [range, step] = known.frames!.split('/');
      expect(`${file} ${scene.first}-${scene.last}`).toBe(`${file} ${range}`);
      expect(`${file} ${scene.step}`).toBe(`${file} ${step ?? 1}`);
      expect(`${file} ${scene.width}x${scene.height}@${scene.percent}`).toBe(`${file} ${known.res}`);
      expect(`${file} ${scene.fps}`).toBe(`${file} ${known.fps}`);
      expect(`${file} ${scene.camera ?? 'None'}`).toBe(`${file} ${known.cam}`);
      expect(`${file} ${facts.version}`).toBe(`${file} ${Math.round(versionNumber(known.ver!))}`);
      if (known.raw_engine && known.raw_engine !== 'None') expect(scene.engine).toBe(known.raw_engine);
    }
  });

  test('refuse what is only a header', async () => {
    await expect(factsOf(join(samples, 'blend/bat/corrupt_only_magic.blend'))).rejects.toMatchObject({
      name: 'CroftError',
      code: /^DCC_SCENE_/,
    });
  });

  test.skipIf(noBlender)('have the facts that Blender finds', { timeout: MINUTE }, async () => {
    const folders = await readdir(join(samples, 'blend'), { recursive: true });
    const paths = folders
      .filter((name) => name.endsWith('.blend'))
      .map((name) => join(samples, 'blend', name));
    const says = await factsByBlender(paths);
    let judged = 0;
    for (const path of paths) {
      const blender = says[path]!;
      if (blender.error !== undefined) continue;
      judged++;
      const facts = await factsOf(path);
      expect({ path, ...comparable(facts) }).toEqual({ path, ...comparableOf(blender) });
    }
    expect(judged).toBeGreaterThan(10);
  });
});

/** `2.79.0`, `4.3.34`, `502.15` as in the header. */
function versionNumber(text: string): number {
  const [major, minor] = text.split('.');
  return Number(major) > 100 ? Number(major) : Number(major) * 100 + Number(minor);
}

function comparable(facts: BlendFacts) {
  const scene = active(facts);
  return {
    scenes: facts.scenes.map(({ name }) => name).sort(),
    frames: [scene.first, scene.last, scene.step],
    size: [scene.width, scene.height, scene.percent],
    fps: scene.fps,
    format: scene.format,
    extension: scene.fileExtension,
    multiview: scene.multiview,
    camera: scene.camera,
    images: slashed(
      raws(facts, 'image').concat(raws(facts, 'sequence').filter((raw) => !isStrip(facts, raw))),
    ),
    libraries: slashed(raws(facts, 'library')),
    sounds: slashed(raws(facts, 'sound')),
    fonts: slashed(raws(facts, 'font')),
  };
}

const isStrip = (facts: BlendFacts, raw: string) =>
  facts.references.some((reference) => reference.raw === raw && reference.owner.startsWith('Strip'));

function comparableOf(says: BlenderSays) {
  const { scenes, frames, size, fps, format, extension, multiview, camera } = says;
  return {
    ...{ scenes, frames, size, fps, format, extension, multiview, camera },
    images: slashed(says.images),
    libraries: slashed(says.libraries),
    sounds: slashed(says.sounds),
    fonts: slashed(says.fonts),
  };
}

const slashed = (paths: readonly string[]) => paths.map((path) => path.replaceAll('\\', '/')).sort();
