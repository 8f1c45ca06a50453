/** Bytes that arrived otherwise than they were sent. */
import { CroftError } from '@croft/contract';
import { MAX_REREADS } from '../../files/read-files.ts';

export function isMismatch(thrown: unknown): boolean {
  return thrown instanceof CroftError && thrown.code === 'TRANSFER_HASH_MISMATCH';
}

/** Bytes that were right here and wrong there were damaged on the way: worth another try, not many. */
export async function againIfDamaged(send: () => Promise<void>): Promise<void> {
  for (let reading = 0; ; reading++) {
    try {
      return await send();
    } catch (thrown) {
      if (!isMismatch(thrown) || reading === MAX_REREADS) throw thrown;
    }
  }
}
