/** Following a task to its end, and saying how it went; shared by render, download and demo. */
import { EXIT } from '@croft/contract';
import { isAtRest, isComplete, type OnEvent, type RenderOutcome } from '@croft/sdk';
import { type CommandContext, isInterruption } from './context.ts';
import { formatBytes, formatDuration, formatFiles, safeText } from './format.ts';
import { statusName } from './status-names.ts';

/** Runs `work` with progress shown; prints the outcome and returns the exit code. */
export async function followed(
  context: CommandContext,
  work: (onEvent: OnEvent) => Promise<RenderOutcome>,
  describe: (outcome: RenderOutcome) => object = (outcome) => outcome,
): Promise<number> {
  const { printer } = context;
  let taskId: number | null = null;
  let isSubmitted = false;
  const onEvent: OnEvent = (event) => {
    if (event.phase === 'check' && event.state === 'created') taskId = event.taskId;
    if (event.phase === 'submit' && event.state === 'done') isSubmitted = true;
    printer.progress(event);
  };
  try {
    const outcome = await work(onEvent);
    printer.result(describe(outcome), () => outcomeText(outcome));
    return exitOf(outcome);
  } catch (thrown) {
    if (isInterruption(thrown) && taskId !== null) {
      printer.close();
      printer.note(
        isSubmitted
          ? `task ${taskId} goes on; "croft download ${taskId}" fetches its frames, "croft stop ${taskId}" stops it`
          : `task ${taskId} was not submitted; run the same command again, nothing is sent twice`,
      );
    }
    throw thrown;
  }
}

/** 4 where the task rests with frames that were not rendered. */
export function exitOf(outcome: RenderOutcome): number {
  return isAtRest(outcome.status) && !isComplete(outcome) ? EXIT.framesFailed : EXIT.ok;
}

export function outcomeText(outcome: RenderOutcome): string {
  const { taskId, status, frames, failures, downloaded, folder, phaseMs } = outcome;
  const lines = [`task ${taskId}: ${statusName(status)}, ${frames.done} of ${frames.total} frames`];
  for (const failure of failures) {
    lines.push(`  frame ${failure.frame}: ${safeText(failure.reason)} (${failure.code})`);
  }
  if (failures.length > 0)
    lines.push(`  "croft logs ${taskId}" shows what the app said, "croft retry ${taskId}" tries again`);
  const times = Object.entries(phaseMs).map(([phase, ms]) => `${phase} ${formatDuration(ms ?? 0)}`);
  if (times.length > 0) lines.push(`time: ${times.join(', ')}`);
  if (downloaded && folder !== null) {
    lines.push(`${formatFiles(downloaded.files)}, ${formatBytes(downloaded.bytes)} in ${safeText(folder)}`);
  }
  return lines.join('\n');
}
