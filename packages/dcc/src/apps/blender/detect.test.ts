import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MachineProbe, ProbeResult } from '../../app.ts';
import { detect, versionIn } from './detect.ts';
import { blenderExecutables } from './detect-places.ts';
import { BLENDER, noBlender } from './testing/blender-driver.ts';

let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'croft-detect-'));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

function probeWith(env: Record<string, string>): MachineProbe {
  return { env, platform: 'linux', scratch, run };
}

function run(file: string, args: readonly string[], timeout: number): Promise<ProbeResult | null> {
  return new Promise((resolve) => {
    const options = {
      timeout,
      killSignal: 'SIGKILL',
      env: { PATH: '/usr/bin:/bin', HOME: scratch },
    } as const;
    execFile(file, [...args], options, (error, stdout, stderr) => {
      if (error !== null && typeof error.code === 'string') resolve(null);
      else resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

async function program(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o755);
}

describe('places', () => {
  test('the operator names come first, a link and its target count once', async () => {
    await mkdir(join(scratch, 'bin'));
    await program(join(scratch, 'mine'), '#!/bin/sh\n');
    await symlink(join(scratch, 'mine'), join(scratch, 'bin', 'blender'));
    const found = await blenderExecutables(
      probeWith({ CROFT_BLENDER: join(scratch, 'mine'), PATH: `/nowhere:${join(scratch, 'bin')}` }),
    );
    expect(found[0]).toBe(join(scratch, 'mine'));
    expect(found.filter((path) => path.startsWith(scratch))).toHaveLength(1);
  });

  test('unpacked releases in the home folder, newest first', async () => {
    for (const name of ['blender-4.9.0-linux', 'blender-4.10.0-linux']) {
      await mkdir(join(scratch, name));
      await program(join(scratch, name, 'blender'), '#!/bin/sh\n');
    }
    const found = await blenderExecutables(probeWith({ HOME: scratch }));
    expect(found.filter((path) => path.startsWith(scratch))).toEqual([
      join(scratch, 'blender-4.10.0-linux', 'blender'),
      join(scratch, 'blender-4.9.0-linux', 'blender'),
    ]);
  });
});

describe('versions', () => {
  test.each([
    ['Blender 3.4.1\n\tbuild date: 2023', '3.4.1'],
    ['Color management: warning\nBlender 5.0.0 Beta\n', '5.0.0'],
    ['Blender 2.79 (sub 0)\n', '2.79'],
    ['GNU something 1.0', null],
  ])('%j', (text, version) => {
    expect(versionIn(text)).toBe(version);
  });
});

describe.skipIf(noBlender)('a real Blender', () => {
  test('is granted what it rendered a picture with', { timeout: 200_000 }, async () => {
    const found = (await detect(probeWith({ CROFT_BLENDER: BLENDER }))).find(
      ({ executable }) => executable === BLENDER,
    );
    expect(found?.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(found?.abilities).toContain('cycles');
    // Debian's build has no OpenImageDenoise; its own word on that is the `Denoiser` that the probe may not grant.
    if (found?.version === '3.4.1') expect(found.abilities).not.toContain('denoise');
  });

  test('a program that is no Blender, or does not start, is left out', { timeout: 200_000 }, async () => {
    await program(join(scratch, 'blender'), '#!/bin/sh\necho hello\n');
    await writeFile(join(scratch, 'broken'), 'no program');
    const only: MachineProbe = {
      ...probeWith({ CROFT_BLENDER: `${join(scratch, 'blender')}:${join(scratch, 'broken')}` }),
      run: (file, args, timeoutMs) =>
        file.startsWith(scratch) ? run(file, args, timeoutMs) : Promise.resolve(null),
    };
    expect(await detect(only)).toEqual([]);
  });
});
