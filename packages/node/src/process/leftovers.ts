/**
 * Apps of a node that died without ending them. Each started app is written down as `processes/<pid>` with its start
 * time, and carries the home in its environment; the next start of a node in the same home ends both kinds.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '@croft/contract';
import type { NodeHome } from '../home/home-layout.ts';
import { killGroup, killPid } from './kill.ts';
import { pidsWithVariable, processFacts } from './process-facts.ts';

/** Variable in the environment of every app: which home's node started it. Says nothing that a scene could misuse. */
export const OWNER_VARIABLE = 'CROFT_NODE_HOME';

export function ownerMarkOf(home: NodeHome): string {
  return createHash('sha256').update(home.root).digest('hex').slice(0, 16);
}

/** Writes a started app down; the answer crosses it out. */
export function recordProcess(home: NodeHome, pid: number): () => void {
  const file = join(home.processes, String(pid));
  writeFileSync(file, JSON.stringify({ pid, startedTicks: processFacts(pid)?.startedTicks ?? null }));
  return () => rmSync(file, { force: true });
}

/** Ends apps that a dead node of this home left running. Call with the home locked, before anything is started. */
export function endLeftovers(home: NodeHome, log: Log): void {
  for (const name of readdirSync(home.processes)) {
    const record = readRecord(join(home.processes, name));
    const facts = record === null ? null : processFacts(record.pid);
    if (facts === null || facts.startedTicks !== record?.startedTicks) continue;
    log.warn({ pid: facts.pid }, 'ending an app that a dead node left running');
    killGroup(facts.pid, 'SIGKILL');
  }
  for (const pid of pidsWithVariable(OWNER_VARIABLE, ownerMarkOf(home))) {
    if (pid === process.pid) continue;
    log.warn({ pid }, 'ending a process that an app of a dead node left running');
    killPid(pid);
  }
}

function readRecord(file: string): { pid: number; startedTicks: number | null } | null {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8'));
    return Number.isInteger(value?.pid) && value.pid > 1 ? value : null;
  } catch {
    return null;
  }
}
