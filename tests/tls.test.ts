/** A farm that speaks TLS with a certificate of its own: client and node trust it by file, and nothing works without. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, silentLog, systemClock } from '@croft/contract';
import { startNode } from '@croft/node';
import { renderbusApi, TRANSMIT_EXIT, transmit } from '@croft/sdk';
import { expect, test, vi } from 'vitest';
import { makeScene } from './support/blender.ts';
import { croft, croftProcess, startCroft, temporaryFolder } from './support/croft.ts';
import { describeWith } from './support/tools.ts';

interface Ready {
  url: string;
  tlsUrl: string;
  certificatePath: string;
  home: string;
}

describeWith(['blender'], 'a farm over TLS', () => {
  test('renders for a client and on a node that trust its certificate, and refuses neither silently', async () => {
    const folder = temporaryFolder();
    // A path with spaces, as users have them.
    const home = join(folder, 'the farm');
    const server = await startCroft(['server', '--home', home, '--port', '0', '--tls-port', '0']);
    const { tlsUrl, certificatePath } = server.ready as unknown as Ready;
    expect(tlsUrl).toMatch(/^https:/);
    expect(JSON.stringify(server.ready)).not.toContain('PRIVATE KEY');
    const key = await croft(['keys', 'create', '--home', home, '--json']);
    const { accessId, accessKey } = JSON.parse(key.stdout);
    const env = {
      CROFT_HOME: join(folder, 'client'),
      CROFT_ACCESS_ID: accessId,
      CROFT_ACCESS_KEY: accessKey,
    };
    const trusting = ['--server', tlsUrl, '--ca', certificatePath];

    const distrusted = await croft(['tasks', '--server', tlsUrl], env);
    expect(distrusted).toMatchObject({ code: 5, stdout: '' });
    expect(distrusted.stderr).toMatch(
      /^croft: the certificate of https:\S+ is not trusted .*\nhint: .*--ca.*\n$/,
    );
    const noFile = await croft(['tasks', '--server', tlsUrl, '--ca', join(folder, 'none.pem')], env);
    expect(noFile.stderr).toMatch(/^croft: .*none\.pem.*\nhint: .*\n$/);

    const made = await croftProcess(['node-code', ...trusting, '--json'], env);
    const { code } = JSON.parse(made.stdout) as { code: string };
    const nodeHome = join(folder, 'a node');
    const joining = ['node', '--server', tlsUrl, '--home', nodeHome];
    const stranger = await croftProcess([...joining, '--code', code], env);
    expect(stranger).toMatchObject({ code: 5 });
    expect(stranger.stderr).toMatch(/^croft: .*\nhint: .*--ca/m);
    await startCroft([...joining, '--code', code, '--ca', certificatePath], env);

    makeScene(folder, "card('Card', glowing('Glow')); save(os.path.join(FOLDER, 'my scene.blend'))");
    const output = join(folder, 'the frames');
    const scene = join(folder, 'my scene.blend');
    const rendered = await croftProcess(
      ['render', scene, '--frames', '1-2', '--output', output, ...trusting, '--json'],
      env,
    );
    expect(rendered, rendered.stderr).toMatchObject({ code: 0 });
    expect(rendered.stdout.trim().split('\n')).toHaveLength(1);
    expect(readdirSync(output).sort()).toEqual(['pic_0001.png', 'pic_0002.png']);
  });
});

test('a farm that is not trusted is told at once by the transmitter, a patient client and a node that knew it', async () => {
  const folder = temporaryFolder();
  const home = join(folder, 'farm');
  const server = await startCroft(['server', '--home', home, '--port', '0', '--tls-port', '0']);
  const { url, tlsUrl } = server.ready as unknown as Ready;
  const notTrusted = /the certificate of https:\S+ is not trusted \(.*CERT.*\)/;
  const hint = /--ca FILE or CROFT_CA/;

  const lines: string[] = [];
  const { hostname, port } = new URL(tlsUrl);
  const words = `-E aspera -H ${hostname} -P ${port} -S 1 -U 1 -T upload_path -L ${folder} -R /x -r 2`.split(
    ' ',
  );
  const code = await transmit(words, {
    version: '1',
    print: (line) => lines.push(line),
    clock: systemClock,
    signal: new AbortController().signal,
    key: null,
    scheme: null,
  });
  // The documented SDK ends at once with it; 1 would start the program twelve times.
  expect(code).toBe(TRANSMIT_EXIT.refused);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(notTrusted);
  expect(lines[0]).toMatch(hint);

  const onRetry = vi.fn();
  const api = renderbusApi({ url: tlsUrl, accessId: 'a', accessKey: 'b' }, { patient: true, onRetry });
  await expect(api.user.profile()).rejects.toMatchObject({
    code: 'SDK_NOT_TRUSTED',
    exit: 5,
    message: expect.stringMatching(notTrusted),
    hint: expect.stringMatching(hint),
  });
  expect(onRetry).not.toHaveBeenCalled();

  const made = await croft(['node-code', '--home', home, '--json']);
  const { code: nodeCode } = JSON.parse(made.stdout) as { code: string };
  const node = { home: join(folder, 'node'), clock: systemClock, apps: [] };
  await (await startNode({ ...node, server: url, code: nodeCode, log: silentLog })).stop();
  const told: string[] = [];
  const log: Log = { ...silentLog, error: (_fields, message) => void told.push(message), child: () => log };
  const again = await startNode({ ...node, server: tlsUrl, log });
  // Long enough for several tries to link.
  await vi.waitFor(() => expect(told).not.toHaveLength(0), { timeout: 10_000 });
  await new Promise((resolve) => setTimeout(resolve, 700));
  await again.stop();
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(notTrusted);
  expect(told[0]).toMatch(hint);
});
