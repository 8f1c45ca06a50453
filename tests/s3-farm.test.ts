import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCuttingProxy } from '../packages/server/src/transfer-door/cutting-proxy.ts';
import { makeScene } from './support/blender.ts';
import { atEnd, croft, croftProcess, startCroft, temporaryFolder } from './support/croft.ts';
import { filesBelow } from './support/pixels.ts';
import { S3_BUILD_MS, type S3Server, startS3Server, whyNoS3Servers } from './support/s3-servers.ts';
import { describeWith } from './support/tools.ts';

const MiB = 2 ** 20;
const BUCKET = 'croft-farm';
const why = whyNoS3Servers();

if (why !== null) describe.skip(`a farm whose bytes are in a bucket (skipped: ${why})`, () => {});
else
  describeWith(['blender'], 'a farm whose bytes are in a bucket', () => {
    let server: S3Server;
    beforeAll(async () => {
      server = await startS3Server('versitygw', [BUCKET]);
    }, S3_BUILD_MS);
    afterAll(() => server?.close());

    const keyOf = ({ credentials }: S3Server) => ({
      CROFT_S3_KEY_ID: credentials.accessKeyId,
      CROFT_S3_SECRET: credentials.secretAccessKey,
    });

    it('does not start with a wrong key, and says so', async () => {
      const home = join(temporaryFolder(), 'home');
      const address = `s3://${BUCKET}/wrong?endpoint=${server.endpoint}`;
      const wrong = { ...keyOf(server), CROFT_S3_SECRET: 'not-it' };
      const start = ['server', '--home', home, '--port', '0', '--blobs', address];
      const { code, stdout, stderr } = await croftProcess(start, wrong);
      expect([code, stdout]).toEqual([6, '']);
      expect(stderr).toMatch(/^croft: the S3 server refuses .*signature.*\nhint: .*access key.*\n$/);
      expect(stderr).not.toContain('not-it');
    });

    it('renders, and long bytes go straight between client, node and bucket', async () => {
      const folder = temporaryFolder();
      // A texture of two parts, and frames that are longer than what travels in packs.
      makeScene(
        folder,
        `picture(os.path.join(FOLDER, 'tex', 'a.png'), (.4, .8, 1), size=64)
animate(card('Card', glowing('A', os.path.join(FOLDER, 'tex', 'a.png')), size=2))
scene.render.resolution_x, scene.render.resolution_y = 640, 480
scene.render.image_settings.file_format = 'TIFF'
scene.render.image_settings.color_depth = '16'
scene.render.image_settings.tiff_codec = 'NONE'
scene.cycles.samples = 1
scene.frame_end = 2
save(os.path.join(FOLDER, 'scene.blend'))`,
      );
      appendFileSync(join(folder, 'tex', 'a.png'), Buffer.alloc(20 * MiB, 7));
      const port = Number(new URL(server.endpoint).port);
      const proxy = await openCuttingProxy(() => port, MiB, 1);
      proxy.behave();
      atEnd(() => proxy.close());
      const home = join(folder, 'home');
      const address = `s3://${BUCKET}/farm?endpoint=${server.endpoint}&public-endpoint=${proxy.url}`;
      const up = ['up', '--home', home, '--port', '0'];
      const farm = await startCroft([...up, '--blobs', address], keyOf(server));
      const client = { CROFT_HOME: home };
      const render = await croft(['render', join(folder, 'scene.blend'), '--no-download', '--json'], client);
      expect(render.code, render.stderr).toBe(0);
      const { taskId } = JSON.parse(render.stdout.trim().split('\n').at(-1)!) as { taskId: number };
      const download = async (to: string) => {
        const outcome = await croft(['download', String(taskId), '--output', join(folder, to)], client);
        expect(outcome.code, outcome.stderr).toBe(0);
        const frames = filesBelow(join(folder, to)).filter((file) => file.endsWith('.tif'));
        return frames.map((file) => readFileSync(join(folder, to, file)));
      };
      const frames = await download('out');
      expect(frames).toHaveLength(2);
      const frameBytes = frames.reduce((sum, { length }) => sum + length, 0);
      expect(frameBytes).toBeGreaterThan(2 * MiB);
      // Up: the texture and the frames. Down: the texture to the node, the frames to the client.
      expect(proxy.sentBytes()).toBeGreaterThan(20 * MiB + frameBytes);
      expect(proxy.receivedBytes()).toBeGreaterThan(20 * MiB + frameBytes);

      // The secret is in no file of the home, and not in what was printed.
      await farm.stop();
      const { secretAccessKey } = server.credentials;
      for (const file of filesBelow(home))
        expect(readFileSync(join(home, file)).includes(secretAccessKey), file).toBe(false);
      expect(farm.log()).not.toContain(secretAccessKey);

      // The home knows its bucket, and takes no other one.
      const other = `s3://${BUCKET}/other?endpoint=${server.endpoint}`;
      const elsewhere = await croftProcess([...up, '--blobs', other], { ...client, ...keyOf(server) });
      expect([elsewhere.code, elsewhere.stderr]).toEqual([
        3,
        expect.stringContaining('not in s3://croft-farm/other/'),
      ]);
      const again = await startCroft(up, keyOf(server));
      const back = await download('back');
      expect(back.map((bytes, index) => bytes.equals(frames[index]!))).toEqual([true, true]);
      await again.stop();
    });
  });
