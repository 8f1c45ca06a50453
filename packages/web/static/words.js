/** What numbers of the farm are in words. */

const TASK_WORDS = {
  0: ['Waiting', 'waiting'],
  5: ['Rendering', 'running'],
  8: ['Preparing', 'running'],
  10: ['Stopped', 'stopped'],
  20: ['Stopped: no funds', 'stopped'],
  23: ['Timed out', 'failed'],
  25: ['Done', 'done'],
  30: ['Done with failed frames', 'failed'],
  35: ['Abandoned', 'stopped'],
  40: ['Test frames done', 'waiting'],
  45: ['Failed', 'failed'],
  50: ['Analysing', 'running'],
  60: ['Submitting', 'running'],
  65: ['Submit failed', 'failed'],
  70: ['Done with stopped frames', 'stopped'],
  100: ['Updating', 'running'],
};
const FRAME_WORDS = {
  1: ['waiting', 'waiting'],
  2: ['rendering', 'running'],
  3: ['stopped', 'stopped'],
  4: ['done', 'done'],
  5: ['failed', 'failed'],
  11: ['timed out', 'failed'],
};

/** @returns {{text: string, state: string}} */
export function taskWords(status) {
  const [text, state] = TASK_WORDS[status] ?? [`Status ${status}`, 'waiting'];
  return { text, state };
}

/** Frame statuses behind each word of a count, for asking the farm for these frames only. */
export const STATUSES_OF = {
  waiting: [1, 6, 7, 8, 9, 10, 12],
  running: [2],
  done: [4],
  failed: [5, 11],
  stopped: [3],
};

/** What a browser shows in place; other formats are for download. */
export const SHOWN_FORMATS = ['png', 'jpeg', 'jpg', 'webp', 'gif', 'avif'];

/** All other frame statuses are kinds of waiting. */
export function frameWords(status) {
  const [text, state] = FRAME_WORDS[status] ?? ['waiting', 'waiting'];
  return { text, state };
}

/** Decimal units, as the command line and file managers show them. */
export function bytes(count) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(value < 9.95 ? 1 : 0)} ${units[unit]}`;
}

/** Memory is sold in powers of two. */
export const memory = (count) => `${Math.round(count / 2 ** 30)} GB`;

/** "1,234". */
export const number = (count) => count.toLocaleString('en');

/** Share of the frames that are done, in whole percent; 100 only when all are. */
export function donePercent(frames) {
  return frames.total === 0 ? 0 : Math.floor((100 * frames.done) / frames.total);
}
