/** Changing task.json between analysis and check (seed 002 "update_task_info", compat-api 6.1). */
import { type Json, objectOf } from '../reading.ts';
import { CLIENT_CODES, RayvisionError } from './exceptions.ts';
import { jsonLoad, jsonSave } from './json-files.ts';

/**
 * Changes settings of `task_info`, all or none; gives the changed object. Only keys that are there already can be
 * changed: RayvisionError 1000002. 1000004: there is no file. Numbers become text, as the API wants them.
 */
export async function updateTaskInfo(updateInfo: Json, taskPath: string): Promise<Json> {
  const task = await jsonLoad(taskPath);
  const info = taskInfoOf(task, taskPath);
  const unknown = Object.keys(updateInfo).filter((key) => !Object.hasOwn(info, key));
  if (unknown.length > 0)
    throw new RayvisionError(CLIENT_CODES.key, `task_info of ${taskPath} has no ${unknown.join(', no ')}`);
  for (const [key, value] of Object.entries(updateInfo))
    info[key] = typeof value === 'number' ? String(value) : value;
  await jsonSave(taskPath, task);
  return task;
}

/**
 * Adds keys of the caller's to `additional_info`, all or none; gives the changed object. With `cover: false` a key that
 * is there already is RayvisionError 1000002; else it is replaced.
 */
export async function appendToTask(additionalInfo: Json, taskPath: string, cover = true): Promise<Json> {
  const task = await jsonLoad(taskPath);
  const before = objectOf(task.additional_info ?? {}, 'additional_info');
  const taken = Object.keys(additionalInfo).filter((key) => Object.hasOwn(before, key));
  if (!cover && taken.length > 0)
    throw new RayvisionError(CLIENT_CODES.key, `${taken.join(', ')} already exists, cannot be added`);
  task.additional_info = { ...before, ...additionalInfo };
  await jsonSave(taskPath, task);
  return task;
}

/** `task_info` of a task.json; throws RayvisionError 2000 where there is none. */
export function taskInfoOf(task: Json, where = 'task.json'): Json {
  const info = task.task_info;
  if (typeof info === 'object' && info !== null && !Array.isArray(info)) return info as Json;
  throw new RayvisionError(CLIENT_CODES.taskInfo, `${where} has no task_info`);
}
