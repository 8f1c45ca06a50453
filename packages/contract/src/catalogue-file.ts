/**
 * catalogue.json in a farm's home: what its operator declares beyond what the nodes say of themselves. Everything may be
 * left out; a farm without the file needs none. All keys are checked, so that a slip of the pen is told and not ignored.
 *
 *   platforms   pools of nodes by the platform numbers of the Renderbus API; one that is not declared is the whole farm
 *   apps        software with versions and plug-ins, besides what nodes report
 *   hardware    configurations that users may choose, besides those that follow from the nodes
 *   packages    groups of nodes that task.json may name (`pack_node_id`)
 *
 * `nodes` is a list of node names or node ids, in which `*` stands for any letters; letter case does not count.
 */
import * as z from 'zod';
import { CroftError, coerceError, defineErrors, EXIT } from './croft-error.ts';
import { dccOfId, OWN_CG_IDS } from './sdk-constants.ts';
import { MiB } from './units.ts';

export const CATALOGUE_FILE = 'catalogue.json';
export const CATALOGUE_MAX_BYTES = 1 * MiB;

/** Ids of declared hardware end here; ids that the farm gives to what it found on nodes begin above. */
export const MOST_DECLARED_HARDWARE_ID = 999_999;

const MOST_ROWS = 1000;
const MOST_TOLD = 10;

const word = z.string().trim().min(1).max(200);
const nodePatterns = z.array(word).min(1).max(MOST_ROWS);
const cgId = z.int().min(1).max(OWN_CG_IDS.last);

export const declaredPlatformSchema = z.strictObject({
  /** Number of the platform, as clients send it in the header `platform`. */
  id: z.int().min(1).max(999_999),
  name: word.optional(),
  /** 1 domestic, 2 foreign. */
  zone: z.union([z.literal(1), z.literal(2)]).default(2),
  type: z.enum(['cpu', 'gpu', 'still']).default('cpu'),
  /** What stands before task ids in `taskAlias`. */
  prefix: z.string().max(10).default('2W'),
  shown: z.boolean().default(true),
  /** Absent: every node. */
  nodes: nodePatterns.optional(),
});
export type DeclaredPlatform = z.infer<typeof declaredPlatformSchema>;

const declaredPluginSchema = z.strictObject({
  name: word,
  versions: z.array(word).min(1).max(MOST_ROWS),
  /** Nodes that have it; absent: all that have the app. */
  nodes: nodePatterns.optional(),
});
export type DeclaredPlugin = z.infer<typeof declaredPluginSchema>;

export const declaredAppSchema = z.strictObject({
  cgId,
  /** Needed for an id that Renderbus does not know. */
  name: word.optional(),
  versions: z.array(word).max(MOST_ROWS).default([]),
  plugins: z.array(declaredPluginSchema).max(MOST_ROWS).default([]),
});
export type DeclaredApp = z.infer<typeof declaredAppSchema>;

export const declaredHardwareSchema = z.strictObject({
  id: z.int().min(1).max(MOST_DECLARED_HARDWARE_ID),
  platform: z.int().min(1).max(999_999),
  type: z.enum(['cpu', 'gpu']).default('cpu'),
  model: word.default('Default'),
  /** Memory a node must have at least. */
  ramGb: z.int().min(1).max(65_536).default(64),
  /** Graphics cards a node must have at least. */
  gpus: z.int().min(0).max(64).default(0),
  enabled: z.boolean().default(true),
  /** Absent: every node with the memory and the cards. */
  nodes: nodePatterns.optional(),
  notSupportCgIds: z.array(cgId).max(MOST_ROWS).default([]),
  notSupportCodes: z.array(word).max(MOST_ROWS).default([]),
  notSupportCgVersions: z
    .array(z.strictObject({ cgId, cgVersionName: word }))
    .max(MOST_ROWS)
    .default([]),
  /** Regular expressions on `<plug-in> <version>`; letter case does not count. */
  notSupportPlugins: z.array(word.refine(isPattern, 'is no regular expression')).max(MOST_ROWS).default([]),
});
export type DeclaredHardware = z.infer<typeof declaredHardwareSchema>;

export const declaredPackageSchema = z.strictObject({
  id: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  name: word,
  nodes: nodePatterns,
  /** Names or ids of main accounts that may use it; absent: all. Their sub-accounts may as well. */
  accounts: z
    .array(z.union([word, z.int().transform(String)]))
    .min(1)
    .max(MOST_ROWS)
    .optional(),
});
export type DeclaredPackage = z.infer<typeof declaredPackageSchema>;

export const catalogueFileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    /** false: users may choose declared hardware only. */
    hardwareFromNodes: z.boolean().default(true),
    platforms: z.array(declaredPlatformSchema).max(MOST_ROWS).default([]),
    apps: z.array(declaredAppSchema).max(MOST_ROWS).default([]),
    hardware: z.array(declaredHardwareSchema).max(MOST_ROWS).default([]),
    packages: z.array(declaredPackageSchema).max(MOST_ROWS).default([]),
  })
  .superRefine((file, context) => {
    const complain = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    for (const list of ['platforms', 'hardware', 'packages'] as const)
      for (const at of doubles(file[list].map(({ id }) => id))) complain([list, at, 'id'], 'is there twice');
    for (const at of doubles(file.apps.map((app) => app.cgId)))
      complain(['apps', at, 'cgId'], 'is there twice');
    for (const [at, app] of file.apps.entries())
      if (app.name === undefined && dccOfId(app.cgId) === undefined)
        complain(['apps', at, 'name'], `is needed: ${app.cgId} is no app that Renderbus knows`);
  });
export type CatalogueFile = z.infer<typeof catalogueFileSchema>;

/** A farm whose operator declares nothing. */
export const EMPTY_CATALOGUE: CatalogueFile = catalogueFileSchema.parse({});

export const catalogueErrors = defineErrors({
  CATALOGUE_INVALID: {
    status: 400,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'docs/catalogue.md shows every key; `croft catalogue check FILE` says whether a file is right.',
  },
});

/** Reads the file's text; throws CATALOGUE_INVALID, which names the first wrong places. */
export function readCatalogueFile(text: string): CatalogueFile {
  if (text.length > CATALOGUE_MAX_BYTES)
    throw catalogueErrors.CATALOGUE_INVALID(
      `${CATALOGUE_FILE} is longer than ${CATALOGUE_MAX_BYTES / MiB} MiB`,
    );
  const parsed = catalogueFileSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const told = parsed.error.issues
    .slice(0, MOST_TOLD)
    .map(({ path, message }) => `${path.join('.') || 'the whole file'}: ${message}`);
  throw catalogueErrors.CATALOGUE_INVALID(`${CATALOGUE_FILE} is wrong: ${told.join('; ')}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (thrown) {
    if (thrown instanceof CroftError) throw thrown;
    const cause = coerceError(thrown);
    throw catalogueErrors.CATALOGUE_INVALID(`${CATALOGUE_FILE} is no JSON: ${cause.message}`, { cause });
  }
}

/** Places at which a value stands that stood before. */
function doubles(values: readonly number[]): number[] {
  return values.flatMap((value, at) => (values.indexOf(value) < at ? [at] : []));
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'i');
    return true;
  } catch {
    return false;
  }
}
