/** What the raysync service answers to each path, with code 0 added: all that rayvision_sync posts to. */

import { raysyncFailure } from './failures.ts';
import { fileListQuestion, namedTask, speedLimits, taskLimits, transferOrder, wantsProxy } from './orders.ts';
import { kindOf, type RaysyncTask, type TaskBoard } from './task-board.ts';

export type Answer = (body: unknown, board: TaskBoard) => Readonly<Record<string, unknown>>;

/** Every faulty file gets it; the reason stands beside. */
const FILE_FAULT = 1;

export const ANSWERS: Readonly<Record<string, Answer>> = {
  '/check-raysync-http': () => ({}),
  '/set-transmission-parameters': (body, board) => {
    board.setSpeeds(speedLimits(body));
    return {};
  },
  '/set-proxy-manager': (body) => {
    if (wantsProxy(body))
      throw raysyncFailure(501, 'the service cannot go through a proxy; leave out proxy_ip and proxy_port');
    return {};
  },
  '/set-task-limit': (body, board) => {
    board.setLimits(taskLimits(body));
    return {};
  },
  '/get-task-limit': (_, board) => ({ ...board.limits }),
  '/create-task': (body, board) => ({ 'task-id': board.create(transferOrder(body)).id }),
  '/start-task': (body, board) => ({ 'task-id': board.startAgain(namedTask(body)).id }),
  '/get-task-status': (body, board) => ({ 'task-list': [taskView(board.task(namedTask(body)))] }),
  '/get-task-list': (_, board) => ({ 'task-list': board.all().map(taskView) }),
  '/get-file-list': (body, board) => {
    const { taskId, type, skip, take } = fileListQuestion(body);
    const task = board.task(taskId);
    const files = type === 'error' ? faultViews(task) : movingViews(task);
    return { 'file-list': files.length === 0 ? null : files.slice(skip, skip + take) };
  },
};

/** Lists are uploads to whoever counts tasks. */
function taskView({ id, order, state, record }: RaysyncTask) {
  return {
    'task-id': id,
    'task-type': kindOf(order),
    'task-state': state,
    'file-max': record.filesFound,
    'file-pos': record.filesDone,
    speed: record.speed,
  };
}

function faultViews({ record }: RaysyncTask) {
  return record.faults.map(({ local, why }) => ({
    'local-path': local,
    'error-code': FILE_FAULT,
    'error-message': why,
  }));
}

/** Many files move at once, so what moves is told as one. */
function movingViews({ order, record }: RaysyncTask) {
  const at = record.moving;
  if (at === null) return [];
  const path = order.type === 'upload-list' ? order.list : order.local;
  return [{ 'local-path': path, size: at.ofBytes, pos: at.bytes }];
}
