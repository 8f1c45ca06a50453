import { readFileSync } from 'node:fs';
import path from 'node:path';
import { silentLog } from '@croft/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type QuickClock, quickClock } from '../testing/fake-clock.ts';
import {
  apiFailure,
  envelope,
  type FarmDouble,
  farmDouble,
  hangUp,
  json,
  KEY,
} from '../testing/farm-double.ts';
import { RayvisionAPI } from './api.ts';
import type { Generation } from './api-paths.ts';
import type { RayvisionEnvironment } from './config.ts';
import { RayvisionAPIError, RayvisionError } from './exceptions.ts';
import { METHOD_TABLE, type MethodRow } from './testing/method-table.ts';

const IDS = {
  taskId: 19097,
  frameId: 7,
  labelId: 3,
  frameIndex: '1',
  projectName: 'myLabel',
  hardwareId: '496',
};
const REFERENCE = path.resolve(
  import.meta.dirname,
  '../../../../../shared/reference/compat-api-fixtures.json',
);

interface Fixture {
  readonly name: string;
  readonly paths: readonly string[];
  readonly sdkMethods: readonly string[];
  readonly exampleResponse: { readonly data: unknown };
}

function fixtures(): readonly Fixture[] | null {
  try {
    return (JSON.parse(readFileSync(REFERENCE, 'utf8')) as { endpoints: Fixture[] }).endpoints;
  } catch {
    return null;
  }
}
const known = fixtures();

let farm: FarmDouble;
let clock: QuickClock;
beforeEach(async () => {
  farm = await farmDouble();
  clock = quickClock(Date.now());
});
afterEach(() => farm[Symbol.asyncDispose]());

function connected(generation: Generation = 2, domain = new URL(farm.connection.url).host): RayvisionAPI {
  return new RayvisionAPI({
    ...KEY,
    domain,
    protocol: 'http',
    platform: '2',
    generation,
    logger: silentLog,
    tools: { clock, random: () => 0.5 },
  });
}

const cases = METHOD_TABLE.flatMap((row) =>
  (row.generations ?? [1, 2]).map((generation) => ({
    name: `${row.method}, generation ${generation}`,
    row,
    generation,
  })),
);

describe('what every method sends', () => {
  it.each(cases)('$name', async ({ row, generation }) => {
    farm.answer(envelope(row.answer ?? null));
    await row.run(connected(generation), IDS);
    const [seen, ...more] = farm.seen;
    expect(more).toHaveLength(0);
    expect(seen).toMatchObject({ method: 'POST', isSigned: true, body: row.body(IDS, generation) });
    expect(seen?.headers).toMatchObject({
      version: generation === 1 ? '1.0.0' : '2.0.0',
      channel: '4',
      platform: '2',
      languageflag: '1',
      'content-type': 'application/json',
    });
    if (row.path) expect(seen?.target).toBe(row.path);
  });
});

const describeReference = known ? describe : describe.skip;
describeReference('beside the reference (skipped where compat-api-fixtures.json is absent)', () => {
  const byName = new Map(known?.map((fixture) => [fixture.name, fixture]));
  const fixtureOf = (row: MethodRow) => byName.get(row.endpoint ?? '');

  it.each(cases.filter(({ row }) => row.endpoint))(
    '$name: path and example answer',
    async ({ row, generation }) => {
      const fixture = fixtureOf(row);
      if (!fixture) throw new Error(`the reference has no ${row.endpoint}`);
      farm.answer(envelope(fixture.exampleResponse.data));
      // A first page that is never the last would be read for ever.
      if (row.method === 'query.getAllFrames') farm.answer(envelope({ items: [] }));
      await row.run(connected(generation), IDS);
      const target = farm.seen[0]?.target ?? '';
      expect(fixture.paths).toContain(target);
      // Where both generations have paths of their own, they are not mixed up.
      const of = (part: RegExp) => fixture.paths.some((one) => part.test(one));
      const first = /^\/api\/render\/(user|task|common)\//;
      if (generation === 1 && of(first)) expect(target).toMatch(first);
      if (generation === 2 && fixture.paths.some((one) => !first.test(one)))
        expect(target).not.toMatch(first);
      if (fixture.paths.some((one) => one.endsWith('/v2')) && generation === 2)
        expect(target).toMatch(/\/v2$/);
    },
  );

  it('leaves out no method of the reference', () => {
    const tried = new Set(
      METHOD_TABLE.map(({ method }) => method.replace(/ \(.*/, '').toLowerCase()).concat(
        // Shown by the tests below.
        [
          'query.getcustomeframes',
          'query.framenumbertostop',
          'task.submittask',
          'transmit.uploadjsoncontent',
        ],
      ),
    );
    const missing = (known ?? [])
      .flatMap(({ sdkMethods }) => sdkMethods)
      .map((method) => method.replace(/ \(.*/, ''))
      .filter((method) => /^(user|task|query|tag|env|transmit)\./.test(method))
      .filter((method) => method !== 'task.update_task_level')
      .filter((method) => !tried.has(method.replaceAll('_', '').toLowerCase()));
    expect(missing).toEqual([]);
  });
});

describe('submit and configuration', () => {
  it('submits in the second generation with a producer only where there is one', async () => {
    farm.answer(envelope(null));
    const api = connected();
    expect(await api.submit(19097)).toBe(true);
    await api.submit(19097, 'Ann');
    expect(farm.seen.map(({ target, body }) => [target, body])).toEqual([
      ['/api/render/submit/task', '{"taskId":19097}'],
      ['/api/render/submit/task', '{"taskId":19097,"producer":"Ann"}'],
    ]);
  });

  it('submits in the first generation with an isolation of assets', async () => {
    farm.answer(envelope(null));
    const api = connected(1);
    await api.task.submitTask(7, { assetIsolationModel: 'out_user_model', outUserId: '12345' });
    expect(farm.seen[0]?.body).toBe(
      '{"taskId":7,"assetIsolationModel":"OUT_USER_MODEL","outUserId":"12345"}',
    );
    await expect(api.task.submitTask(7, { assetIsolationModel: 'OUT_USER_MODEL' })).rejects.toMatchObject({
      errorCode: 601,
    });
    await expect(api.task.submitTask(7, { assetIsolationModel: 'OTHER' })).rejects.toMatchObject({
      errorCode: 600,
    });
  });

  it('refuses options of the other generation instead of dropping them', async () => {
    await expect(connected(1).task.submitTask(7, { producer: 'Ann' })).rejects.toThrow(/generation 1/);
    await expect(connected().task.submitTask(7, { outUserId: '1' })).rejects.toThrow(/generation 2/);
    await expect((async () => connected(1).query.stopFrame(7))()).rejects.toThrow(/generation: 2/);
    expect(farm.seen).toHaveLength(0);
  });

  it('keeps one id until the submit has succeeded, also for two who ask at once', async () => {
    const api = connected();
    farm.answer(
      envelope({ taskIdList: [1] }),
      envelope({ taskIdList: [2] }),
      envelope(null),
      envelope({ taskIdList: [3] }),
    );
    expect(await Promise.all([api.task.taskId(), api.task.taskId()])).toEqual([1, 1]);
    farm.answer(apiFailure(600, 'parameter_invalid'), envelope(null), envelope({ taskIdList: [3] }));
    await expect(api.task.submitTask()).rejects.toThrow('parameter_invalid');
    expect(await api.task.submitTask()).toBe(1);
    expect(await api.task.taskId()).toBe(3);
  });

  it('puts configuration in place', async () => {
    farm.answer(envelope(null));
    await connected().transmit.uploadJsonContent(19097, '{"task_info":{}}');
    expect(farm.seen[0]).toMatchObject({
      target: '/api/render/submit/taskJsonFile',
      body: '{"taskId":19097,"fileName":"task.json","content":"{\\"task_info\\":{}}"}',
    });
  });
});

describe('frames by name', () => {
  const page = (...items: unknown[]) => envelope({ items });
  const frame = (id: number, frameIndex: string) => ({ id, frameIndex });

  it('reads pages until one is empty and keeps two frames of one name', async () => {
    farm.answer(page(frame(1, '1'), frame(2, '1')), page(frame(3, '2')), page());
    const frames = await connected().query.getAllFrames(19097);
    expect(frames.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(farm.seen.map(({ body }) => JSON.parse(body).pageNum)).toEqual([1, 2, 3]);
  });

  it('restarts and stops them', async () => {
    const frames = [page(frame(1, '1'), frame(2, '2'), frame(3, '2')), page()];
    farm.answer(...frames, envelope(null));
    await connected().query.getCustomeFrames(19097, ['2']);
    expect(farm.seen.at(-1)?.body).toBe('{"taskId":19097,"ids":[2,3],"selectAll":0}');
    farm.answer(...frames, envelope(null));
    await connected().query.frameNumberToStop(19097, ['1']);
    expect(farm.seen.at(-1)).toMatchObject({
      target: '/api/render/handle/stopTaskFrames',
      body: '{"taskId":19097,"ids":[1],"selectAll":0}',
    });
  });

  it('says so where there is no such frame, and changes nothing', async () => {
    farm.answer(page(frame(1, '1')), page());
    await expect(connected().query.getCustomeFrames(19097, ['9'])).rejects.toThrow('has no frame 9');
    expect(farm.seen).toHaveLength(2);
  });

  it('gives the layers of a task, and its own id where there are none or null', async () => {
    farm.answer(page({ respRenderingTaskList: [{ id: 4 }, { id: 5 }] }));
    expect(await connected().query.getSmallTaskId(3)).toEqual([4, 5]);
    farm.answer(page({ respRenderingTaskList: null }));
    expect(await connected().query.getSmallTaskId(3)).toEqual([3]);
  });
});

describe('what is checked before anything is sent', () => {
  const asAny = <T>(value: unknown) => value as T;
  it.each<[string, (api: RayvisionAPI) => Promise<unknown>, number]>([
    ['ids as text', async (api) => api.task.stopTask(asAny(['7'])), 600],
    ['one id instead of a list', async (api) => api.task.stopTask(asAny(7)), 600],
    ['a fraction of a second', async (api) => api.task.setTaskOvertimeTop([7], 1.5), 600],
    ['an unknown app', async (api) => api.query.supportedPlugin('nosuchapp'), 600],
    ['no code', async (api) => api.query.errorDetail(''), 601],
    ['an empty list of codes', async (api) => api.query.errorDetail([]), 601],
    ['no frames named', async (api) => api.query.restartFrame(7, { ids: [] }), 601],
    ['no project name', async (api) => api.tag.addLabel(''), 601],
    ['another file name', async (api) => api.transmit.uploadJsonContent(7, '{}', asAny('x.json')), 600],
    ['an id that is none', (api) => api.submit(asAny('7')), 2000],
  ])('%s', async (_name, run, errorCode) => {
    await expect(run(connected())).rejects.toMatchObject({ errorCode });
    expect(farm.seen).toHaveLength(0);
  });
});

describe('failures', () => {
  it('tells a refusal with code, message and address, and asks once', async () => {
    farm.answer(apiFailure(601, 'parameter_cant_be_empty'));
    const error = await connected()
      .user.queryUserProfile()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RayvisionAPIError);
    expect(error).toBeInstanceOf(RayvisionError);
    expect(error).toMatchObject({
      errorCode: 601,
      error: 'parameter_cant_be_empty',
      request: `${farm.connection.url}/api/render/setUp/queryUserProfile`,
    });
    expect(farm.seen).toHaveLength(1);
  });

  it('repeats a call that may be repeated four times, after pauses of 1 to 2 s, each signed anew', async () => {
    farm.answer(hangUp, json('starting', 503), hangUp, hangUp, envelope({ userId: 5 }));
    expect(await connected().user.userId()).toBe(5);
    const waits = clock.waits.filter((ms) => ms < 60_000);
    expect(waits).toEqual([1500, 1500, 1500, 1500]);
    expect(new Set(farm.seen.map(({ headers }) => headers.signature)).size).toBe(5);
    expect(farm.seen.every(({ isSigned }) => isSigned)).toBe(true);
  });

  it('gives up after five attempts', async () => {
    farm.answer(hangUp);
    await expect(connected().user.userId()).rejects.toMatchObject({ code: 'SDK_CONNECTION_LOST' });
    expect(farm.seen).toHaveLength(5);
  });

  it('does not repeat createTask and restarts once they may have arrived', async () => {
    farm.answer(hangUp);
    const api = connected();
    await expect(api.task.createTask()).rejects.toMatchObject({ code: 'SDK_CONNECTION_LOST' });
    await expect(api.query.restartFrame(7)).rejects.toMatchObject({ code: 'SDK_CONNECTION_LOST' });
    await expect(api.query.restartFailedFrames([7])).rejects.toMatchObject({ code: 'SDK_CONNECTION_LOST' });
    expect(farm.seen).toHaveLength(3);
  });

  it('does repeat createTask where nothing listens: it cannot have arrived', async () => {
    await expect(connected(2, '127.0.0.1:9').task.createTask()).rejects.toMatchObject({
      code: 'SDK_FARM_UNREACHABLE',
    });
    expect(clock.waits.filter((ms) => ms < 60_000)).toHaveLength(4);
  });

  it('waits no longer for an answer that stops half way, or for one that never begins', async () => {
    const impatient = new RayvisionAPI({
      ...KEY,
      domain: new URL(farm.connection.url).host,
      protocol: 'http',
      platform: '2',
      logger: silentLog,
      timeout: 0.1,
      tools: { clock },
    });
    farm.answer(
      (_request, response) => void response.write('{"code":200,'),
      () => {},
    );
    await expect(impatient.user.userId()).rejects.toMatchObject({ code: 'SDK_CONNECTION_LOST' });
    expect(farm.seen).toHaveLength(5);
  });

  it('ends at once when the caller gives up', async () => {
    const stop = new AbortController();
    const api = new RayvisionAPI({
      ...KEY,
      domain: new URL(farm.connection.url).host,
      protocol: 'http',
      logger: silentLog,
      tools: { clock, signal: stop.signal },
    });
    farm.answer(() => stop.abort(new Error('enough')));
    await expect(api.user.userId()).rejects.toThrow('enough');
    expect(farm.seen).toHaveLength(1);
  });

  it('tells a page of another program from a farm', async () => {
    farm.answer((_request, response) => void response.end('<html>'));
    await expect(connected().user.userId()).rejects.toMatchObject({ code: 'SDK_REPLY_INVALID' });
    expect(farm.seen).toHaveLength(1);
  });
});

describe('RayvisionAPI', () => {
  const environment: RayvisionEnvironment = {
    accessId: KEY.accessId,
    accessKey: KEY.accessKey,
    logRoot: undefined,
    localAppData: undefined,
    home: '/nowhere',
    userName: 'ann',
    hostName: 'host',
    platform: 'linux',
  };

  it('logs in with three calls, with keys from the environment, and merges what they say', async () => {
    farm.answer(
      envelope({ userId: 5, userName: 'ann', platform: 9, accountType: 1, shareMainCapital: 0 }),
      envelope({ accountType: null, shareMainCapital: 1 }),
      envelope({ config_bid: '1', input_bid: '2', output_bid: '3' }),
    );
    const domain = new URL(farm.connection.url).host;
    const api = await RayvisionAPI.login({
      domain,
      protocol: 'http',
      platform: '2',
      logger: silentLog,
      environment,
      tools: { clock },
    });
    expect(farm.seen.map(({ target }) => target)).toEqual([
      '/api/render/setUp/queryUserProfile',
      '/api/render/setUp/queryUserSetting',
      '/api/render/transfer/getBid',
    ]);
    expect(api.userInfo).toMatchObject({
      userId: 5,
      platform: '2',
      domain,
      accountType: 1,
      shareMainCapital: 1,
      configBid: '1',
      inputBid: '2',
      outputBid: '3',
    });
  });

  it('says which key is missing', () => {
    const none = { ...environment, accessKey: undefined };
    expect(() => new RayvisionAPI({ environment: none, logger: silentLog })).toThrow(/RAYVISION_API_KEY/);
    const empty = { ...environment, accessId: undefined };
    expect(() => new RayvisionAPI({ environment: empty, logger: silentLog })).toThrow(
      /RAYVISION_API_ACCESS_ID/,
    );
  });

  it('finds a project, or makes it, also where another made it in between', async () => {
    const list = (...names: string[]) =>
      envelope({ projectNameList: names.map((projectName, at) => ({ projectId: at + 1, projectName })) });
    const api = connected();
    farm.answer(list('A', 'B'));
    expect(await api.checkAndAddProjectName('B')).toBe('2');
    farm.answer(list('A'), envelope(null), list('A', 'C'));
    expect(await api.checkAndAddProjectName('C')).toBe('2');
    expect(farm.seen.map(({ body }) => body)).toContain('{"newName":"C","status":0}');
    farm.answer(list(), apiFailure(503, 'label_already_exists'), list('D'));
    expect(await api.checkAndAddProjectName('D')).toBe('1');
    farm.answer(list(), envelope(null), list());
    await expect(api.checkAndAddProjectName('E')).rejects.toMatchObject({ errorCode: 1_000_000 });
  });

  it('says the zone and language of a domestic domain', async () => {
    const seen: { body: unknown; languageFlag: string }[] = [];
    const api = new RayvisionAPI({
      ...KEY,
      domain: 'task.Renderbus.com',
      logger: silentLog,
      tools: {
        fetch: async (_url, init) => {
          const headers = new Headers(init.headers);
          seen.push({ body: init.body, languageFlag: headers.get('languageFlag') ?? '' });
          return Response.json({ code: 200, data: [] });
        },
      },
    });
    await api.query.platforms();
    expect(seen).toEqual([{ body: '{"zone":1}', languageFlag: '0' }]);
  });
});
