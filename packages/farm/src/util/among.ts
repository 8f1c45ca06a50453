import type { Expression, ExpressionBuilder, ReferenceExpression, SqlBool } from 'kysely';

/** How much more than the ids a range may cover. */
const LOOSEST = 2;

/**
 * A condition that holds for all of `ids`, and may hold for a few more: ids that lie close together are asked for as a range.
 * A list of a hundred values costs the query builder and SQLite more than reading the rows; who uses this looks the rows up
 * by id. `ids` must not be empty.
 */
export function among<Tables, Table extends keyof Tables>(
  eb: ExpressionBuilder<Tables, Table>,
  column: ReferenceExpression<Tables, Table>,
  ids: readonly number[],
): Expression<SqlBool> {
  let first = ids[0]!;
  let last = first;
  for (const id of ids) {
    if (id < first) first = id;
    if (id > last) last = id;
  }
  if (last - first >= ids.length * LOOSEST) return eb(column, 'in', ids);
  return eb.and([eb(column, '>=', first), eb(column, '<=', last)]);
}
