/** What of a call's parameters goes into its record: no secrets, and never more than a line of text. */

const SECRET_KEY = /pass|secret|token|access_?key|signature|^code$|credential/i;
const LONGEST_TEXT = 200;
const MOST_ITEMS = 50;
const DEEPEST = 5;
const LONGEST_RECORD = 2000;

/** JSON text of at most `LONGEST_RECORD` characters. */
export function recordedParameters(input: unknown): string {
  const text = JSON.stringify(shortened(input, 0)) ?? '{}';
  if (text.length <= LONGEST_RECORD) return text;
  return JSON.stringify({ shortened: text.slice(0, LONGEST_RECORD / 2 - 100) });
}

function shortened(value: unknown, depth: number): unknown {
  if (typeof value === 'string') {
    return value.length <= LONGEST_TEXT
      ? value
      : `${value.slice(0, LONGEST_TEXT)}… (${value.length} characters)`;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '…';
  if (Array.isArray(value)) {
    const items = value.slice(0, MOST_ITEMS).map((item) => shortened(item, depth + 1));
    return value.length <= MOST_ITEMS ? items : [...items, `… (${value.length} items)`];
  }
  const entries = Object.entries(value).slice(0, MOST_ITEMS);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, SECRET_KEY.test(key) ? '***' : shortened(item, depth + 1)]),
  );
}

/** The tasks that a call names, under any of the API's names for them. */
export function namedTasks(input: unknown): number[] {
  if (typeof input !== 'object' || input === null) return [];
  const { taskIds, taskId, taskParam } = input as Record<string, unknown>;
  const named = [taskIds, taskId, taskParam].flat();
  return [...new Set(named.map(Number).filter((id) => Number.isSafeInteger(id) && id > 0))];
}

/** The tasks that an answer says it made. */
export function madeTasks(data: unknown): number[] | undefined {
  if (typeof data !== 'object' || data === null || !('taskIdList' in data)) return undefined;
  const ids = namedTasks({ taskIds: data.taskIdList });
  return ids.length === 0 ? undefined : ids;
}
