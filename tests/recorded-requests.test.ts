/**
 * Requests that the real Python SDK sent once, byte for byte with their signatures, sent again: the floor for machines
 * without PyPI or an old Python. They were recorded with a fixed key and a clock that stood still, from every method of
 * each generation, against a farm whose ids begin where a new farm's do; so the whole conversation can be had again.
 *
 * Recorded anew (where the packages can be installed) with
 *
 *     CROFT_RECORD_SDK=1 ./croft test recorded-requests
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from './support/croft.ts';
import { FIXED, startFixedFarm } from './support/fixed-farm.ts';
import { type Exchange, everyMethod, SDK_SETS, type SdkSet } from './support/python-sdk.ts';
import { projectRoot } from './support/tools.ts';

interface Recording {
  packages: readonly string[];
  /** Headers of every request, in their spelling on the wire. */
  headers: Record<string, string>;
  requests: {
    /** The method that sent it. */
    method: string;
    path: string;
    headers: Record<string, string>;
    body: string;
    /** What the farm answered, where it was not success. */
    code?: number;
  }[];
}

const FILES = join(projectRoot, 'tests', 'fixtures', 'sdk-requests');
const ENVELOPE = ['code', 'data', 'message', 'requestId', 'result', 'serverTime', 'version'];

for (const set of SDK_SETS) {
  const file = join(FILES, `${set.name}.jsonl`);
  it(`requests recorded from ${set.packages[0]} are answered as they were`, async () => {
    if (process.env.CROFT_RECORD_SDK) await record(set, file);
    const recording = readRecording(file);
    expect(recording.packages).toEqual(set.packages);
    expect(recording.requests.length).toBeGreaterThan(50);
    const farm = await startFixedFarm();
    const wrong: string[] = [];
    for (const { method, path, headers, body, code = 200 } of recording.requests) {
      const reply = await farm.send({ path, headers: { ...recording.headers, ...headers }, body });
      const keys = Object.keys(reply).filter((key) => ENVELOPE.includes(key));
      if (reply.httpStatus !== 200 || keys.length !== ENVELOPE.length)
        wrong.push(`${method}: no whole envelope: ${JSON.stringify(reply).slice(0, 300)}`);
      if (reply.code !== code || reply.result !== (code === 200))
        wrong.push(
          `${method}: ${reply.code} ${reply.message} ${reply.detail ?? ''}, not ${code}: ${path} ${body}`,
        );
    }
    expect(wrong).toEqual([]);
    // Nothing of it counts twice.
    const { path, headers, body } = recording.requests[0]!;
    const again = await farm.send({ path, headers: { ...recording.headers, ...headers }, body });
    expect(again).toMatchObject({ code: 603, message: 'illegal_protocol' });
  });
}

/** A new recording, against a farm that answers but renders nothing. */
async function record(set: SdkSet, file: string): Promise<void> {
  const home = temporaryFolder();
  const files = join(home, 'cfg');
  writeTaskFiles(files);
  const farm = await startFixedFarm();
  const { calls } = await everyMethod(
    set,
    { args: ['http', FIXED.host, FIXED.accessId, FIXED.accessKey, files, 'calls'], home },
    { CROFT_SDK_QUICK: '1', CROFT_SDK_CLOCK: String(FIXED.clock), CROFT_SDK_AT: `127.0.0.1:${farm.port}` },
  );
  const sent = calls.flatMap(({ name, exchanges }) =>
    lastAttempts(exchanges).map((one) => ({ name, ...one })),
  );
  const common = sharedHeaders(sent.map(({ headers }) => headers));
  const recording: Recording = {
    packages: set.packages,
    headers: common,
    requests: sent.map(({ name, url, headers, body, reply }) => ({
      method: name,
      path: new URL(url).pathname,
      headers: Object.fromEntries(
        Object.entries(headers).filter(([key]) => !(key in common) && key !== 'Content-Length'),
      ),
      body,
      ...(reply?.code === 200 ? {} : { code: Number(reply?.code) }),
    })),
  };
  mkdirSync(FILES, { recursive: true });
  writeRecording(file, recording);
}

/** On the disk: a line with packages and headers, then a line for each request. */
function writeRecording(file: string, { requests, ...head }: Recording): void {
  writeFileSync(file, [head, ...requests].map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function readRecording(file: string): Recording {
  const [head, ...requests] = readFileSync(file, 'utf8').trim().split('\n');
  return {
    ...(JSON.parse(head!) as Omit<Recording, 'requests'>),
    requests: requests.map((line) => JSON.parse(line) as Recording['requests'][number]),
  };
}

/** Of five attempts at the same thing the last. */
function lastAttempts(exchanges: readonly Exchange[]): Exchange[] {
  return exchanges.filter(({ url, body }, at) => {
    const next = exchanges[at + 1];
    return next === undefined || next.url !== url || next.body !== body;
  });
}

function sharedHeaders(all: readonly Record<string, string>[]): Record<string, string> {
  const shared = Object.entries(all[0]!).filter(([key, text]) => all.every((one) => one[key] === text));
  return Object.fromEntries(shared);
}

/** What `croft analyse` writes for a small scene, without what no call needs. */
function writeTaskFiles(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const common = { frames: '1-4[1]', width: '64', height: '48', Render_Format: 'PNG', engine: 'CYCLES' };
  const scene = {
    common: {
      ...common,
      scene_name: ['Scene'],
      camera_name: 'Camera',
      Output_path: '//out/',
      active_scene: 'Scene',
      frame_start: '1',
      percentage: '100',
      fps: '24',
      view_layers: ['ViewLayer'],
    },
  };
  const task = {
    task_info: {
      input_cg_file: FIXED.scene,
      task_id: '',
      frames_per_task: '1',
      pre_frames: '000',
      job_stop_time: '259200',
      task_stop_time: '0',
      time_out: '43200',
      stop_after_test: '2',
      project_name: 'Recorded',
      project_id: '',
      channel: '4',
      cg_id: '2007',
      platform: '2',
      tiles_type: 'block',
      tiles: '1',
      user_id: '',
      os_name: '0',
      ram: '64',
      hardwareConfigId: '',
      graphics_cards_num: '2',
      hardwareConfigIds: [],
    },
    software_config: { cg_name: 'Blender', cg_version: '3.4', plugins: {} },
    scene_info: scene,
  };
  const pair = { local: FIXED.scene, server: FIXED.scene };
  const contents = {
    task,
    tips: { 60000: [] },
    asset: { asset: [FIXED.scene] },
    upload: { scene: [pair], asset: [pair] },
  };
  for (const [name, content] of Object.entries(contents))
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(content));
}
