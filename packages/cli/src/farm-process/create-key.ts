/** A new access key, from a running farm or straight from the home of one that does not run. */
import { CroftError } from '@croft/contract';
import type { CommandContext } from '../context.ts';
import { withFarmCalls } from './open-farm.ts';

interface CreatedKey {
  readonly accessId: string;
  readonly accessKey: string;
  readonly accountId: number;
}

/** `isOfHome`: the farm of the home folder is meant; without a running one its store is opened directly. */
export async function createKey(
  context: CommandContext,
  name: string,
  isOfHome: boolean,
): Promise<CreatedKey> {
  if (!isOfHome) return (await context.session()).native.createKey(name);
  const direct = () =>
    withFarmCalls(context, async (calls) => {
      const { accountId } = await calls.firstAccount();
      return calls.createKey(accountId, name);
    });
  if (context.config.url === null) return direct();
  try {
    return await (await context.session()).native.createKey(name);
  } catch (thrown) {
    // client.json tells where the farm listened when it last ran; now it does not, so its store is free.
    if (thrown instanceof CroftError && thrown.code === 'SDK_FARM_UNREACHABLE') return direct();
    throw thrown;
  }
}
