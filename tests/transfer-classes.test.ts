/**
 * The transfer classes of the SDK in TypeScript beside those of the real packages: what is asked of both lies in
 * fixtures/transfer-facts/cases.json, what the real ones answer beside it. Where Python is here they are asked again.
 */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { silentLog } from '@croft/contract';
import {
  cuttingUpload,
  getShareInfo,
  getTaskStatusDescription,
  RayvisionAPI,
  RayvisionError,
  RayvisionManageTask,
  RayvisionTransfer,
  RayvisionUpload,
  type TransportInfo,
} from '@croft/sdk';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './support/croft.ts';
import { SDK_SETS, startPython } from './support/python-sdk.ts';
import { projectRoot } from './support/tools.ts';

const FACTS = join(projectRoot, 'tests', 'fixtures', 'transfer-facts');
const read = (name: string) => JSON.parse(readFileSync(join(FACTS, `${name}.json`), 'utf8'));
const cases = read('cases');
const camel = (key: string) => key.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
/** Keys of the outermost objects; values of `sub` stay. */
const camelKeys = (value: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(value).map(([key, one]) => [camel(key), one]));

/** An API whose farm answers with these values. */
function apiOf(generation: 1 | 2, replies: Record<string, unknown> = {}): RayvisionAPI {
  const api = new RayvisionAPI({
    accessId: 'id',
    accessKey: 'key',
    domain: 'task.renderbus.com',
    platform: '2',
    generation,
    logger: silentLog,
  });
  Object.assign(api.transmit, { getTransferConfig: async () => replies.config ?? {} });
  const user = { queryUserProfile: async () => replies.profile, getTransferBid: async () => replies.bids };
  Object.assign(api.user, user);
  return api;
}

/** `{raises}` where it throws, as the recorder of the real packages writes it. */
async function told(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (thrown) {
    return { raises: thrown instanceof RayvisionError ? thrown.errorCode : (thrown as Error).name };
  }
}
const RAISES: Readonly<Record<string, unknown>> = {
  KeyError: 1_000_002,
  NoOptionError: 1_000_002,
  OSError: 1_000_000,
  RayvisionError: 1_000_000,
};
const asHere = (fact: unknown): unknown => {
  const name = (fact as { raises?: string } | null)?.raises;
  return name === undefined ? fact : { raises: RAISES[name] ?? name };
};

function transferOf(generation: 1 | 2, replies: Record<string, unknown> = {}, more: object = {}) {
  return new RayvisionTransfer(apiOf(generation, replies), { ...camelKeys(cases.account), ...more });
}

/** As our lines are: camelCase, one form, an engine without a line left out. */
function asLines(fact: Record<string, unknown>): TransportInfo {
  const table = 'engine_type' in fact ? { [String(fact.engine_type)]: fact } : fact;
  const lines = Object.entries(table as Record<string, Record<string, string>>).flatMap(([engine, line]) => {
    const { server_name, server_ip, server_port } = line;
    if (!server_name || !server_ip || !server_port) return [];
    return [[engine, { serverName: server_name, serverIp: server_ip, serverPort: server_port }] as const];
  });
  return Object.fromEntries(lines);
}

for (const [name, generation] of [
  ['newest', 2],
  ['seed', 1],
] as const) {
  const set = SDK_SETS.find((one) => one.name === name)!;
  const facts = read(name);

  describe(`beside the answers of ${set.packages.join(', ')}`, () => {
    it('command lines are the same text, and the same words', async () => {
      const trans = transferOf(generation);
      trans.transmitterExe = cases.exe;
      trans.transportInfo = asLines({ aspera: cases.line });
      const all = generation === 2 ? [...cases.commands, ...cases.newest_commands] : cases.commands;
      for (const [index, { params, options }] of all.entries()) {
        const text = await told(() => trans.createCmd(params, camelKeys(options)));
        expect(text).toEqual(asHere(facts.commands[index]));
        if (typeof text !== 'string') continue;
        const words = trans.createArguments(params, camelKeys(options));
        const quoted = words.map((word, at) => (at % 2 === 0 || words[at - 1] === '-p' ? word : `"${word}"`));
        expect(`echo y|"${cases.exe}" ${quoted.join(' ')} `).toBe(text);
      }
    });

    it('entries of a transports.json, in both forms', async () => {
      const file = join(temporaryFolder(), 'transports.json');
      writeFileSync(file, JSON.stringify(cases.transports));
      for (const [index, [domain, platform]] of cases.lookups.entries()) {
        const fact = facts.lookups[index];
        const expected = 'raises' in fact ? asHere(fact) : asLines(fact);
        expect(await told(() => transferOf(generation).parseTransportsJson(file, domain, platform))).toEqual(
          expected,
        );
      }
    });

    it('the place of the program below a folder', () => {
      expect(cases.systems.map((system: string) => RayvisionTransfer.initTransmitter('', system))).toEqual(
        facts.programs,
      );
    });

    it('settings of the database, their places and their files', async () => {
      const folder = temporaryFolder();
      for (const [index, { config, env }] of cases.places.entries())
        expect(await told(() => place(generation, mkdtempSync(join(folder, 'p')), config, env))).toEqual(
          asHere(facts.places[index]),
        );
    });

    it('tasks, their ends and their outputs', async () => {
      const manage = new RayvisionManageTask({ taskInfo: async () => ({ items: cases.tasks }) as never });
      const tasks = await manage.getTaskStatus([111, 222]);
      expect(tasks).toMatchObject(facts.tasks.map(asTask));
      expect(manage.findTaskStatusCodes(tasks)).toEqual(facts.codes);
      const outputs = manage.outputFileNames(tasks);
      if (generation === 1) expect(outputs.map(({ outputName }) => outputName)).toEqual(facts.outputs);
      else expect(outputs).toMatchObject(facts.outputs.map(camelKeys));
      expect(
        cases.states.map((code: number) => [
          getTaskStatusDescription(code, '0'),
          getTaskStatusDescription(code),
        ]),
      ).toEqual(facts.descriptions);
      const ends = (states: readonly number[], isTestStop: boolean) =>
        Promise.all(
          states.map((taskStatus) => {
            const items = [{ ...cases.tasks[0], taskStatus }];
            const one = new RayvisionManageTask({ taskInfo: async () => ({ items }) as never });
            return told(() => one.isTaskEnd(111, isTestStop));
          }),
        );
      // The real ones do not know 70, done but for stopped frames.
      expect(facts.ends.at(-1)).toEqual({ raises: 'RayvisionError' });
      expect(await ends([...cases.states, 70], false)).toEqual([...facts.ends.slice(0, -1), true]);
      if (generation === 2) expect(await ends(cases.states, true)).toEqual(facts.test_ends);
    });

    it('whose input storage it is', async () => {
      for (const [index, replies] of cases.shares.entries()) {
        const trans = transferOf(generation, replies);
        const { mainInputBid, mainUserId } = await getShareInfo(trans.api, trans);
        expect([mainInputBid, mainUserId]).toEqual(facts.shares[index].map(String));
      }
    });

    it('pieces of an upload.json, but for the empty one', async () => {
      for (const [index, [count, most]] of cases.cuttings.entries()) {
        const file = join(temporaryFolder(), 'upload.json');
        const asset = Array.from({ length: count }, (_one, at) => ({
          local: `/a/${at}`,
          server: `/a/${at}`,
        }));
        writeFileSync(file, JSON.stringify({ asset }));
        const pieces = await cuttingUpload(file, most ?? undefined);
        const found = pieces.map((piece) => [
          basename(piece),
          JSON.parse(readFileSync(piece, 'utf8')).asset.map(({ local }: { local: string }) => local),
        ]);
        expect(found).toEqual(
          facts.cuttings[index].filter(([, some]: [string, string[]]) => some.length > 0),
        );
      }
    });

    if (generation === 2)
      it('lines that the farm tells', async () => {
        for (const [index, provider] of cases.providers.entries()) {
          const trans = transferOf(generation, { config: cases.transfer_config });
          expect(await trans.parseServiceTransfeLine(provider)).toEqual(asLines(facts.providers[index]));
        }
        expect(await told(() => transferOf(generation).parseServiceTransfeLine())).toEqual(
          asHere(facts.no_lines),
        );
      });

    it.skipIf(!set.isHere)(set.isHere ? 'the real ones still answer so' : `skipped: ${set.why}`, async () => {
      const folder = temporaryFolder();
      const cases = join(FACTS, 'cases.json');
      const script = startPython(set.install(), 'transfer_facts.py', [cases, folder], folder);
      let printed = '';
      for await (const line of script.lines) printed += line;
      expect(await script.ended, script.log()).toBe(0);
      expect(JSON.parse(printed)).toEqual(facts);
    });
  });
}

function asTask({ sub_task_status, bid, ...task }: Record<string, unknown>): object {
  const sub = (sub_task_status as Record<string, unknown>[]).map(asTask);
  return { ...camelKeys(task), subTaskStatus: sub, ...(bid === undefined ? {} : { bid: bid || null }) };
}

/** What transfer_facts.py tells of one place. */
async function place(
  generation: 1 | 2,
  folder: string,
  config: string,
  env: Readonly<Record<string, string>>,
): Promise<unknown> {
  for (const name of ['LOG', 'DB', 'ENVLOG', 'ENVDB', 'home']) mkdirSync(join(folder, name));
  const inFolder = (value?: string) =>
    value === undefined || value[0] === '/' ? value : join(folder, value);
  const environment = {
    home: join(folder, 'home'),
    transferLog: inFolder(env.RAYVISION_LOG),
    transferDb: inFolder(env.RAYVISION_DB),
  } as never;
  const dbConfigPath = join(folder, 'db_config.ini');
  const text = cases.db_configs[config];
  const put = (name: string) => [`= ${name}`, `= ${join(folder, name)}`] as const;
  if (text) writeFileSync(dbConfigPath, text.replace(...put('LOG')).replace(...put('DB')));
  const upload = new RayvisionUpload(apiOf(generation), { dbConfigPath, environment });
  const { redisConfig, sqliteConfig, databaseConfig } = upload.dbConfig;
  const named = ({ ...values }: object) =>
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        key.replace(/[A-Z]/g, (one) => `_${one.toLowerCase()}`),
        value,
      ]),
    );
  const ini = async () => {
    const path = await upload.createDbIni('/w/1586250829/upload.json');
    return [path, readFileSync(path, 'utf8')];
  };
  const found = {
    log: upload.transferLogPath,
    settings: [redisConfig, sqliteConfig, databaseConfig].map(named),
    ini: await told(ini),
  };
  return JSON.parse(JSON.stringify(found).replaceAll(folder, 'FOLDER'));
}
