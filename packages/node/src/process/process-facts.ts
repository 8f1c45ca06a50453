/**
 * What Linux says about running processes, read from /proc. On other systems the answers are empty: there an app is
 * ended by its own rules (a session ends when its stdin closes) and by the operating system's tools.
 */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks since boot; with the pid it names one process for ever. */
  readonly startedTicks: number;
  readonly residentBytes: number;
}

const PAGE_BYTES = 4096;

/** null where there is no such process, or no /proc. */
export function processFacts(pid: number): ProcessFacts | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may itself hold spaces and parentheses: fields count from the last one.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const field = (number: number) => Number(fields[number - 3]);
    return {
      pid,
      parent: field(4),
      group: field(5),
      session: field(6),
      startedTicks: field(22),
      residentBytes: field(24) * PAGE_BYTES,
    };
  } catch {
    return null;
  }
}

/** All processes this machine shows, in pid order. */
export function allProcesses(): ProcessFacts[] {
  return pids().flatMap((pid) => processFacts(pid) ?? []);
}

/** Processes of the group `leader`, its session, and everything that descends from them. */
export function familyOf(leader: number, processes = allProcesses()): ProcessFacts[] {
  const members = new Set<number>([leader]);
  let grew = true;
  while (grew) {
    grew = false;
    for (const one of processes) {
      if (members.has(one.pid)) continue;
      if (one.group !== leader && one.session !== leader && !members.has(one.parent)) continue;
      members.add(one.pid);
      grew = true;
    }
  }
  return processes.filter((one) => members.has(one.pid));
}

/** Pids whose environment holds `name=value`: also finds a process that left its group. */
export function pidsWithVariable(name: string, value: string): number[] {
  const wanted = `${name}=${value}`;
  return pids().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(wanted);
    } catch {
      return false;
    }
  });
}

function pids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}
