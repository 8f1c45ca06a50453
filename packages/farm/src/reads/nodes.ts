/** Node rows → what doors show, and the software that the farm's nodes really have. */
import type { NodeFacts, NodeRow } from '@croft/contract';
import type { Selectable } from 'kysely';
import { compareVersions } from '../planner/versions.ts';
import { ENDED } from '../store/ended.ts';
import type { Db, NodesTable } from '../store/schema.ts';

export async function nodeRows(db: Db, now: number, nodeId?: string): Promise<NodeRow[]> {
  const rows = await db
    .selectFrom('nodes')
    .selectAll()
    .select((eb) =>
      eb
        .selectFrom('attempts')
        .select((inner) => inner.fn.countAll<number>().as('running'))
        .whereRef('attempts.node_id', '=', 'nodes.id')
        .where('attempts.state', '<>', ENDED)
        .where('attempts.state', '=', 'running')
        .as('running'),
    )
    .where('removed_at', 'is', null)
    .$if(nodeId !== undefined, (query) => query.where('id', '=', nodeId!))
    .orderBy('name')
    .orderBy('id')
    .execute();
  return rows.map((row) => nodeRow(row, row.running ?? 0, now));
}

function nodeRow(row: Selectable<NodesTable>, running: number, now: number): NodeRow {
  const facts = row.facts === null ? null : (JSON.parse(row.facts) as NodeFacts);
  return {
    id: row.id,
    name: row.name,
    state: stateOf(row, now),
    os: facts?.os ?? '',
    cpuModel: facts?.cpuModel ?? '',
    cpuThreads: facts?.cpuThreads ?? 0,
    memoryBytes: facts?.memoryBytes ?? 0,
    gpus: facts?.gpus.map(({ model }) => model) ?? [],
    diskFreeBytes: row.disk_free_bytes,
    slots: facts?.slots ?? 0,
    running,
    apps: facts?.apps.map(({ app, version }) => ({ app, version })) ?? [],
    seenAt: row.seen_at,
  };
}

function stateOf(row: Selectable<NodesTable>, now: number): NodeRow['state'] {
  if (row.online === 0) return 'offline';
  if (row.draining === 1) return 'draining';
  return row.resting_until > now ? 'resting' : 'online';
}

/** Per app the versions any enrolled node has, also while it is away: a catalogue that does not flicker. */
export async function softwareOf(
  db: Db,
  apps: readonly { id: string; cgId: number; name: string }[],
): Promise<{ app: string; cgId: number; name: string; versions: string[] }[]> {
  const rows = await db.selectFrom('nodes').select('facts').where('removed_at', 'is', null).execute();
  const versions = new Map<string, Set<string>>();
  for (const { facts } of rows) {
    for (const { app, version } of facts === null ? [] : (JSON.parse(facts) as NodeFacts).apps) {
      versions.set(app, (versions.get(app) ?? new Set()).add(version));
    }
  }
  return apps
    .filter(({ id }) => versions.has(id))
    .map(({ id, cgId, name }) => ({
      app: id,
      cgId,
      name,
      versions: [...versions.get(id)!].sort(compareVersions),
    }));
}
