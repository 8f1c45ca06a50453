/** The same uploads and downloads by the real packages and by the classes in TypeScript start a program with the same words. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '@croft/contract';
import { RayvisionAPI, RayvisionDownload, RayvisionUpload } from '@croft/sdk';
import { describe, expect, it } from 'vitest';
import { type ApiOperation, apiPath } from '../packages/sdk/src/rayvision/api-paths.ts';
import { envelope, type FarmDouble, farmDouble, KEY } from '../packages/sdk/src/testing/farm-double.ts';
import { temporaryFolder } from './support/croft.ts';
import { SDK_SETS, type SdkSet, startPython } from './support/python-sdk.ts';

/** Writes its words, one start a line, and ends well. */
const PROGRAM = `#!/bin/sh
here=$(dirname "$0")
{ for word in "$@"; do printf '%s|' "$word"; done; echo; } >> "$here/starts"
`;
const LINE = { name: 'croft', server: '192.0.2.7', port: '8420', isDefault: 1 };
const TASK = {
  id: 7,
  taskStatus: 25,
  statusText: 'render_task_status_25',
  isOpen: 0,
  outputFileName: '7_shot',
};
const NOTHING_SAID = { userId: '', bid: '', respRenderingTaskList: null };
const OF_ANOTHER = { userId: 8, bid: '20999', respRenderingTaskList: null };

/** The variables of whoever runs the test do not count. */
const NO_PLACES = { RAYVISION_LOG: '', RAYVISION_DB: '' };

type Answers = Readonly<Partial<Record<ApiOperation, unknown>>>;

function answers(shareMainCapital: 0 | 1, of: object): Answers {
  return {
    getTransferBid: {
      config_bid: '30201',
      input_bid: '10201',
      output_bid: '20201',
      parent_input_bid: '10777',
    },
    queryUserProfile: { userId: 10001136, userName: 'u', shareMainCapital, mainUserId: 10000001 },
    queryUserSetting: {},
    getRaySyncUserKey: { raySyncUserKey: 'k' },
    getTransferConfig: { resqEngines: [{ engineName: 'Aspera', respTaskEngineLines: [LINE] }] },
    queryTaskInfo: { items: [{ ...TASK, ...of }] },
  };
}

describe.skipIf(process.platform === 'win32')('the words that a program is started with', () => {
  for (const set of SDK_SETS) {
    if (set.name === 'oldest') continue;
    const title = `are those of ${set.packages.join(', ')}`;
    it.skipIf(!set.isHere)(
      set.isHere ? title : `${title} (skipped: ${set.why})`,
      async () => {
        // Whose a task's results are is known since 2.2 only.
        const isOld = set.name === 'seed';
        const cases = isOld ? [answers(1, NOTHING_SAID)] : [answers(0, NOTHING_SAID), answers(1, OF_ANOTHER)];
        for (const replies of cases) await compare(set, replies);
      },
      300_000,
    );
  }
});

async function compare(set: SdkSet, replies: Answers): Promise<void> {
  await using farm = await farmDouble();
  const byPath = new Map(
    (Object.entries(replies) as [ApiOperation, unknown][]).map(([operation, data]) => [
      apiPath(operation, set.name === 'newest' ? 2 : 1),
      data,
    ]),
  );
  farm.answer((request, response) => envelope(byPath.get(request.target) ?? null)(request, response));
  const folder = temporaryFolder();
  for (const name of ['task', 'asset', 'upload']) writeFileSync(join(folder, `${name}.json`), '{}');
  const program = (name: string) => {
    mkdirSync(join(folder, name));
    const exe = join(folder, name, 'rayvision_transmitter');
    writeFileSync(exe, PROGRAM, { mode: 0o755 });
    return exe;
  };
  const starts = (name: string) =>
    readFileSync(join(folder, name, 'starts'), 'utf8')
      .trimEnd()
      .split('\n');

  const args = [new URL(farm.connection.url).host, folder, program('theirs')];
  const script = startPython(set.install(), 'transfer_words.py', args, folder, NO_PLACES);
  expect(await script.ended, script.log()).toBe(0);
  await ours(set, farm, folder, program('ours'));
  expect(starts('ours')).toEqual(starts('theirs'));
  expect(starts('ours')).toHaveLength(set.name === 'newest' ? 13 : 12);
}

async function ours(set: SdkSet, farm: FarmDouble, folder: string, transmitterExe: string): Promise<void> {
  const isNew = set.name === 'newest';
  const domain = new URL(farm.connection.url).host;
  const generation = isNew ? 2 : 1;
  const api = new RayvisionAPI({
    ...KEY,
    domain,
    protocol: 'http',
    platform: '2',
    generation,
    logger: silentLog,
  });
  const line = isNew ? {} : { serverIp: '192.0.2.7', serverPort: '8420' };
  const options = { transmitterExe, environment: { home: folder } as never, automaticLine: isNew };
  const upload = new RayvisionUpload(api, options);
  const download = new RayvisionDownload(api, options);
  const path = (name: string) => join(folder, name);

  const files = ['task.json', 'none.json', 'asset.json', 'upload.json'].map(path);
  await upload.upload('77', files as [string, string, string, string], { maxSpeed: '2000', ...line });
  await upload.uploadAsset(files[3]!, { isDb: false, transmitType: 'upload_list', ...line });
  await upload.uploadConfig('78', [files[0]!], { serverIp: '10.1.2.3', serverPort: 99 });
  const localPath = path('out');
  await download.download({ taskIdList: [7], localPath, ...line });
  const how = { downloadFilenameFormat: 'false', maxSpeed: '800' } as const;
  await download.download({ serverPath: '1_shot/far', localPath, ...how, ...line });
  await download.download({ serverPath: ['1_a', '1_b'], ...line });
  await download.autoDownload({ taskIdList: [7], sleepTime: 0, localPath, ...line });
  await download.autoDownloadAfterTaskCompleted({ taskIdList: [7], sleepTime: 0, ...line });
  if (isNew) await download.download({ serverPath: '/D/x', asset: true, localPath, networkMode: 2 });
}
