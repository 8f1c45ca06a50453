/** Why a task waits: one sentence a reason, most general first. Only for tasks of which nothing is booked. */
import { needWords } from '../catalogue/placement.ts';
import type { Board, BoardNode, BoardTask } from './board.ts';
import { fitOf, type Misfit, versionFor } from './fit.ts';
import { capacityOf } from './pass.ts';
import { heldBackBy } from './task-limit.ts';

const MOST_SENTENCES = 10;
/** Misfits that have nothing to do with what a node can. */
const ELSEWHERE = ['other-platform', 'other-package'] as const;

export function reasonsOf(board: Board, task: BoardTask, now: number): string[] {
  if (board.nodes.size === 0) return ['No node is online.'];
  const version = versionFor(board, task);
  const fits = [...board.nodes.values()].map((node) => fitOf(board, task, node, version, now));
  const countOf = (misfit: Misfit) => fits.filter((fit) => fit.misfit === misfit).length;
  const crowded = ELSEWHERE.filter((misfit) => countOf(misfit) > 1);
  const sentences = [
    ...crowded.map((misfit) => elsewhereSentence(task, misfit, countOf(misfit), fits.length)),
    ...fits
      .filter(({ misfit }) => !crowded.some((one) => one === misfit))
      .map(({ node, misfit }) =>
        misfit
          ? misfitSentence(board, task, node, misfit, now)
          : (limitSentence(board, task, node) ?? busySentence(board, node)),
      ),
  ];
  const told = [...new Set(sentences)].slice(0, MOST_SENTENCES);
  const untold = new Set(sentences).size - told.length;
  return untold > 0 ? [...told, `And ${untold} more nodes cannot.`] : told;
}

/** Where many nodes are elsewhere, one sentence says so: those that could render the task are worth the lines. */
function elsewhereSentence(
  task: BoardTask,
  misfit: (typeof ELSEWHERE)[number],
  count: number,
  all: number,
): string {
  const where = {
    'other-platform': `on platform ${task.platform}`,
    'other-package': `in the package of nodes ${task.placement.packageId}`,
  }[misfit];
  return count === all
    ? `None of the ${all} nodes that are online is ${where}.`
    : `${count} nodes are not ${where}.`;
}

function misfitSentence(board: Board, task: BoardTask, node: BoardNode, misfit: Misfit, now: number): string {
  const { name, apps } = node.facts;
  const versions = apps.filter(({ app }) => app === task.app).map(({ version }) => version);
  switch (misfit) {
    case 'other-platform':
      return `Node ${name} is not on platform ${task.platform}.`;
    case 'other-package':
      return `Node ${name} is not in the package of nodes ${task.placement.packageId}.`;
    case 'other-hardware':
      return `Node ${name} is not the hardware that the task asks for: ${task.placement.anyOf.map(needWords).join(', or ')}.`;
    case 'no-plugin':
      return `Node ${name} has not all of: ${task.placement.pluginNodes.map(({ plugin }) => plugin).join(', ')}.`;
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

function limitSentence(board: Board, task: BoardTask, node: BoardNode): string | null {
  const back = heldBackBy(board, task, node.id);
  if (back === null) return null;
  const whose = back.of === 'task' ? 'The task' : `Task ${task.parentId}, with all its children,`;
  return `${whose} may hold ${back.limit} ${back.limit === 1 ? 'node' : 'nodes'} at a time, and does.`;
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
