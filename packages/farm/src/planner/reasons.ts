/** Why a task waits: one sentence a reason, most general first. Only for tasks of which nothing is booked. */
import type { Board, BoardNode, BoardTask } from './board.ts';
import { fitOf, type Misfit, versionFor } from './fit.ts';
import { capacityOf } from './pass.ts';

const MOST_SENTENCES = 10;

export function reasonsOf(board: Board, task: BoardTask, now: number): string[] {
  if (board.nodes.size === 0) return ['No node is online.'];
  const version = versionFor(board, task);
  const sentences = [...board.nodes.values()].map((node) => {
    const { misfit } = fitOf(board, task, node, version, now);
    return misfit ? misfitSentence(board, task, node, misfit, now) : busySentence(board, node);
  });
  const told = sentences.slice(0, MOST_SENTENCES);
  return sentences.length > told.length
    ? [...told, `And ${sentences.length - told.length} more nodes cannot.`]
    : told;
}

function misfitSentence(board: Board, task: BoardTask, node: BoardNode, misfit: Misfit, now: number): string {
  const { name, apps } = node.facts;
  const versions = apps.filter(({ app }) => app === task.app).map(({ version }) => version);
  switch (misfit) {
    case 'no-app':
      return `Node ${name} has no ${task.app}.`;
    case 'no-version':
      return `Node ${name} has ${task.app} ${versions.join(', ')}; the task needs ${task.renderVersion ?? `${task.appVersion} or newer`}.`;
    case 'no-ability':
      return `Node ${name} cannot do all of: ${task.needs.join(', ')}.`;
    case 'draining':
      return `Node ${name} takes no more work: it is about to leave.`;
    case 'resting':
      return `Node ${name} rests for ${seconds(node.restingUntil - now)} s more: it failed different tasks.`;
    case 'avoided':
      return `Node ${name} failed this task and may try again in ${seconds(board.avoidedUntil(node.id, task.id) - now)} s.`;
  }
}

function busySentence(board: Board, node: BoardNode): string {
  const slots = capacityOf(node, 0);
  const others = new Set(
    [...board.attempts.values()].filter(({ nodeId }) => nodeId === node.id).map(({ taskId }) => taskId),
  );
  return `Node ${node.facts.name}: ${slots === 1 ? 'its slot renders' : `all ${slots} slots render`} ${others.size === 1 ? `task ${[...others][0]}` : 'other tasks'}.`;
}

/** Rounded up to tens, so that the sentence does not change with every pass. */
function seconds(ms: number): number {
  return Math.max(10, Math.ceil(ms / 10_000) * 10);
}
