/** Whether a node may render a task, and if not, why: one reason per node, the first that holds. */
import { type PlaceMisfit, placeMisfit } from '../catalogue/placement.ts';
import type { Board, BoardNode, BoardTask } from './board.ts';
import { chooseVersion, series } from './versions.ts';

export type Misfit =
  | PlaceMisfit
  | 'draining'
  | 'resting'
  | 'no-app'
  | 'no-version'
  | 'no-ability'
  | 'avoided';

export interface Fit {
  readonly node: BoardNode;
  readonly misfit: Misfit | null;
}

/** The version all frames of the task get: the frozen one, else the best that online nodes in its place have. */
export function versionFor(board: Board, task: BoardTask): string | null {
  if (task.renderVersion !== null) return task.renderVersion;
  const allowed = [...board.nodes.values()].filter(
    (node) => placeMisfit(board.declared, task, node) === null,
  );
  const installed = allowed.flatMap(({ facts }) =>
    facts.apps
      .filter(
        ({ app, abilities }) => app === task.app && task.needs.every((need) => abilities.includes(need)),
      )
      .map(({ version }) => version),
  );
  return chooseVersion(task.appVersion, installed);
}

export function fitOf(
  board: Board,
  task: BoardTask,
  node: BoardNode,
  version: string | null,
  now: number,
): Fit {
  return { node, misfit: misfitOf(board, task, node, version, now) };
}

function misfitOf(
  board: Board,
  task: BoardTask,
  node: BoardNode,
  version: string | null,
  now: number,
): Misfit | null {
  const misplaced = placeMisfit(board.declared, task, node);
  if (misplaced !== null) return misplaced;
  const apps = node.facts.apps.filter(({ app }) => app === task.app);
  if (apps.length === 0) return 'no-app';
  const right = apps.filter((app) => version !== null && series(app.version) === series(version));
  if (version !== null && right.length === 0) return 'no-version';
  const able = (version === null ? apps : right).filter(({ abilities }) =>
    task.needs.every((need) => abilities.includes(need)),
  );
  if (able.length === 0) return 'no-ability';
  if (version === null) return 'no-version';
  if (node.draining) return 'draining';
  if (node.restingUntil > now) return 'resting';
  return board.avoidedUntil(node.id, task.id) > now ? 'avoided' : null;
}
