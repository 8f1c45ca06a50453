/**
 * The four files of a task: task.json (what to render), asset.json (what the scene refers to), upload.json (which local
 * file goes where) and tips.json (what the analysis found). Users, several generations of the SDK and hand-written
 * scripts make them, so the schemas take what has been seen and give one shape:
 *
 *   - values of `task_info` may be numbers, booleans or null; they come out as text, missing ones get the default;
 *   - `hardwareConfigId` (text or number) or `hardwareConfigIds` (list, text or number) come out as a list of texts;
 *   - a tip is a text or a list of texts; it comes out as a list;
 *   - keys that nobody here knows stay as they are.
 *
 * What comes out goes in again unchanged.
 */
import * as z from 'zod';
import { CroftError, defineErrors, EXIT } from './croft-error.ts';
import { parseRawJson, plainValue } from './raw-json.ts';
import { TASK_INFO } from './sdk-constants.ts';
import { MiB } from './units.ts';

export const TASK_FILE_NAMES = ['task.json', 'asset.json', 'upload.json', 'tips.json'] as const;
export type TaskFileName = (typeof TASK_FILE_NAMES)[number];

/** Largest file that is read; about a million assets. */
export const TASK_FILE_MAX_BYTES: Readonly<Record<TaskFileName, number>> = {
  'task.json': 16 * MiB,
  'asset.json': 256 * MiB,
  'upload.json': 256 * MiB,
  'tips.json': 16 * MiB,
};

const MOST_VALUES = 8_000_000;
const LONGEST_TEXT = 65_536;
const MOST_ASSETS = 1_000_000;
const MOST_PLUGINS = 1000;
const MOST_TIPS = 10_000;

const limitedText = z.string().max(LONGEST_TEXT);

/** Text, or a scalar that stands for it. Numbers too large for JS arrive as text from `plainValue`. */
const looseText = z
  .union([limitedText, z.number(), z.boolean(), z.null()])
  .transform((value) =>
    value === null ? '' : typeof value === 'boolean' ? (value ? '1' : '0') : String(value),
  );

/** One value or a list of them, as a list. */
const looseTexts = z
  .union([z.array(looseText).max(MOST_TIPS), looseText])
  .transform((value) => (Array.isArray(value) ? value : value === '' ? [] : [value]));

const looseRecord = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => value ?? {});

type TaskInfoKey = keyof typeof TASK_INFO;
const infoShape = Object.fromEntries(
  Object.entries(TASK_INFO).map(([key, fallback]) => [key, looseText.default(fallback)]),
) as Record<TaskInfoKey, z.ZodDefault<typeof looseText>>;

/** `task_info` of task.json; see `TASK_INFO` for the keys. */
export const taskInfoSchema = z
  .looseObject({
    ...infoShape,
    test_frames: looseText.optional(),
    edit_name: looseText.optional(),
    clone_original_id: looseText.optional(),
    pack_node_id: looseText.optional(),
    hardwareConfigIds: looseTexts.nullish(),
  })
  .transform((info) => ({ ...info, hardwareConfigIds: hardwareIdsOf(info) }));
export type TaskInfo = z.infer<typeof taskInfoSchema>;

function hardwareIdsOf(info: {
  hardwareConfigIds?: string[] | null | undefined;
  hardwareConfigId: string;
}): string[] {
  const listed = (info.hardwareConfigIds ?? []).filter((id) => id !== '');
  if (listed.length > 0) return listed;
  return info.hardwareConfigId === '' ? [] : [info.hardwareConfigId];
}

const softwareSchema = z.looseObject({
  cg_name: looseText.default(''),
  cg_version: looseText.default(''),
  /** Plug-in name → version. */
  plugins: z
    .record(z.string().max(1000), looseText)
    .nullish()
    .transform((plugins) => plugins ?? {})
    .refine((plugins) => Object.keys(plugins).length <= MOST_PLUGINS, `more than ${MOST_PLUGINS} plug-ins`),
});

export const taskFileSchema = z.looseObject({
  task_info: taskInfoSchema,
  software_config: softwareSchema.prefault({}),
  /** What the analysis read; the shape is the app's. */
  scene_info: looseRecord,
  /** What the user wants of it; empty means all of `scene_info`. */
  scene_info_render: looseRecord,
});
export type TaskFile = z.infer<typeof taskFileSchema>;

export const assetFileSchema = z.looseObject({
  /** `path  (mtime …) size n`, one text a file; see `assetPathOf`. */
  asset: z
    .array(z.union([limitedText, z.record(z.string(), z.unknown())]))
    .max(MOST_ASSETS)
    .nullish()
    .transform((asset) => asset ?? []),
});
export type AssetFile = z.infer<typeof assetFileSchema>;

const uploadEntrySchema = z.looseObject({
  /** Path on the user's machine. */
  local: limitedText.min(1),
  /** Path in the input tree, with or without leading slash; not confined yet: see `confinedPath`. */
  server: limitedText.min(1),
});
export type UploadEntry = z.infer<typeof uploadEntrySchema>;

export const uploadFileSchema = z.looseObject({
  /** The scene file itself, with the hex MD5 of its bytes as `hash`; it is among `asset` too. */
  scene: z
    .array(uploadEntrySchema.extend({ hash: looseText.optional() }))
    .max(1000)
    .optional(),
  asset: z
    .array(uploadEntrySchema)
    .max(MOST_ASSETS)
    .nullish()
    .transform((asset) => asset ?? []),
});
export type UploadFile = z.infer<typeof uploadFileSchema>;

/** Tip code → what was found. Codes are mostly digits, but analysers write placeholders too. */
export const tipsFileSchema = z
  .record(z.string().max(1000), looseTexts)
  .refine((tips) => Object.keys(tips).length <= MOST_TIPS, `more than ${MOST_TIPS} codes`);
export type TipsFile = z.infer<typeof tipsFileSchema>;

/** What each file holds. */
export interface TaskFiles {
  'task.json': TaskFile;
  'asset.json': AssetFile;
  'upload.json': UploadFile;
  'tips.json': TipsFile;
}

const SCHEMAS: { readonly [Name in TaskFileName]: z.ZodType<TaskFiles[Name]> } = {
  'task.json': taskFileSchema,
  'asset.json': assetFileSchema,
  'upload.json': uploadFileSchema,
  'tips.json': tipsFileSchema,
};

export const taskFileErrors = defineErrors({
  TASK_FILE_INVALID: {
    status: 400,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'Let `croft analyse` write the four files, and change in them only what you mean to.',
  },
});

/** Reads one of the files from its bytes; throws TASK_FILE_INVALID, which names the file and the first wrong place. */
export function readTaskFile<Name extends TaskFileName>(name: Name, bytes: Uint8Array): TaskFiles[Name] {
  if (bytes.length > TASK_FILE_MAX_BYTES[name]) {
    throw taskFileErrors.TASK_FILE_INVALID(`${name} is larger than ${TASK_FILE_MAX_BYTES[name] / MiB} MiB`);
  }
  const parsed = SCHEMAS[name].safeParse(jsonOf(name, bytes));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue && issue.path.length > 0 ? ` at ${issue.path.join('.')}` : '';
  throw taskFileErrors.TASK_FILE_INVALID(`${name} is wrong${place}: ${issue?.message ?? 'not understood'}`);
}

function jsonOf(name: TaskFileName, bytes: Uint8Array): unknown {
  try {
    return plainValue(parseRawJson(bytes, { maxValues: MOST_VALUES }));
  } catch (thrown) {
    if (!(thrown instanceof CroftError)) throw thrown;
    throw taskFileErrors.TASK_FILE_INVALID(`${name}: ${thrown.message}`, { cause: thrown });
  }
}

/** The path in a line of asset.json, which ends where `(mtime` begins (two spaces before it, or one in Unreal's). */
export function assetPathOf(line: string): string {
  const end = line.search(/ {1,2}\(mtime/);
  return end === -1 ? line.trimEnd() : line.slice(0, end);
}
