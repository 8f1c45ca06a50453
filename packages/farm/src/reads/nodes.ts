/** Node rows → what doors show. */
import type { NodeFacts, NodeRow } from '@croft/contract';
import type { Selectable } from 'kysely';
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
