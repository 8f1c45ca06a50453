/** The documented upload of the SDK in TypeScript, against a farm: by Croft's own engine and by the transmitter program. */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Clock, silentLog, systemClock } from '@croft/contract';
import {
  appendToUpload,
  cuttingUpload,
  farmSession,
  RayvisionAPI,
  RayvisionDownload,
  RayvisionUpload,
  type RayvisionUploadOptions,
} from '@croft/sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { uploadInPieces } from '../examples/sdk/upload-in-pieces.ts';
import { outcomeOf, temporaryFolder } from './support/croft.ts';
import { keyOf, startServer, type TestFarm } from './support/farm.ts';
import { projectRoot } from './support/tools.ts';

const NAMES = ['task', 'tips', 'asset', 'upload'] as const;
/** Waits of a second between tries are none; all others are what they are. */
const impatient: Clock = {
  now: () => systemClock.now(),
  after: (ms, action) => systemClock.after(ms === 1000 ? 1 : ms, action),
};

interface Key {
  accessId: string;
  accessKey: string;
}

describe('the documented upload', () => {
  let farm: TestFarm;
  let key: Key;
  let program: string;
  beforeAll(async () => {
    farm = await startServer();
    key = keyOf(farm);
    program = (await farm.json<{ path: string }>('transmitter', join(temporaryFolder(), 'program'))).path;
  });

  const apiOf = (who: Key = key) =>
    new RayvisionAPI({
      ...who,
      domain: new URL(farm.url).host,
      protocol: 'http',
      platform: '2',
      logger: silentLog,
    });

  /** A folder with a task's four files and two assets, one with an odd name; and an uploader that writes down its log. */
  function desk(options: RayvisionUploadOptions = {}, who: Key = key) {
    const folder = temporaryFolder();
    const cfg = join(folder, '1586250829');
    mkdirSync(cfg);
    const assets = ['a.txt', 'odd (红) $HOME `x`.txt'].map((name) => join(folder, name));
    for (const [index, file] of assets.entries()) {
      writeFileSync(file, `asset ${index} of ${folder}`);
      utimesSync(file, 1_700_000_000, 1_700_000_000);
    }
    const asset = assets.map((local, index) => ({ local, server: `/D${folder}/${index}.txt` }));
    for (const name of NAMES) writeFileSync(join(cfg, `${name}.json`), JSON.stringify({ name }));
    writeFileSync(join(cfg, 'upload.json'), JSON.stringify({ asset }));
    const said: string[] = [];
    const logger = { ...silentLog, info: (_facts: object, text: string) => void said.push(text) };
    const environment = { home: join(folder, 'home') } as never;
    const upload = new RayvisionUpload(apiOf(who), { logger, environment, ...options });
    const paths = {
      taskJsonPath: join(cfg, 'task.json'),
      tipsJsonPath: join(cfg, 'tips.json'),
      assetJsonPath: join(cfg, 'asset.json'),
      uploadJsonPath: join(cfg, 'upload.json'),
    };
    const done = () => said.filter((line) => line.startsWith('upload file done'));
    return { folder, cfg, assets, said, upload, paths, done };
  }

  /** What lies in the input storage of an account. */
  async function stored(prefix: string, who: Key = key): Promise<string[]> {
    const session = farmSession({ ...who, url: farm.url });
    try {
      return (await session.mover.list('input', prefix)).map(({ path }) => path).sort();
    } finally {
      await session.close();
    }
  }

  /** A client may not read that storage, so the farm's own table says what lies there. */
  function configOf(taskId: number): string[] {
    const db = new DatabaseSync(join(farm.home, 'farm', 'farm.sqlite'), { readOnly: true });
    const rows = db
      .prepare("select path from tree_entries where root = 'config' and path like ? order by path")
      .all(`/${taskId}/%`) as { path: string }[];
    db.close();
    return rows.map(({ path }) => path);
  }

  for (const by of ['this process', 'the program'] as const)
    it(`puts a task's files and assets in their places, once, by ${by}`, async () => {
      const { folder, cfg, said, upload, paths, done } = desk(
        by === 'the program' ? { transmitterExe: program } : {},
      );
      const taskId = by === 'the program' ? 771 : 770;
      expect(await upload.upload(String(taskId), paths, { maxSpeed: '900000' })).toBe(true);
      const config = NAMES.map((name) => `/${taskId}/cfg/${name}.json`).sort();
      expect(configOf(taskId)).toEqual(config);
      expect(await stored(`/D${folder}`)).toEqual([`/D${folder}/0.txt`, `/D${folder}/1.txt`]);
      expect(done()).toHaveLength(6);
      // The command of each, without the id that opens the storage.
      const commands = said.filter((line) => line.startsWith('cmd...'));
      expect(commands).toHaveLength(5);
      expect(commands[4]).toContain(' -S "***" ');
      expect(commands[4]).toContain(' -T "upload_json" ');
      expect(commands[4]).toContain(' -s "900000" ');
      // The database and the engine's log, where the documents put them.
      const home = join(folder, 'home', 'renderfarm_sdk');
      expect(readdirSync(join(home, 'db_ini'))).toEqual(['1586250829.ini']);
      expect(existsSync(join(home, 'db', '1586250829.db'))).toBe(true);
      expect(readdirSync(join(home, 'rayvision_transmitter')).length).toBeGreaterThan(0);

      await upload.uploadAsset(paths.uploadJsonPath);
      expect(done()).toHaveLength(6);
      expect(said.filter((line) => line.startsWith('upload file unchanged'))).toHaveLength(2);
      // Each start of the program costs a second of a processor, and the rest is the same for both.
      if (by === 'the program') return;
      await upload.uploadAsset(paths.uploadJsonPath, { isDb: false });
      expect(done()).toHaveLength(8);

      // The list form, in its order, and a file of configuration that is not there.
      writeFileSync(join(cfg, 'task.json'), '{"again": true}');
      const list = NAMES.map((name) => join(cfg, `${name}.json`)) as [string, string, string, string];
      list[1] = join(cfg, 'none.json');
      await upload.upload(taskId + 10, list, { isDb: false });
      expect(configOf(taskId + 10)).toHaveLength(3);
      expect(said).toContain(`${list[1]} is not exists.`);
    });

  it('sends pieces of a long upload.json at once, and folders that were added', async () => {
    const { folder, assets, upload, paths, done } = desk();
    const more = join(folder, 'more');
    mkdirSync(join(more, 'deep'), { recursive: true });
    for (const name of ['b.txt', join('deep', 'c.txt')]) writeFileSync(join(more, name), name);
    expect(await appendToUpload([more, assets[0]!], paths.uploadJsonPath)).toBe(2);
    const pool = await cuttingUpload(paths.uploadJsonPath, 1);
    expect(pool).toHaveLength(4);
    writeFileSync(join(folder, 'broken.json'), '{"asset": 1}');
    const results = await upload.threadPoolUpload([...pool, join(folder, 'broken.json')], { poolSize: 3 });
    expect(results.map(({ error }) => error === null)).toEqual([true, true, true, true, false]);
    expect(results[4]!.error).toMatchObject({
      errorCode: 200_024,
      message: expect.stringContaining('asset'),
    });
    expect(done()).toHaveLength(4);
    expect(await stored(more)).toEqual([join(more, 'b.txt'), join(more, 'deep', 'c.txt')]);
    const again = await upload.multiThreadUpload(pool, { threadNum: 2, isDb: false });
    expect(again.every(({ error }) => error === null)).toBe(true);
    expect(pool).toHaveLength(4);
    // The folder's files alone, as a list of paths.
    const list = join(folder, 'list.txt');
    writeFileSync(list, `\n${more}\n`);
    await upload.uploadAsset(list, { transmitType: 'upload_list', isDb: false, engineType: 'raysyncproxy' });
    expect(done()).toHaveLength(10);
    // The example does the same with a folder of any length.
    expect(await uploadInPieces(apiOf(), [more, assets[1]!])).toBe(3);
    expect(await stored(assets[1]!)).toEqual([assets[1]]);
  });

  it('tells which files cannot be sent, after all others were', async () => {
    const { folder, assets, said, upload, paths, done } = desk({ clock: impatient, random: () => 0 });
    const missing = join(folder, 'missing.txt');
    const asset = [missing, assets[0]!].map((local) => ({ local, server: local }));
    writeFileSync(paths.uploadJsonPath, JSON.stringify({ asset }));
    await expect(upload.uploadAsset(paths.uploadJsonPath)).rejects.toMatchObject({
      errorCode: 200_025,
      message: expect.stringContaining(missing),
    });
    expect(done()).toHaveLength(1);
    expect(said.filter((line) => line === 'Retrying upload......')).toHaveLength(11);
    expect(said.some((line) => line.startsWith('err_message: ') && line.includes(missing))).toBe(true);
    expect(said).toContain('cmdp.returncode: 11');
  });

  it('keeps a record of what was sent', async () => {
    const { assets, upload, paths } = desk();
    const record = new Map<string, string>();
    const redisObj = {
      hSet: async (name: string, path: string, at: string) => record.set(`${name} ${path}`, at),
    };
    const from = Math.floor(systemClock.now() / 1000);
    await upload.uploadAsset(paths.uploadJsonPath, { isRecord: true, redisFlag: 'mine', redisObj });
    expect([...record.keys()].sort()).toEqual(assets.map((file) => `mine ${file}`).sort());
    for (const at of record.values()) expect(Number(at)).toBeGreaterThanOrEqual(from);
    const broken = { hSet: async () => Promise.reject(new Error('gone')) };
    await expect(
      upload.uploadAsset(paths.uploadJsonPath, { isRecord: true, isDb: false, redisObj: broken }),
    ).rejects.toMatchObject({ errorCode: 1_000_000, message: expect.stringContaining('gone') });
  });

  it('goes to the storage that a sub-account shares', async () => {
    await farm.json('accounts', 'create', 'ada');
    const ada = await farm.json<Key>('keys', 'create', '--account', 'ada');
    const { folder, upload, paths } = desk({}, ada);
    await upload.uploadAsset(paths.uploadJsonPath);
    expect(await stored(`/D${folder}`, ada)).toHaveLength(2);
    expect(await stored(`/D${folder}`)).toEqual([]);
    await farm.json('accounts', 'set', 'ada', 'shareMainCapital=1');
    await upload.uploadAsset(paths.uploadJsonPath, { isDb: false });
    expect(await stored(`/D${folder}`)).toHaveLength(2);
    for (const by of [{}, { transmitterExe: program }]) {
      const download = new RayvisionDownload(apiOf(ada), { ...by, logger: silentLog });
      const localPath = join(folder, 'back', String(Object.keys(by).length));
      const what = {
        serverPath: `D${folder}`,
        asset: true,
        localPath,
        downloadFilenameFormat: 'false',
      } as const;
      await download.download(what);
      expect(readdirSync(localPath).sort()).toEqual(['0.txt', '1.txt']);
    }
  });

  it('comes back as it was: by size and time, or byte for byte', async () => {
    const { folder, upload, paths } = desk();
    await upload.uploadAsset(paths.uploadJsonPath);
    const download = new RayvisionDownload(apiOf(), { logger: silentLog });
    const localPath = join(folder, 'back');
    const what = { serverPath: [`D${folder}/0.txt`], asset: true, localPath, downloadFilenameFormat: false };
    await download.download({ ...what, engineType: 'raysyncproxy', downloadNum: 1 });
    const file = join(localPath, '0.txt');
    const { mtime } = statSync(file);
    const bytes = readFileSync(file, 'utf8');
    writeFileSync(file, bytes.replace('asset', 'ASSET'));
    utimesSync(file, mtime, mtime);
    await download.download(what);
    expect(readFileSync(file, 'utf8')).not.toBe(bytes);
    await download.download({ ...what, enableHash: true });
    expect(readFileSync(file, 'utf8')).toBe(bytes);
  });

  it('takes another line, by address, by name and by a file; what there is not is told', async () => {
    const { hostname, port } = new URL(farm.url);
    const file = join(temporaryFolder(), 'transports.json');
    const line = { server_name: 'own', server_ip: hostname, server_port: Number(port) };
    writeFileSync(file, JSON.stringify({ renderbus_www2: { aspera: line } }));
    for (const options of [
      { internetProvider: 'croft' },
      { automaticLine: false },
      { automaticLine: false, transportsJson: file },
    ]) {
      const { upload, paths, done } = desk(options);
      await upload.uploadConfig(901, [paths.taskJsonPath]);
      expect(done()).toHaveLength(1);
    }
    const { upload, paths, folder } = desk({ internetProvider: 'elsewhere' });
    await expect(upload.uploadConfig(901, [paths.taskJsonPath])).rejects.toMatchObject({
      errorCode: 1_000_002,
    });
    const address = { serverIp: hostname, serverPort: port };
    await upload.uploadConfig(901, [paths.taskJsonPath], address);
    const download = new RayvisionDownload(apiOf(), { internetProvider: 'elsewhere', logger: silentLog });
    const what = { serverPath: 'no/such', localPath: join(folder, 'back') };
    await expect(download.download(what)).rejects.toMatchObject({ errorCode: 1_000_002 });
    await expect(download.download({ ...what, ...address })).rejects.toThrow('no/such');
  });

  it('refuses what cannot be before it sends anything', async () => {
    const { upload, paths, said } = desk();
    const asset = (how: object) => upload.uploadAsset(paths.uploadJsonPath, how);
    await expect(asset({ engineType: 'raysyncweb' })).rejects.toMatchObject({
      name: 'UnsupportedEngineType',
    });
    await expect(asset({ proxyIp: '10.0.0.1', proxyPort: 5555 })).rejects.toMatchObject({ errorCode: 600 });
    await expect(asset({ maxSpeed: 'fast' })).rejects.toMatchObject({ errorCode: 600 });
    await expect(asset({ networkMode: 3 })).rejects.toMatchObject({ errorCode: 600 });
    await expect(asset({ uploadNum: 11 })).rejects.toMatchObject({ errorCode: 600 });
    await expect(upload.uploadConfig('../1', [])).rejects.toMatchObject({ errorCode: 2000 });
    await expect(upload.threadPoolUpload([], { poolSize: 0 })).rejects.toMatchObject({ errorCode: 600 });
    expect(said).toEqual([]);
  });

  it('lets a script that only waits go on to its end', async () => {
    const script = join(temporaryFolder(), 'script.ts');
    const sdk = join(projectRoot, 'packages', 'sdk', 'src', 'index.ts');
    const options = {
      ...key,
      domain: new URL(farm.url).host,
      protocol: 'http',
      platform: '2',
      logLevel: 'ERROR',
    };
    writeFileSync(
      script,
      `import { RayvisionAPI, RayvisionDownload } from ${JSON.stringify(sdk)};
const download = new RayvisionDownload(new RayvisionAPI(${JSON.stringify(options)}));
await download.autoDownload({ taskIdList: [404], sleepTime: 0.2 }).catch((error) => console.log(error.message));
`,
    );
    const env = { ...process.env, RAYVISION_LOG_ROOT: temporaryFolder() };
    const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const { code, stdout } = await outcomeOf(child);
    expect([code, stdout]).toEqual([0, expect.stringContaining('404')]);
  });
});
