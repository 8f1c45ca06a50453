/**
 * Render environments: an app, its version and its plug-ins under a name of the account's choice. Names are the
 * account's own; a sub-account also sees its main account's. One environment of an app may be its default.
 *
 * The SDK sends a call again when it lost the answer, so: adding the same again succeeds, another one of the same name is
 * refused; and a deletion that comes again within a minute succeeds, since its row is kept that long.
 */
import { dccOfId, MINUTE } from '@croft/contract';
import type { Selectable } from 'kysely';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import type { RenderEnvsTable } from '../store/tables/catalogue.ts';
import { declaredCatalogue } from './declared.ts';
import { pluginIdOf } from './software-list.ts';

const RESEND_MS = MINUTE;
const LONGEST_NAME = 255;
const LONGEST_PATH = 4096;
const MOST_ENVS = 1000;

export interface EnvPlugin {
  readonly id: number;
  readonly name: string;
  readonly version: string;
}

/** What a caller says of an environment. */
export interface RenderEnvWish {
  readonly cgId: number;
  readonly cgName: string;
  readonly cgVersion: string;
  readonly editName: string;
  /** 0 Linux, 1 Windows. */
  readonly osName: number;
  readonly renderLayerType: number;
  readonly projectPath: string;
  /** Ids of plug-in versions, as `querySoftwareDetail` lists them. */
  readonly pluginIds: readonly number[];
}

export interface RenderEnv extends Omit<RenderEnvWish, 'pluginIds'> {
  readonly plugins: readonly EnvPlugin[];
  readonly isDefault: boolean;
  /** Whether it belongs to the asking account's main account, or to the asking one where that is a main account. */
  readonly isOfMainAccount: boolean;
}

export interface RenderEnvFilter {
  /** Empty: all apps. */
  readonly cgIds: readonly number[];
  /** Absent: any system. */
  readonly osName?: number;
}

type Row = Selectable<RenderEnvsTable>;

/** FARM_ENV_EXISTS where another one has the name; FARM_NOT_FOUND for an app or plug-in that nobody knows. */
export async function addRenderEnv(tx: FarmTx, accountId: number, wish: RenderEnvWish): Promise<void> {
  const values = await valuesOf(tx, wish);
  const known = await envRow(tx.db, accountId, wish.editName);
  if (known && known.deleted_at === null) {
    if (isSame(known, values)) return;
    throw farmErrors.FARM_ENV_EXISTS(`there is another render environment "${wish.editName}"`);
  }
  await refuseTooMany(tx.db, accountId);
  if (known) await deleteRow(tx, accountId, wish.editName);
  await tx.db
    .insertInto('render_envs')
    .values({
      ...values,
      account_id: accountId,
      edit_name: wish.editName,
      is_default: 0,
      changed_at: tx.now,
      deleted_at: null,
    })
    .execute();
}

/** FARM_ENV_UNKNOWN for a name that is not there. Whether it is the default stays. */
export async function updateRenderEnv(tx: FarmTx, accountId: number, wish: RenderEnvWish): Promise<void> {
  const known = await ownEnv(tx.db, accountId, wish.editName);
  const values = await valuesOf(tx, wish);
  await tx.db
    .updateTable('render_envs')
    .set({ ...values, changed_at: tx.now, is_default: known.cg_id === wish.cgId ? known.is_default : 0 })
    .where('account_id', '=', accountId)
    .where('edit_name', '=', wish.editName)
    .execute();
}

export async function deleteRenderEnv(tx: FarmTx, accountId: number, editName: string): Promise<void> {
  const known = await envRow(tx.db, accountId, editName);
  if (known?.deleted_at != null && tx.now - known.deleted_at <= RESEND_MS) return;
  if (!known || known.deleted_at !== null) throw unknownEnv(editName);
  await tx.db
    .updateTable('render_envs')
    .set({ deleted_at: tx.now, is_default: 0 })
    .where('account_id', '=', accountId)
    .where('edit_name', '=', editName)
    .execute();
  await tx.db
    .deleteFrom('render_envs')
    .where('deleted_at', '<', tx.now - RESEND_MS)
    .execute();
}

/** Makes it the one default of its app. */
export async function setDefaultRenderEnv(tx: FarmTx, accountId: number, editName: string): Promise<void> {
  const { cg_id } = await ownEnv(tx.db, accountId, editName);
  await tx.db
    .updateTable('render_envs')
    .set((eb) => ({ is_default: eb.case().when('edit_name', '=', editName).then(1).else(0).end() }))
    .where('account_id', '=', accountId)
    .where('cg_id', '=', cg_id)
    .execute();
}

/** The account's environments and its main account's, by name. */
export async function renderEnvs(
  db: Db,
  accountId: number,
  { cgIds, osName }: RenderEnvFilter,
): Promise<RenderEnv[]> {
  const mainId = await mainAccountOf(db, accountId);
  let query = db
    .selectFrom('render_envs')
    .selectAll()
    .where('account_id', 'in', [accountId, mainId])
    .where('deleted_at', 'is', null);
  if (cgIds.length > 0) query = query.where('cg_id', 'in', [...cgIds]);
  if (osName !== undefined) query = query.where('os_name', '=', osName);
  const rows = await query.orderBy('edit_name').execute();
  // Of two with one name the account's own counts, as it does for a task.
  const own = new Set(rows.filter((row) => row.account_id === accountId).map((row) => row.edit_name));
  return rows
    .filter((row) => row.account_id === accountId || !own.has(row.edit_name))
    .map((row) => envOf(row, mainId));
}

/** The environment of that name: the account's own, else its main account's. FARM_ENV_UNKNOWN. */
export async function envByName(db: Db, accountId: number, editName: string): Promise<RenderEnv> {
  const found = (await renderEnvs(db, accountId, { cgIds: [] })).find((env) => env.editName === editName);
  if (!found) throw unknownEnv(editName);
  return found;
}

/** The default of an app: the account's own, else its main account's; null for none. */
export async function defaultEnv(db: Db, accountId: number, cgId: number): Promise<RenderEnv | null> {
  const mainId = await mainAccountOf(db, accountId);
  const rows = await db
    .selectFrom('render_envs')
    .selectAll()
    .where('account_id', 'in', [accountId, mainId])
    .where('cg_id', '=', cgId)
    .where('is_default', '=', 1)
    .where('deleted_at', 'is', null)
    .execute();
  const row = rows.find(({ account_id }) => account_id === accountId) ?? rows[0];
  return row ? envOf(row, mainId) : null;
}

/** The account's main account; itself where it is one. */
export async function mainAccountOf(db: Db, accountId: number): Promise<number> {
  const { main_account_id } = await db
    .selectFrom('accounts')
    .select('main_account_id')
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow();
  return main_account_id === 0 ? accountId : main_account_id;
}

async function valuesOf(tx: FarmTx, wish: RenderEnvWish) {
  if (wish.editName.length > LONGEST_NAME || wish.cgVersion.length > LONGEST_NAME)
    throw farmErrors.FARM_INVALID(`names and versions have ${LONGEST_NAME} letters at most`);
  if (wish.projectPath.length > LONGEST_PATH)
    throw farmErrors.FARM_INVALID(`projectPath has ${LONGEST_PATH} letters at most`);
  if (![0, 1].includes(wish.osName))
    throw farmErrors.FARM_INVALID('renderSystem is 0 (Linux) or 1 (Windows)');
  const declared = (await declaredCatalogue(tx.db)).apps.find(({ cgId }) => cgId === wish.cgId);
  const name = declared?.name ?? dccOfId(wish.cgId)?.cgName;
  if (name === undefined) throw farmErrors.FARM_NOT_FOUND(`there is no software with cgId ${wish.cgId}`);
  const offered = (declared?.plugins ?? []).flatMap(({ name: plugin, versions }) =>
    versions.map((version) => ({
      id: pluginIdOf(wish.cgId, plugin, version),
      name: plugin,
      version,
    })),
  );
  const plugins = [...new Set(wish.pluginIds)].map((id) => {
    const plugin = offered.find((one) => one.id === id);
    if (!plugin) throw farmErrors.FARM_NOT_FOUND(`${name} has no plug-in version with the id ${id}`);
    return plugin;
  });
  return {
    cg_id: wish.cgId,
    cg_name: wish.cgName.slice(0, LONGEST_NAME),
    cg_version: wish.cgVersion,
    os_name: wish.osName,
    render_layer_type: wish.renderLayerType,
    project_path: wish.projectPath,
    plugins: JSON.stringify(plugins),
  };
}

function isSame(row: Row, values: Awaited<ReturnType<typeof valuesOf>>): boolean {
  return Object.entries(values).every(([column, value]) => row[column as keyof typeof values] === value);
}

async function refuseTooMany(db: Db, accountId: number): Promise<void> {
  const { count } = await db
    .selectFrom('render_envs')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow();
  if (count >= MOST_ENVS)
    throw farmErrors.FARM_INVALID(`an account has ${MOST_ENVS} render environments at most`);
}

async function deleteRow(tx: FarmTx, accountId: number, editName: string): Promise<void> {
  await tx.db
    .deleteFrom('render_envs')
    .where('account_id', '=', accountId)
    .where('edit_name', '=', editName)
    .execute();
}

async function ownEnv(db: Db, accountId: number, editName: string): Promise<Row> {
  const row = await envRow(db, accountId, editName);
  if (!row || row.deleted_at !== null) throw unknownEnv(editName);
  return row;
}

function envRow(db: Db, accountId: number, editName: string): Promise<Row | undefined> {
  return db
    .selectFrom('render_envs')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('edit_name', '=', editName)
    .executeTakeFirst();
}

function unknownEnv(editName: string) {
  return farmErrors.FARM_ENV_UNKNOWN(`there is no render environment "${editName.slice(0, 100)}"`);
}

function envOf(row: Row, mainId: number): RenderEnv {
  return {
    cgId: row.cg_id,
    cgName: row.cg_name,
    cgVersion: row.cg_version,
    editName: row.edit_name,
    osName: row.os_name,
    renderLayerType: row.render_layer_type,
    projectPath: row.project_path,
    plugins: JSON.parse(row.plugins) as EnvPlugin[],
    isDefault: row.is_default === 1,
    isOfMainAccount: row.account_id === mainId,
  };
}
