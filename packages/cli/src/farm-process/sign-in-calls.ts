/**
 * What the sign-in commands do, on a running farm or, where it does not run and the command is on its machine, straight in
 * its home: so that whoever lost a password or shut the farm's door by a wrong address rule gets in again.
 */
import { CroftError } from '@croft/contract';
import { nativeSignIn, type SignInClient } from '@croft/sdk';
import type { CommandContext } from '../context.ts';
import { withFarmCalls } from './open-farm.ts';

/** Errors that say that no farm answers. */
const NOBODY_THERE = new Set(['SDK_FARM_UNREACHABLE', 'CLI_NO_FARM']);

export type HomeSignIn = Pick<SignInClient, 'setPassword' | 'addressRule' | 'setAddressRule'>;

/** `isOfHome`: no other farm was named, so that of the home folder may be opened. */
export async function withSignIn<T>(
  context: CommandContext,
  isOfHome: boolean,
  use: (client: HomeSignIn) => Promise<T>,
): Promise<T> {
  try {
    return await use(nativeSignIn((await context.session()).native));
  } catch (thrown) {
    if (!isOfHome || !(thrown instanceof CroftError) || !NOBODY_THERE.has(thrown.code)) throw thrown;
    return withFarmCalls(context, async (calls) => {
      const { accountId } = await calls.firstAccount();
      return use({
        setPassword: (wish) => calls.setPassword(accountId, { ...wish, isTrusted: true }),
        addressRule: (account) => calls.addressRule(accountId, { account }),
        setAddressRule: (allow, account) => calls.setAddressRule(accountId, allow, { account }),
      });
    });
  }
}
