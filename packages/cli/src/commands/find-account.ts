import type { AccountSummaryRow } from '@croft/contract';
import type { AccountsClient } from '@croft/sdk';
import { cliErrors } from '../errors.ts';

/** An account by its id or its name, in any case. CLI_ACCOUNT_UNKNOWN. */
export async function findAccount(accounts: AccountsClient, wanted: string): Promise<AccountSummaryRow> {
  const rows = await accounts.list();
  const found =
    rows.find(({ accountId }) => String(accountId) === wanted) ??
    rows.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (!found)
    throw cliErrors.CLI_ACCOUNT_UNKNOWN(`you have no account ${JSON.stringify(wanted.slice(0, 100))}`);
  return found;
}
