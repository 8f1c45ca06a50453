/**
 * Which hardware of the farm is the wanted one and can run the scene (real-sdk.md, compat-api 5.3). For each element, in
 * the farm's order: it must be enabled and of the task's platform, and equal in model, memory and graphics cards; then
 * the app, the tips, the app's version and its plug-ins must not be among what it cannot do.
 */
import { type Json, listOf, numberOf, objectOf, textOf } from '../reading.ts';
import {
  CLIENT_CODES,
  HardwareConfigIdError,
  NotSupportCGSoftwareError,
  NotSupportHardwareCodeError,
  NotSupportPluginError,
} from './exceptions.ts';

export interface WantedHardware {
  /** One model, several, or `Default`: any. */
  readonly model: string | readonly string[];
  /** `64GB`. */
  readonly ram: string;
  /** `2*GPU`; null for machines without graphics cards. */
  readonly gpuNum?: string | null;
}

/** What the scene asks of the hardware. */
export interface HardwareNeeds {
  readonly platform: number;
  readonly cgId: number;
  readonly cgVersion: string;
  /** Plug-in → version. */
  readonly plugins: Readonly<Record<string, unknown>>;
  readonly tipCodes: readonly string[];
}

/**
 * Ids of the matching elements as text. Throws NotSupportCGSoftwareError, NotSupportHardwareCodeError,
 * HardwareConfigIdError 1000001 (version) or NotSupportPluginError for a wanted one that cannot run the scene, and
 * HardwareConfigIdError 1000000 with the list of what there is where none is as wanted.
 */
export function matchHardware(
  offered: readonly Json[],
  wanted: WantedHardware,
  needs: HardwareNeeds,
): string[] {
  const usable = offered.filter(
    (one) => Boolean(one.status) && numberOf(one.platform, 'hardware platform') === needs.platform,
  );
  const matching = usable.filter((one) => isAsWanted(one, wanted));
  for (const one of matching) refuseUnable(one, needs);
  if (matching.length > 0) return matching.map((one) => textOf(one.id, 'hardware id'));
  const there = usable.map(nameOf).join('; ');
  throw new HardwareConfigIdError(
    CLIENT_CODES.general,
    `the farm has no hardware as wanted; it has ${there || 'none at all on this platform'}`,
  );
}

function isAsWanted(one: Json, { model, ram, gpuNum = null }: WantedHardware): boolean {
  const models = typeof model === 'string' ? [model] : model;
  const isModel = models.includes('Default') || models.some((name) => name === one.model);
  return isModel && one.ram === ram && (one.gpuNum ?? null) === gpuNum;
}

function refuseUnable(one: Json, { cgId, cgVersion, plugins, tipCodes }: HardwareNeeds): void {
  const name = nameOf(one);
  // The farm may send ids as numbers or as text; both mean the app.
  if (listOf(one.notSupportCgId, 'notSupportCgId').some((id) => Number(id) === cgId))
    throw new NotSupportCGSoftwareError(CLIENT_CODES.general, `${name} cannot run this app`);
  const refusedCodes = new Set(listOf(one.notSupportCode, 'notSupportCode').map(String));
  const clashes = tipCodes.filter((code) => refusedCodes.has(code));
  if (clashes.length > 0)
    throw new NotSupportHardwareCodeError(CLIENT_CODES.general, `${name} cannot do ${clashes.join(', ')}`);
  const versions = listOf(one.notSupportCgVersions, 'notSupportCgVersions').map((item) =>
    objectOf(item, 'notSupportCgVersions'),
  );
  if (versions.some((item) => Number(item.cgId) === cgId && item.cgVersionName === cgVersion))
    throw new HardwareConfigIdError(CLIENT_CODES.hardwareVersion, `${name} cannot run version ${cgVersion}`);
  const patterns = listOf(one.notSupportPluginList, 'notSupportPluginList').map((pattern) => String(pattern));
  for (const [plugin, version] of Object.entries(plugins)) {
    const text = `${plugin} ${version}`;
    if (patterns.some((pattern) => patternFits(pattern, text)))
      throw new NotSupportPluginError(CLIENT_CODES.general, `${name} cannot run ${text}`);
  }
}

const LONGEST_PATTERN = 200;

/** A pattern is a stranger's: one that is no regular expression, or a long one, is taken as the text itself. */
function patternFits(pattern: string, text: string): boolean {
  try {
    if (pattern.length > LONGEST_PATTERN) return text.includes(pattern);
    return (new RegExp(pattern, 'i').exec(text)?.[0] ?? '') !== '';
  } catch {
    return text.toLowerCase().includes(pattern.toLowerCase());
  }
}

function nameOf(one: Json): string {
  return [one.model, one.ram, one.gpuNum].filter(Boolean).join(' ');
}
