/**
 * What an account may do with whose tasks: the one place that answers it.
 *
 *   its own tasks              everything; a sub-account deletes only with `subDeleteTask`
 *   its sub-accounts' tasks    everything
 *   a colleague's tasks        what its rights say: see, control (start, stop, change), download. Colleagues are the
 *                              members of one main account, the main account itself among them
 *   anybody else's             nothing, not even know of them
 *
 * To control or to download is to see. Who controls deletes too, where it may delete at all. And whoever has downloads
 * off downloads nothing, whosever it is.
 */
import type { Db } from '../store/schema.ts';
import { chunked } from '../util/chunked.ts';

/** `edit` is to change what a draft is made of, and its labels: whoever controls may. */
export type TaskAction = 'see' | 'control' | 'edit' | 'delete' | 'download';

export interface Rights {
  readonly see: boolean;
  readonly control: boolean;
  readonly download: boolean;
}

export interface Member {
  readonly id: number;
  /** 0 for a main account. */
  readonly mainId: number;
  readonly mayDelete: boolean;
  readonly mayDownload: boolean;
}

const IDS_PER_STATEMENT = 500;
const ALL: Rights = { see: true, control: true, download: true };
const NONE: Rights = { see: false, control: false, download: false };

/** The rule, without a store. `given` are the viewer's rights to the owner's tasks, where they are colleagues. */
export function actionsOf(
  viewer: Member,
  owner: Pick<Member, 'id' | 'mainId'>,
  given: Rights | null,
): ReadonlySet<TaskAction> {
  const { see, control, download } = baseRights(viewer, owner, given);
  const actions = new Set<TaskAction>();
  if (see || control || download) actions.add('see');
  if (control) {
    actions.add('control').add('edit');
    if (viewer.mainId === 0 || viewer.mayDelete) actions.add('delete');
  }
  if (download && viewer.mayDownload) actions.add('download');
  return actions;
}

function baseRights(viewer: Member, owner: Pick<Member, 'id' | 'mainId'>, given: Rights | null): Rights {
  if (owner.id === viewer.id || owner.mainId === viewer.id) return ALL;
  return teamOf(owner) === teamOf(viewer) ? (given ?? NONE) : NONE;
}

/** The main account of a member, or the member itself where it is one. */
function teamOf({ id, mainId }: Pick<Member, 'id' | 'mainId'>): number {
  return mainId === 0 ? id : mainId;
}

/** What the viewer may do with the tasks of each owner. Owners that do not exist are left out. */
export async function taskActions(
  db: Db,
  viewerId: number,
  ownerIds: readonly number[],
): Promise<Map<number, ReadonlySet<TaskAction>>> {
  const actions = new Map<number, ReadonlySet<TaskAction>>();
  const row = await db
    .selectFrom('accounts')
    .select(['id', 'main_account_id', 'sub_delete_task', 'download_disable'])
    .where('id', '=', viewerId)
    .executeTakeFirst();
  if (!row) return actions;
  const viewer: Member = {
    id: row.id,
    mainId: row.main_account_id,
    mayDelete: row.sub_delete_task === 1,
    mayDownload: row.download_disable === 0,
  };
  if (ownerIds.every((id) => id === viewerId)) return actions.set(viewerId, actionsOf(viewer, viewer, null));
  const given = await givenRights(db, viewerId);
  for (const some of chunked([...new Set(ownerIds)], IDS_PER_STATEMENT)) {
    const owners = await db
      .selectFrom('accounts')
      .select(['id', 'main_account_id as mainId'])
      .where('id', 'in', some)
      .execute();
    for (const owner of owners)
      actions.set(owner.id, actionsOf(viewer, owner, given.get(owner.id) ?? given.get(0) ?? null));
  }
  return actions;
}

/** Rights of a member by owner; 0 is for every colleague without a row of its own. */
export async function givenRights(db: Db, memberId: number): Promise<Map<number, Rights>> {
  const rows = await db.selectFrom('team_rights').selectAll().where('member_id', '=', memberId).execute();
  return new Map(
    rows.map(({ owner_id, see, control, download }) => [
      owner_id,
      { see: see === 1, control: control === 1, download: download === 1 },
    ]),
  );
}

/**
 * Whose tasks the account's lists show: its own, those of its sub-accounts unless `displaySubaccount` is off, and those
 * of colleagues that it may see.
 */
export async function accountsShown(db: Db, viewerId: number): Promise<number[]> {
  const viewer = await db
    .selectFrom('accounts')
    .select(['main_account_id', 'display_subaccount'])
    .where('id', '=', viewerId)
    .executeTakeFirst();
  if (!viewer) return [viewerId];
  const isMain = viewer.main_account_id === 0;
  if (isMain && viewer.display_subaccount === 0) return [viewerId];
  const given = isMain ? null : await givenRights(db, viewerId);
  if (given?.size === 0) return [viewerId];
  const mainId = isMain ? viewerId : viewer.main_account_id;
  const team = await db
    .selectFrom('accounts')
    .select(['id', 'main_account_id as mainId'])
    .where((eb) => eb.or([eb('main_account_id', '=', mainId), eb('id', '=', mainId)]))
    .orderBy('id')
    .execute();
  const member = { id: viewerId, mainId: viewer.main_account_id, mayDelete: false, mayDownload: false };
  const shown = team.filter((owner) =>
    actionsOf(member, owner, given?.get(owner.id) ?? given?.get(0) ?? null).has('see'),
  );
  return shown.map(({ id }) => id);
}
