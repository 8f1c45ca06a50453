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

/** All other frame statuses are kinds of waiting. */
export function frameWords(status) {
  const [text, state] = FRAME_WORDS[status] ?? ['waiting', 'waiting'];
  return { text, state };
}

export function bytes(count) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

export function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

export function time(ms) {
  return ms === null
    ? '–'
    : new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
