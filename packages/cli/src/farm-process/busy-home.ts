/** A home that another farm holds: the user is told where that farm is reached. */
import { CroftError } from '@croft/contract';
import { readClientFile } from '../config.ts';

/** The same error, or, where it says that the home is in use, one whose hint names the farm's address. */
export function namingTheFarm(thrown: unknown, home: string): unknown {
  if (!(thrown instanceof CroftError) || thrown.code !== 'FARM_STORE_BUSY') return thrown;
  const other = readClientFile(home, []);
  if (other === null) return thrown;
  const hint = `A farm of this home runs at ${other.url}: commands on this machine find it. For a second one name another --home.`;
  return CroftError.from({ ...thrown.toJSON(), hint }, thrown);
}
