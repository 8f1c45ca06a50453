/** The second engine of the real, unmodified rayvision_sync: its package from the farm, its service on this machine. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { atEnd, croft, eventually, startCroft, temporaryFolder } from './support/croft.ts';
import { filesBelow } from './support/pixels.ts';
import { sdkSet, startPython } from './support/python-sdk.ts';
import { describeWith, projectRoot } from './support/tools.ts';

describeWith(['python'], 'the engine raysyncproxy of the real transfer SDK', () => {
  beforeAll(() => void sdkSet('newest').install(), 600_000);

  it('fetches its package over TLS, uploads, downloads, and learns that a key is wrong', async () => {
    const folder = temporaryFolder();
    const home = join(folder, 'farm');
    const server = await startCroft(['server', '--home', home, '--port', '0', '--tls-port', '0']);
    const { tlsUrl, certificatePath } = server.ready as { tlsUrl: string; certificatePath: string };
    const made = await croft(['keys', 'create', '--home', home, '--json']);
    const key = JSON.parse(made.stdout) as { accessId: string; accessKey: string };
    const files = { 'a (1) 红.txt': 'one', 'b "quoted".txt': 'two', 'empty.txt': '' };
    const asset = Object.entries(files).map(([name, text]) => {
      writeFileSync(join(folder, name), text);
      return { local: join(folder, name), server: `pairs/deep/${name}` };
    });
    writeFileSync(join(folder, 'upload.json'), JSON.stringify({ asset }));
    writeFileSync(join(folder, 'task.json'), '{}');
    const python = sdkSet('newest').install();
    const packages = ownPackages(python, folder);
    const service = join(packages, 'rayvision_sync', 'rayvision_raysync', 'RaysyncCmd');
    const env = {
      PYTHONPATH: packages,
      PYTHONDONTWRITEBYTECODE: '1',
      REQUESTS_CA_BUNDLE: certificatePath,
      CROFT_PROGRAM: launcher(folder),
      CROFT_HOME: join(folder, 'client'),
    };
    const stop = () => croft(['raysync-proxy', 'stop', service, '--json'], { CROFT_HOME: env.CROFT_HOME });
    // A service that was asked a moment ago stays.
    atEnd(async () => {
      if (existsSync(service))
        await eventually('the service ends', async () => (await stop()).stdout.includes('"stopped":true'));
    });
    const args = [new URL(tlsUrl).host, key.accessId, key.accessKey, folder];
    const script = startPython(python, 'raysync_demo.py', args, folder, env);

    const sent = await script.next('upload');
    expect(sent.engines).toEqual(['aspera', 'raysyncproxy']);
    expect(sent.results).toEqual([true, true]);
    expect(sent.lines).toContain('-----total file count----- 3');
    expect(sent.lines).toContain('-----success file count----- 3');
    expect((await script.next('limits')).limits).toEqual([expect.any(Number), 2]);
    const { results } = await script.next('download');
    expect(results).toEqual([true, true, expect.stringContaining('auth-failed')]);
    for (const place of ['with/deep', 'without']) {
      const to = join(folder, place);
      expect(filesBelow(to)).toEqual(Object.keys(files).sort());
      for (const [name, text] of Object.entries(files))
        expect(readFileSync(join(to, name), 'utf8')).toBe(text);
    }
    expect(await script.ended).toBe(0);
  });
});

/** A copy of the package in which it can unpack what it fetches, and nobody else finds it. */
function ownPackages(python: string, folder: string): string {
  const ask = 'import rayvision_sync; print(rayvision_sync.__path__[0])';
  const packages = join(folder, 'packages');
  const installed = spawnSync(python, ['-c', ask], { encoding: 'utf8' }).stdout.trim();
  mkdirSync(packages);
  cpSync(installed, join(packages, 'rayvision_sync'), { recursive: true });
  return packages;
}

/** What `croft` on the PATH would be. */
function launcher(folder: string): string {
  const file = join(folder, 'bin', 'croft');
  mkdirSync(dirname(file));
  const main = join(projectRoot, 'packages', 'cli', 'src', 'main.ts');
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}
