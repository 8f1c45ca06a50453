/** Accounts and keys of a running farm, or straight on the home of one that does not run. */
import { type AccountDetail, CroftError, HOUR } from '@croft/contract';
import type { FarmCalls } from '@croft/farm';
import type { AccountsClient } from '@croft/sdk';
import type { CommandLine } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { withFarmCalls } from './open-farm.ts';

/**
 * With --home and no --server, the farm of that folder is meant, whether it runs or not: one that does not run is opened,
 * and its first administrator asks. Else a running farm is asked with the user's key.
 */
export async function withAccounts<T>(
  context: CommandContext,
  line: CommandLine,
  use: (accounts: AccountsClient) => Promise<T>,
): Promise<T> {
  const isOfHome = line.text('server') === undefined && line.text('home') !== undefined;
  const direct = () => withFarmCalls(context, async (calls) => use(await directAccounts(calls)));
  const asked = async () => {
    const { nativeAccounts } = await import('@croft/sdk');
    return use(nativeAccounts((await context.session()).native));
  };
  if (!isOfHome) return asked();
  if (context.config.url === null) return direct();
  try {
    return await asked();
  } catch (thrown) {
    // client.json tells where the farm listened when it last ran; now it does not, so its store is free.
    if (thrown instanceof CroftError && thrown.code === 'SDK_FARM_UNREACHABLE') return direct();
    throw thrown;
  }
}

async function directAccounts(calls: FarmCalls): Promise<AccountsClient> {
  const { accountId: byId } = await calls.firstAccount();
  const show = async (accountId: number): Promise<AccountDetail> => {
    const { accountName, mainAccountId, role, isDisabled, facts } = await calls.accountOf(byId, accountId);
    return { accountId, name: accountName, mainAccountId, role, isDisabled, fields: facts };
  };
  const acts = {
    disable: calls.disableAccount,
    enable: calls.enableAccount,
    delete: calls.deleteAccount,
  };
  return {
    list: () => calls.listAccounts(byId),
    show,
    async create(wish) {
      const { accountId } = await calls.createAccount(byId, {
        ...wish,
        mainAccountId: wish.mainAccountId ?? byId,
      });
      return show(accountId);
    },
    async change(accountId, fields) {
      await calls.changeAccount(byId, accountId, fields);
      return show(accountId);
    },
    act: (accountId, act) => acts[act](byId, accountId),
    team: () => calls.teamRights(byId),
    async setTeam(right) {
      await calls.setTeamRight(byId, right);
      return calls.teamRights(byId);
    },
    keys: (accountId = byId) => calls.listKeys(byId, accountId),
    createKey: ({ name, rights, accountId = byId }) => calls.createKeyFor(byId, accountId, name, rights),
    rotateKey: (accessId, graceHours) => calls.rotateKey(byId, accessId, Math.round(graceHours * HOUR)),
    disableKey: (accessId) => calls.disableKey(byId, accessId),
    deleteAssets: (path) => calls.deleteAssets(byId, path),
  };
}
