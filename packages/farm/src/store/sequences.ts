import type { Db } from './schema.ts';

export type SequenceName =
  | 'account'
  | 'project'
  | 'task'
  | 'segment'
  | 'frame'
  | 'attempt'
  | 'submit'
  | 'label'
  | 'operation'
  | 'sign-in'
  | 'price'
  | 'voucher'
  | 'package'
  | 'movement';

/** Takes `count` consecutive numbers, never given out again, and returns the first. */
export async function takeNumbers(db: Db, name: SequenceName, count = 1): Promise<number> {
  const { next } = await db
    .updateTable('sequences')
    .set((eb) => ({ next: eb('next', '+', count) }))
    .where('name', '=', name)
    .returning('next')
    .executeTakeFirstOrThrow();
  return next - count;
}
