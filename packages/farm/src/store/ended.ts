import { sql } from 'kysely';

/**
 * The state of attempts that are over, as a literal: live attempts are found by partial indexes (`state <> 'ended'`), and
 * SQLite cannot know that a bound value fits one. With a value it would read every attempt there ever was.
 */
export const ENDED = sql.lit('ended' as const);
