/** Uploads and downloads by a program: here a shell script that writes down how it was started and does as it is told. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Log, silentLog } from '@croft/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quickClock } from '../testing/fake-clock.ts';
import { envelope, type FarmDouble, farmDouble, KEY } from '../testing/farm-double.ts';
import { RayvisionAPI } from './api.ts';
import { RayvisionDownload } from './download.ts';
import { RayvisionUpload, type RayvisionUploadOptions } from './upload.ts';

/** Tells its arguments, stdin and two variables, prints its lines, and ends with the next of its codes (the last one stays). */
const PROGRAM = `#!/bin/sh
here=$(dirname "$0")
for word in "$@"; do printf '%s\\n' "$word"; done > "$here/words"
cat > "$here/stdin"
printf '%s\\n%s\\n' "$LD_LIBRARY_PATH" "$RAYVISION_LOG" > "$here/env"
echo start >> "$here/starts"
number=$(wc -l < "$here/starts")
cat "$here/lines" 2>/dev/null
code=$(sed -n "\${number}p" "$here/codes")
[ -n "$code" ] || code=$(tail -n 1 "$here/codes")
[ "$code" = killed ] && kill -9 $$
[ "$code" = waiting ] && exec sleep 30
exit "$code"
`;
const PROFILE = { userId: 10001136, userName: 'rayvision', shareMainCapital: 0 };
const LINE = { name: 'croft', server: '192.0.2.7', port: '8420', isDefault: 1 };
const ANSWERS: Readonly<Record<string, unknown>> = {
  getBid: { config_bid: '30201', input_bid: '10201', output_bid: '20201', parent_input_bid: '10777' },
  queryUserProfile: PROFILE,
  queryUserSetting: {},
  getConfig: { resqEngines: [{ engineName: 'Aspera', respTaskEngineLines: [LINE] }] },
};

describe.skipIf(process.platform === 'win32')('a program that moves the files', () => {
  let farm: FarmDouble;
  let base: string;
  beforeAll(async () => {
    base = mkdtempSync(join(tmpdir(), 'croft-upload-'));
    farm = await farmDouble();
    farm.answer((request, response) =>
      envelope(ANSWERS[request.target.slice(request.target.lastIndexOf('/') + 1)] ?? null)(request, response),
    );
  });
  afterAll(async () => {
    await farm[Symbol.asyncDispose]();
    rmSync(base, { recursive: true, force: true });
  });

  function desk(
    codes: readonly (number | string)[],
    lines: string | Buffer = '',
    more: RayvisionUploadOptions = {},
  ) {
    const folder = mkdtempSync(join(base, 'the farm $HOME '));
    const exe = join(folder, 'program', 'rayvision_transmitter');
    mkdirSync(join(folder, 'program'));
    writeFileSync(exe, PROGRAM, { mode: 0o755 });
    const beside = (name: string) => join(folder, 'program', name);
    writeFileSync(beside('codes'), codes.join('\n'));
    writeFileSync(beside('lines'), lines);
    const uploadJson = join(folder, 'upload.json');
    writeFileSync(uploadJson, '{"asset": []}');
    const said: { info: string[]; debug: string[] } = { info: [], debug: [] };
    const logger: Log = {
      ...silentLog,
      info: (_facts, text) => void said.info.push(text),
      debug: (_facts, text) => void said.debug.push(text),
    };
    const domain = new URL(farm.connection.url).host;
    const api = new RayvisionAPI({ ...KEY, domain, protocol: 'http', platform: '2', logger: silentLog });
    const clock = quickClock();
    const environment = { home: join(folder, 'home') } as never;
    const options = { transmitterExe: exe, clock, logger, environment, random: () => 0.5, ...more };
    return {
      folder,
      uploadJson,
      said,
      clock,
      upload: new RayvisionUpload(api, options),
      download: new RayvisionDownload(api, options),
      told: (name: string) => readFileSync(beside(name), 'utf8').trimEnd().split('\n'),
      starts: () =>
        existsSync(beside('starts')) ? readFileSync(beside('starts'), 'utf8').split('\n').length - 1 : 0,
    };
  }

  it('gets each value as it is, its answer on stdin, its libraries and the folder of the log', async () => {
    const { folder, uploadJson, upload, told, said } = desk([0], 'hello\n');
    expect(await upload.uploadAsset(uploadJson, { maxSpeed: 2000.5 })).toBe(true);
    const ini = join(
      folder,
      'home',
      'renderfarm_sdk',
      'db_ini',
      `${folder.slice(folder.lastIndexOf('/') + 1)}.ini`,
    );
    expect(told('words')).toEqual([
      ...['-E', 'aspera', '-H', '192.0.2.7', '-P', '8420', '-S', '10201', '-U', '10001136'],
      ...['-T', 'upload_json', '-L', uploadJson, '-R', '/', '-r', '2', '-K', 'false', '-s', '2000'],
      ...['-C', ini, '-p', '0'],
    ]);
    expect(existsSync(ini)).toBe(true);
    expect(told('stdin')).toEqual(['y']);
    expect(told('env')).toEqual([join(folder, 'program'), join(folder, 'home', 'renderfarm_sdk')]);
    expect(said.info).toContain('hello');
    expect(said.info.join('\n')).not.toContain('10201');
  });

  it.each([
    [1, 12, 200_024],
    [8, 12, 200_024],
    [2, 1, 200_024],
    [9, 1, 1_000_000],
    [10, 12, 1_000_000],
    [11, 12, 200_025],
    [255, 12, 1_000_000],
    ['killed', 12, 1_000_000],
  ])('that ends with %s is started %d times, then error %d', async (code, starts, errorCode) => {
    const { uploadJson, upload, said, ...rest } = desk([code], 'upload file fail (/a), error-1\nlast word\n');
    await expect(upload.uploadAsset(uploadJson)).rejects.toMatchObject({ errorCode });
    expect(rest.starts()).toBe(starts);
    expect(rest.clock.waits.filter((ms) => ms === 1500)).toHaveLength(starts - 1);
    const isToldAgain = said.info.includes('err_message: upload file fail (/a), error-1');
    expect(isToldAgain).toBe([9, 10, 11].includes(code as number));
  });

  it('gets ten tries for a file of configuration', async () => {
    const never = desk([1], 'last word\n');
    await expect(never.upload.uploadConfig(77, [never.uploadJson])).rejects.toMatchObject({
      errorCode: 20_004,
      message: expect.stringContaining('last word'),
    });
    expect(never.starts()).toBe(10);
    const later = desk([1, 255, 0]);
    expect(await later.upload.uploadConfig('77', [later.uploadJson])).toBe(true);
    expect(later.starts()).toBe(3);
    expect(later.told('words').slice(6, 16)).toEqual([
      ...['-S', '30201', '-U', '10001136', '-T', 'upload_path'],
      ...['-L', later.uploadJson, '-R', '/77/cfg/upload.json'],
    ]);
  });

  it('may write in GBK, with any line ends, and lines of any length', async () => {
    const long = `${'x'.repeat(200_000)}\n`;
    const gbk = Buffer.concat([Buffer.from([0xba, 0xec]), Buffer.from(' gbk\r\n')]);
    const lines = Buffer.concat([Buffer.from('one\r\n\n  \nutf8 红\n'), gbk, Buffer.from(`${long}no end`)]);
    const { uploadJson, upload, said } = desk([0], lines);
    await upload.uploadAsset(uploadJson, { isDb: false });
    const told = said.info.slice(1);
    expect(told[0]).toBe('one');
    expect(told.slice(1, 3)).toEqual(['utf8 红', '红 gbk']);
    expect(told[3]).toMatch(/^x{1000}/);
    expect(told.at(-1)).toBe('no end');
  });

  it('tells what it sent: the whole path goes into the record', async () => {
    const lines = 'upload file done (/a (1).txt) size:3\nupload file done(/b)\nupload file unchanged (/c)\n';
    const { uploadJson, upload } = desk([0], lines);
    const paths: string[] = [];
    const redisObj = { hSet: async (name: string, path: string) => paths.push(`${name} ${path}`) };
    await upload.uploadAsset(uploadJson, { isRecord: true, redisObj });
    expect(paths).toEqual(['upload_done /a (1).txt', 'upload_done /b']);
  });

  it('that cannot be started is told; one that is not there is not used', async () => {
    const { folder, uploadJson, upload } = desk([0]);
    writeFileSync(join(folder, 'plain'), '', { mode: 0o644 });
    upload.trans.transmitterExe = join(folder, 'plain');
    await expect(upload.uploadAsset(uploadJson)).rejects.toMatchObject({
      errorCode: 1_000_000,
      message: expect.stringContaining('plain'),
    });
    expect(desk([0], '', { transmitterExe: join(folder, 'none') }).upload.trans.program).toBeNull();
  });

  it("is told of in a log of the transfer's own, where one is wanted", async () => {
    const logFolder = join(base, 'logs');
    const domain = new URL(farm.connection.url).host;
    const api = new RayvisionAPI({ ...KEY, domain, protocol: 'http', platform: '2', logger: silentLog });
    const { uploadJson, upload } = desk([0], 'hello\n');
    const transmitterExe = upload.trans.transmitterExe;
    const own = new RayvisionUpload(api, {
      transmitterExe,
      logFolder,
      logName: 'mine.log',
      logLevel: 'INFO',
    });
    await own.uploadConfig(1, [uploadJson]);
    expect(readFileSync(join(logFolder, 'rayvision_sync', 'mine.log'), 'utf8')).toContain('hello');
  });

  it('is ended with the caller', async () => {
    const caller = new AbortController();
    const { uploadJson, upload, starts } = desk(['waiting'], '', { signal: caller.signal });
    const ended = expect(upload.uploadAsset(uploadJson)).rejects.toThrow('enough');
    await expect.poll(starts).toBe(1);
    caller.abort(new Error('enough'));
    await ended;
  });

  it('fetches results as well, by task, by path, and assets', async () => {
    const { folder, download, told, said } = desk([0, 0, 1], 'a line\n');
    const localPath = join(folder, 'out');
    const how = { localPath, printLog: false, maxSpeed: '800' };
    expect(await download.download({ ...how, serverPath: '1_shot/far' })).toBe(true);
    expect(told('words').slice(6)).toEqual([
      ...['-S', '20201', '-U', '10001136', '-T', 'download_path', '-L', localPath, '-R', '1_shot/far'],
      ...['-r', '2', '-K', 'true', '-s', '800', '-C', 'None', '-p', '0'],
    ]);
    expect(said.debug).toContain('a line');
    expect(said.info.join('\n')).not.toContain('a line');
    await download.download({ ...how, serverPath: ['/D/a'], asset: true, downloadFilenameFormat: 'false' });
    expect(told('words').slice(6, 10)).toEqual(['-S', '10201', '-U', '10001136']);
    expect(told('words')).toContain('false');
    const task = {
      id: 7,
      taskStatus: 25,
      statusText: '',
      isOpen: 0,
      outputFileName: '7_x',
      userId: 8,
      bid: '20999',
    };
    Object.assign(download.api.query, { taskInfo: async () => ({ items: [task] }) });
    await expect(download.download({ ...how, taskIdList: [7] })).rejects.toThrow('7_x could not be fetched');
    expect(told('words').slice(6, 10)).toEqual(['-S', '20999', '-U', '8']);
    await expect(download.download({ ...how, serverPath: '/x', existing: 'keep' })).rejects.toMatchObject({
      errorCode: 600,
    });
  });
});
