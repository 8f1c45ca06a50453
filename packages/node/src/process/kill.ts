/** Ending processes. A process that is already gone is what was wanted. */
import { spawn } from 'node:child_process';

/** Signals a whole process group; on Windows, which has none, ends the process tree. */
export function killGroup(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (process.platform === 'win32') {
    const args = ['/PID', String(leader), '/T', ...(signal === 'SIGKILL' ? ['/F'] : [])];
    spawn('taskkill', args, { stdio: 'ignore', windowsHide: true }).on('error', () => {});
    return;
  }
  signalQuietly(-leader, signal);
}

export function killPid(pid: number): void {
  signalQuietly(pid, 'SIGKILL');
}

function signalQuietly(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // Gone, or never ours.
  }
}
