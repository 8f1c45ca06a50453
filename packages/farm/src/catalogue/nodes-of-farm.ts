/** Facts of all enrolled nodes, also of those that are away: lists do not flicker with a node's sleep. */
import type { NodeFacts } from '@croft/contract';
import { ENDED } from '../store/ended.ts';
import type { Db } from '../store/schema.ts';
import type { NodeLoad } from './platform-list.ts';

export async function farmNodes(db: Db): Promise<NodeLoad[]> {
  const rows = await db
    .selectFrom('nodes')
    .select(['id', 'facts', 'online'])
    .select((eb) =>
      eb
        .selectFrom('attempts')
        .select((inner) => inner.fn.countAll<number>().as('live'))
        .whereRef('attempts.node_id', '=', 'nodes.id')
        .where('attempts.state', '<>', ENDED)
        .where('attempts.state', '=', 'running')
        .as('running'),
    )
    .where('removed_at', 'is', null)
    .orderBy('name')
    .orderBy('id')
    .execute();
  return rows.flatMap(({ id, facts, online, running }) =>
    facts === null
      ? []
      : [{ id, facts: JSON.parse(facts) as NodeFacts, online: online === 1, running: running ?? 0 }],
  );
}
