/** Changes of tasks by the native API, beyond those that the Renderbus API has too. */
import { type TaskDetail, taskDetailSchema } from '@croft/contract';
import type { NativeClient } from './native-client.ts';

/** Nodes that the task may hold at a time, its layers together; 0: any. Answers with the task as it is then. */
export function limitNodes(native: NativeClient, taskId: number, nodes: number): Promise<TaskDetail> {
  return native.send(`/tasks/${taskId}/limit`, { nodes }, taskDetailSchema);
}

/** Seconds of rendering after which the task is stopped; 0: never. */
export function limitTime(native: NativeClient, taskId: number, seconds: number): Promise<TaskDetail> {
  return native.send(`/tasks/${taskId}/time-limit`, { seconds }, taskDetailSchema);
}

/** Priority, 0 to 100, high first. */
export function setLevel(native: NativeClient, taskId: number, level: number): Promise<TaskDetail> {
  return native.send(`/tasks/${taskId}/level`, { level }, taskDetailSchema);
}

export function addLabel(native: NativeClient, taskId: number, name: string): Promise<TaskDetail> {
  return native.send(`/tasks/${taskId}/labels`, { name }, taskDetailSchema);
}

export function removeLabel(native: NativeClient, taskId: number, name: string): Promise<TaskDetail> {
  return native.send(`/tasks/${taskId}/labels/remove`, { name }, taskDetailSchema);
}

/** Renders the same files again as a new task; answers with that one. Sending it twice makes two. */
export function cloneTask(
  native: NativeClient,
  taskId: number,
  wish: { readonly frames?: string; readonly level?: number } = {},
): Promise<TaskDetail> {
  return native.send(`/tasks/${taskId}/clone`, wish, taskDetailSchema);
}
