/**
 * The documented constants (seed 002 "General Parameter") as tables, made from the contract's facts so that each fact is
 * written once.
 */
import { DCCS, SDK_END_CODES, TASK_INFO, TASK_STATUS_TEXTS } from '@croft/contract';

export { MODIFIABLE_PARAM } from '@croft/contract';

/** Name of the SDK's own log. */
export const PACKAGE_NAME = 'rayvision_api';

/** Name of an app in lower case → `cgId`. */
export const DCC_ID_MAPPINGS: Readonly<Record<string, number>> = Object.fromEntries(
  DCCS.map(({ sdkName, cgId }) => [sdkName, cgId]),
);

/** `cg_name` of task.json → `cg_id` of task.json, and back. */
export const CG_SETTING: Readonly<Record<string, string>> = Object.fromEntries(
  DCCS.flatMap(({ cgName, cgId }) => [
    [cgName, String(cgId)],
    [String(cgId), cgName],
  ]),
);

/** The headers of a request; empty ones are filled for each (compat-api 1.2). `version` is that of generation 2. */
export const HEADERS = {
  accessId: '',
  channel: '4',
  platform: '',
  UTCTimestamp: '',
  nonce: '',
  signature: '',
  version: '2.0.0',
  'Content-Type': 'application/json',
} as const;

/** A task.json that says nothing yet. Times in seconds, every value a text. Copy it: it is shared. */
export const EMPTY_TASK_JSON = {
  task_info: TASK_INFO,
  software_config: {},
  scene_info: {},
  scene_info_render: {},
} as const;

/** Status of a task → language ("0" Chinese, "1" English) → its name. */
export const TASK_STATUS_DESCRIPTION: Readonly<Record<string, Readonly<Record<'0' | '1', string>>>> =
  Object.fromEntries(
    Object.entries(TASK_STATUS_TEXTS).map(([status, { zh, en }]) => [status, { '0': zh, '1': en }]),
  );

/** Statuses at which a task has ended, as texts. */
export const TASK_END_STATUS_CODE_LIST: readonly string[] = SDK_END_CODES.map(String);
