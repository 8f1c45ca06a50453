/** Constants of the real SDK that a farm, an analysis and our own SDK share. */
import { TASK_STATUS, type TaskStatus } from './statuses.ts';

/** An app as the API names it. */
export interface DccFacts {
  /** `cgId` of the API, `cg_id` of task.json (there as text). */
  readonly cgId: number;
  /** The SDK's name, lower case: what `supported_plugin` and `querySoftwareDetail` callers write. */
  readonly sdkName: string;
  /** `cg_name` in task.json and `cgName` in replies. */
  readonly cgName: string;
  /** Extensions of its scene files, without dot. */
  readonly sceneSuffixes: readonly string[];
}

const dcc = (cgId: number, sdkName: string, cgName: string, suffixes = ''): DccFacts => ({
  cgId,
  sdkName,
  cgName,
  sceneSuffixes: suffixes.split(' ').filter(Boolean),
});

export const DCCS: readonly DccFacts[] = [
  dcc(2000, 'maya', 'Maya', 'ma mb'),
  dcc(2001, '3ds max', '3ds Max', 'max'),
  dcc(2002, 'lightwave', 'LightWave'),
  dcc(2003, 'arnold', 'Arnold Standalone', 'ass'),
  dcc(2004, 'houdini', 'Houdini', 'hip hipnc hiplc'),
  dcc(2005, 'cinema4d', 'CINEMA 4D', 'c4d'),
  dcc(2006, 'softimage', 'Softimage'),
  dcc(2007, 'blender', 'Blender', 'blend'),
  dcc(2008, 'vr_standalone', 'VR Standalone', 'vrscene'),
  dcc(2009, 'mr_standalone', 'MR Standalone', 'mi'),
  dcc(2010, 'sketchup', 'SketchUp', 'skp'),
  dcc(2011, 'vue', 'Vue', 'vue'),
  dcc(2012, 'keyshot', 'KeyShot', 'bip'),
  dcc(2013, 'clarisse', 'Clarisse', 'project render'),
  dcc(2014, 'octane_render', 'Octane Render', 'orbx'),
  dcc(2015, 'nuke', 'Nuke', 'nk'),
  dcc(2016, 'katana', 'Katana', 'katana'),
  dcc(2020, 'unreal engine', 'Unreal Engine', 'uproject'),
  // Apps that Renderbus does not have: see OWN_CG_IDS.
  dcc(900_001, 'povray', 'POV-Ray', 'pov'),
];

/**
 * Ids of apps that Renderbus does not have. Its own have four digits, so these cannot collide with one that it adds.
 * Up to `lastOfCroft` they are given in `DCCS`; those after are free for what an operator declares.
 */
export const OWN_CG_IDS = { first: 900_001, lastOfCroft: 909_999, last: 999_999 } as const;

/** Other spellings that releases of the SDK use. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  '3dsmax': '3ds max',
  max: '3ds max',
  c4d: 'cinema4d',
  unrealengine: 'unreal engine',
  unreal: 'unreal engine',
  'pov-ray': 'povray',
};

const BY_ID: ReadonlyMap<number, DccFacts> = new Map(DCCS.map((facts) => [facts.cgId, facts]));
const BY_NAME: ReadonlyMap<string, DccFacts> = new Map(
  DCCS.flatMap((facts) => [facts.sdkName, facts.cgName.toLowerCase()].map((name) => [name, facts] as const)),
);

/** The app of a cgId, given as the number or its digits. */
export function dccOfId(cgId: number | string): DccFacts | undefined {
  return BY_ID.get(Number(cgId));
}

/** The app of a name in any letter case and any spelling that an SDK used. */
export function dccOfName(name: string): DccFacts | undefined {
  const lower = name.trim().toLowerCase();
  return BY_NAME.get(OTHER_NAMES[lower] ?? lower);
}

/**
 * `task_info` as an analysis starts it; every value is a string. These are the values of the analysis packages. The API
 * package's own table differs: it has `enable_layered` "1" and neither of the last two keys. Times are seconds.
 */
export const TASK_INFO = {
  enable_layered: '0',
  input_cg_file: '',
  is_picture: '0',
  task_id: '',
  frames_per_task: '1',
  pre_frames: '000',
  job_stop_time: '259200',
  task_stop_time: '0',
  time_out: '43200',
  stop_after_test: '2',
  project_name: '',
  project_id: '',
  channel: '4',
  cg_id: '',
  platform: '',
  tiles_type: 'block',
  tiles: '1',
  is_layer_rendering: '1',
  is_distribute_render: '0',
  distribute_render_node: '3',
  input_project_path: '',
  render_layer_type: '0',
  user_id: '',
  os_name: '1',
  ram: '64',
  hardwareConfigId: '',
  graphics_cards_num: '2',
} as const;

/**
 * `task_info` for a new task.json. With `hardwareConfigIds`, because the newest SDK's check writes its choice there and
 * refuses a file that does not have the key already.
 */
export function newTaskInfo(): { [Key in keyof typeof TASK_INFO]: string } & { hardwareConfigIds: string[] } {
  return { ...TASK_INFO, hardwareConfigIds: [] };
}

/** Keys of `task_info` that a user may change; the check turns their numbers into strings. */
export const MODIFIABLE_PARAM = [
  'pre_frames',
  'input_cg_file',
  'frames_per_task',
  'test_frames',
  'job_stop_time',
  'task_stop_time',
  'time_out',
  'stop_after_test',
  'tiles_type',
  'tiles',
  'is_layer_rendering',
  'is_distribute_render',
  'distribute_render_node',
  'input_project_path',
  'render_layer_type',
  'os_name',
  'ram',
  'enable_layered',
] as const;

/** Task statuses at which the real SDK's download loop ends. */
export const SDK_END_CODES: readonly TaskStatus[] = [10, 20, 23, 25, 30, 35, 45];

/** Whether the real SDK's download loop ends at `status`; with `isTestStop` also when the test frames are done. */
export function isSdkEndCode(status: number, isTestStop = false): boolean {
  return SDK_END_CODES.some((end) => end === status) || (isTestStop && status === TASK_STATUS.testDone);
}
