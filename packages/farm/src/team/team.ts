/** Who of a team may do what with whose tasks: set by the main account or an administrator, looked at by the members. */

import { accountById } from '../accounts/accounts.ts';
import { managedAccount } from '../accounts/manage-accounts.ts';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import { givenRights, type Rights } from './task-rights.ts';

/** What a member may do with the tasks of `ownerId`; null there is every colleague without a line of its own. */
export interface TeamRight extends Rights {
  memberId: number;
  ownerId: number | null;
}

/** Gives rights, or takes them back where all three are false. `ownerId` null: the tasks of every other colleague. */
export async function setTeamRight(tx: FarmTx, byId: number, right: TeamRight): Promise<void> {
  const { memberId, ownerId, see, control, download } = right;
  const member = await managedAccount(tx.db, byId, memberId);
  if (member.main_account_id === 0)
    throw farmErrors.FARM_INVALID('a main account has all rights to the tasks of its sub-accounts already');
  if (ownerId !== null) {
    const owner = await accountById(tx.db, ownerId);
    const isColleague =
      owner.id === member.main_account_id || owner.main_account_id === member.main_account_id;
    if (!isColleague || owner.id === member.id)
      throw farmErrors.FARM_INVALID(`account ${ownerId} is no colleague of account ${memberId}`);
  }
  const key = { member_id: memberId, owner_id: ownerId ?? 0 };
  const isNothing = !see && !control && !download;
  await tx.db
    .deleteFrom('team_rights')
    .where('member_id', '=', key.member_id)
    .where('owner_id', '=', key.owner_id)
    .execute();
  // Nothing towards one colleague is a line too, where the line for all gives something.
  if (!isNothing || ownerId !== null) {
    await tx.db
      .insertInto('team_rights')
      .values({
        ...key,
        see: Number(see || control || download),
        control: Number(control),
        download: Number(download),
      })
      .execute();
  }
  tx.tell({
    kind: 'log',
    fields: { account: memberId, by: byId, owner: ownerId },
    message: 'team right set',
  });
}

/** Rights of all members of the team that the account belongs to; a sub-account sees its own lines only. */
export async function teamRights(db: Db, accountId: number): Promise<TeamRight[]> {
  const account = await accountById(db, accountId);
  const members =
    account.main_account_id !== 0
      ? [accountId]
      : (
          await db
            .selectFrom('accounts')
            .select('id')
            .where('main_account_id', '=', accountId)
            .where('deleted_at', 'is', null)
            .orderBy('id')
            .execute()
        ).map(({ id }) => id);
  const rights: TeamRight[] = [];
  for (const memberId of members) {
    const given = [...(await givenRights(db, memberId))].sort(([a], [b]) => a - b);
    for (const [ownerId, right] of given)
      rights.push({ memberId, ownerId: ownerId === 0 ? null : ownerId, ...right });
  }
  return rights;
}
