/**
 * Logs of attempts: `<home>/logs/<taskId>/<attemptId>.log`, plain text, appended by the node link and read by the doors.
 *
 * Which node may write to which log is known from the `run` order that went to it. So that a restarted server still
 * knows, each live attempt has a register file `<home>/logs/live/<attemptId>.json` {taskId, nodeId}; it goes when the
 * attempt ends. Both ids are integers before they become part of a path, so no path can leave the folder.
 *
 * Logs go with their task: when it is deleted nobody can ask for them any more. A server that stops in that moment leaves
 * the folder; it is the only way one stays. A log is bounded: bytes beyond `MOST_LOG_BYTES` are dropped. The offset decides where text goes, so a repeated
 * message rewrites the same bytes. Files are opened per message: the number of open handles is that of busy links.
 */
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, coerceError, DAY, type Log, MiB } from '@croft/contract';

export const MOST_LOG_BYTES = 64 * MiB;
/** A register file older than this belongs to no live attempt. */
const REGISTER_KEPT_MS = 30 * DAY;
/** Attempts whose owner is kept in memory; beyond it the oldest is read from its file again. */
const MOST_REMEMBERED = 10_000;

interface Owner {
  taskId: number;
  nodeId: string;
}

export interface AttemptLogs {
  /** Notes that `nodeId` runs the attempt and may write its log. */
  begin(attemptId: number, taskId: number, nodeId: string): Promise<void>;
  /** Writes text at a byte offset; false where the node does not own the attempt or the log is full. */
  write(nodeId: string, attemptId: number, offset: number, text: string): Promise<boolean>;
  /** The attempt is over: its register file goes, its log stays. */
  end(attemptId: number): Promise<void>;
  /** The task is deleted: its logs go, and nothing more is written to them. */
  forgetTask(taskId: number): Promise<void>;
  /** Size in bytes, 0 where there is no log. */
  size(taskId: number, attemptId: number): Promise<number>;
  /** Up to `length` bytes from `offset`. */
  read(taskId: number, attemptId: number, offset: number, length: number): Promise<Buffer>;
}

export function createAttemptLogs(home: string, clock: Clock, log: Log): AttemptLogs {
  const root = join(home, 'logs');
  const register = join(root, 'live');
  const owners = new Map<number, Owner>();
  const ready = prepare(register, clock, log);

  const registerPath = (attemptId: number) => join(register, `${wholeNumber(attemptId)}.json`);
  const logPath = (taskId: number, attemptId: number) =>
    join(root, `${wholeNumber(taskId)}`, `${wholeNumber(attemptId)}.log`);

  function remember(attemptId: number, owner: Owner): void {
    owners.delete(attemptId);
    owners.set(attemptId, owner);
    if (owners.size > MOST_REMEMBERED) owners.delete(owners.keys().next().value!);
  }

  async function ownerOf(attemptId: number): Promise<Owner | null> {
    const known = owners.get(attemptId);
    if (known) return known;
    try {
      const owner = JSON.parse(await readFile(registerPath(attemptId), 'utf8')) as Owner;
      remember(attemptId, owner);
      return owner;
    } catch {
      return null;
    }
  }

  return {
    async begin(attemptId, taskId, nodeId) {
      remember(attemptId, { taskId, nodeId });
      await ready;
      await writeFile(registerPath(attemptId), JSON.stringify({ taskId, nodeId }));
    },

    async write(nodeId, attemptId, offset, text) {
      const owner = await ownerOf(attemptId);
      if (owner === null || owner.nodeId !== nodeId) return false;
      const bytes = Buffer.from(text, 'utf8');
      const room = MOST_LOG_BYTES - offset;
      if (room <= 0) return false;
      const path = logPath(owner.taskId, attemptId);
      const handle = await openForWriting(path);
      try {
        await handle.write(bytes, 0, Math.min(bytes.length, room), offset);
      } finally {
        await handle.close();
      }
      return bytes.length <= room;
    },

    async end(attemptId) {
      // The owner stays in memory: the last words of an app may arrive after the report that it ended.
      await ready;
      await rm(registerPath(attemptId), { force: true });
    },

    async forgetTask(taskId) {
      const gone = [...owners].filter(([, owner]) => owner.taskId === taskId).map(([attemptId]) => attemptId);
      for (const attemptId of gone) owners.delete(attemptId);
      await ready;
      for (const attemptId of gone) await rm(registerPath(attemptId), { force: true });
      await rm(join(root, `${wholeNumber(taskId)}`), { recursive: true, force: true });
    },

    async size(taskId, attemptId) {
      try {
        return (await stat(logPath(taskId, attemptId))).size;
      } catch {
        return 0;
      }
    },

    async read(taskId, attemptId, offset, length) {
      let handle: Awaited<ReturnType<typeof open>>;
      try {
        handle = await open(logPath(taskId, attemptId), 'r');
      } catch {
        return Buffer.alloc(0);
      }
      try {
        const buffer = Buffer.alloc(length);
        const { bytesRead } = await handle.read(buffer, 0, length, offset);
        return buffer.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    },
  };
}

/** Opens without truncating, making file and folder where they are missing. */
async function openForWriting(path: string) {
  try {
    return await open(path, 'r+');
  } catch {
    await mkdir(join(path, '..'), { recursive: true });
    // 'a' only creates: on Linux an append handle would ignore the offset.
    await (await open(path, 'a')).close();
    return await open(path, 'r+');
  }
}

async function prepare(register: string, clock: Clock, log: Log): Promise<void> {
  try {
    await mkdir(register, { recursive: true });
    for (const name of await readdir(register)) {
      const path = join(register, name);
      if (clock.now() - (await stat(path)).mtimeMs > REGISTER_KEPT_MS) await rm(path, { force: true });
    }
  } catch (thrown) {
    log.warn({ err: coerceError(thrown) }, 'the folder of attempt logs could not be prepared');
  }
}

function wholeNumber(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`${value} is no id`);
  return value;
}
