/**
 * Analysis of a 100 MB .blend against starting Blender, which every analysis inside Blender pays first. `facts` is what the
 * goal is about; `analyse` also finds the files and takes the MD5 of the scene, which upload.json carries.
 */
import { spawnSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { appById, diskSceneFiles, md5Of } from '@croft/dcc';
import { benchFolder } from './support/farm.ts';
import { median, printTable } from './support/table.ts';

const RUNS = 5;
const MB = 1_000_000;
const folder = benchFolder();
const plain = join(folder, 'large.blend');
const packed = join(folder, 'packed.blend');

/** Two hundred textured objects, and meshes until the file has 100 MB. */
const SCRIPT = `
import bpy
for n in range(200):
    mesh = bpy.data.meshes.new('mesh%d' % n)
    mesh.vertices.add(30000)
    mesh.vertices.foreach_set('co', [((i * 7919 + n) % 10007) * 0.001 for i in range(90000)])
    thing = bpy.data.objects.new('thing%d' % n, mesh)
    bpy.context.scene.collection.objects.link(thing)
    material = bpy.data.materials.new('material%d' % n)
    material.use_nodes = True
    mesh.materials.append(material)
    thing.modifiers.new('smooth', 'SUBSURF')
bpy.ops.wm.save_as_mainfile(filepath=${JSON.stringify(plain)})
bpy.ops.wm.save_as_mainfile(filepath=${JSON.stringify(packed)}, compress=True)
`;

function blender(...args: string[]): number {
  const start = performance.now();
  const run = spawnSync('blender', ['-b', '--factory-startup', ...args], { stdio: 'ignore' });
  if (run.status !== 0) throw new Error(`blender ended with ${run.status ?? run.signal}`);
  return performance.now() - start;
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

const script = join(folder, 'make.py');
writeFileSync(script, SCRIPT);
blender('--python', script);

const app = await appById('blender');
const files = diskSceneFiles();
const figures = { start: [], plain: [], packed: [], md5: [] } as Record<string, number[]>;
for (let run = 0; run < RUNS; run++) {
  figures.start!.push(blender('--python-expr', 'pass'));
  figures.plain!.push(await timed(() => app.analyse(files, plain, {})));
  figures.packed!.push(await timed(() => app.analyse(files, packed, {})));
  const file = await files.open(plain);
  figures.md5!.push(await timed(() => md5Of(file)));
  await file.close();
}

const megabytes = (path: string) => (statSync(path).size / MB).toFixed(0);
const start = median(figures.start!);
const md5 = median(figures.md5!);
const whole = median(figures.plain!);
const facts = whole - md5;
printTable(
  `analysis of a .blend (median of ${RUNS}; files of ${megabytes(plain)} and ${megabytes(packed)} MB)`,
  [
    { what: 'plain, without MD5', value: `${facts.toFixed(0)} ms`, must: '≤ 150 ms', met: facts <= 150 },
    {
      what: 'plain, all',
      value: `${whole.toFixed(0)} ms`,
      peer: `starting Blender ${start.toFixed(0)} ms`,
      ratio: whole / start,
    },
    { what: 'MD5 alone', value: `${md5.toFixed(0)} ms` },
    { what: 'packed (zstd), all', value: `${median(figures.packed!).toFixed(0)} ms` },
  ],
);
