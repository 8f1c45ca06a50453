import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OutputNaming, outputNames } from './output-naming.ts';
import { type Bench, noBlender, openBench, plainBlender } from './testing/blender-driver.ts';

const row = (
  path: string,
  format = 'PNG',
  fileExtension = true,
  viewSuffixes: string[] = [],
): OutputNaming => ({
  path,
  format,
  fileExtension,
  viewSuffixes,
});

const formats = ['BMP', 'IRIS', 'JPEG', 'JPEG2000', 'TARGA', 'TARGA_RAW', 'CINEON', 'DPX', 'OPEN_EXR'];
const views = ['_L', '_R'];
const TABLE: readonly OutputNaming[] = [
  ...[...formats, 'OPEN_EXR_MULTILAYER', 'HDR', 'TIFF', 'WEBP'].map((format) => row('a_###', format)),
  row(''),
  row('shot'),
  row('shot_'),
  row('#'),
  row('a##b'),
  row('a_##_b_###_c'),
  row('######'),
  row('shot.png'),
  row('shot.####.png'),
  row('shot_####.png'),
  row('shot_####.PNG'),
  row('shot_####.jpg'),
  row('shot_####.jpeg', 'JPEG'),
  row('shot_####.tiff', 'TIFF'),
  row('shot_####.mp4'),
  row('shot_####.'),
  row('shot_####..'),
  row('v1.2_###'),
  row('shot.exr', 'OPEN_EXR'),
  row('ünï ####'),
  row('shot', 'PNG', false),
  row('shot_##', 'PNG', false),
  row('shot_##.png', 'PNG', false),
  row('shot_##.jpg', 'PNG', false),
  row('shot', 'PNG', true, views),
  row('shot_##.png', 'PNG', true, views),
  row('v1.2_##', 'PNG', true, views),
  row('shot', 'PNG', false, views),
  row('shot_##.png', 'PNG', false, views),
  row('v1.2_##', 'PNG', false, views),
  row('shot_##', 'OPEN_EXR', true, views),
];

const RENDER_TABLE = `
import bpy, json, os, sys
folder = sys.argv[sys.argv.index('--') + 1]
scene = bpy.context.scene
render = scene.render
render.engine = 'CYCLES'
scene.cycles.samples = 1
scene.cycles.use_denoising = False
render.resolution_x = render.resolution_y = 32
render.resolution_percentage = 100
for index, row in enumerate(json.load(open(os.path.join(folder, 'table.json')))):
    render.image_settings.file_format = row['format']
    render.use_file_extension = row['fileExtension']
    render.use_multiview = bool(row['viewSuffixes'])
    render.image_settings.views_format = 'INDIVIDUAL'
    render.filepath = os.path.join(folder, str(index), '') + row['path']
    scene.frame_start, scene.frame_end = 7, 1234
    scene.frame_step = 1227
    bpy.ops.render.render(animation=True)
written = {}
for index in os.listdir(folder):
    if index.isdigit():
        written[index] = sorted(os.listdir(os.path.join(folder, index)))
json.dump(written, open(os.path.join(folder, 'written.json'), 'w'))
`;

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

describe('names of pictures', () => {
  test.skipIf(noBlender)('are those that Blender writes', { timeout: 120_000 }, async () => {
    const folder = join(bench.root, 'table');
    await mkdir(folder);
    await writeFile(join(folder, 'table.json'), JSON.stringify(TABLE));
    await writeFile(join(bench.root, 'render.py'), RENDER_TABLE);
    plainBlender(['--python-exit-code', '9', '--python', join(bench.root, 'render.py'), '--', folder]);
    const written = JSON.parse(await readFile(join(folder, 'written.json'), 'utf8'));
    const expected = TABLE.map((naming) => [
      naming,
      [7, 1234].flatMap((frame) => outputNames(naming, frame)).sort(),
    ]);
    expect(TABLE.map((naming, index) => [naming, written[index]])).toEqual(expected);
  });

  test('count below zero with a sign, and ignore folders', () => {
    expect(outputNames(row('//a_##/b\\c_###'), -5)).toEqual(['c_-005.png']);
  });

  test('a movie has none', () => {
    expect(() => outputNames(row('a', 'FFMPEG'), 1)).toThrow('FFMPEG');
  });
});
