export type { KeyRow, RotatedKey, SigningSecret } from './accounts/access-key.ts';
export type { AccountCalls, AccountSummary } from './accounts/account-calls.ts';
export { ACCOUNT_FIELDS, type AccountField, type AccountValue } from './accounts/account-fields.ts';
export { isAddressAllowed } from './accounts/address-rules.ts';
export type * from './accounts/caller.ts';
export type { KeyCalls } from './accounts/key-calls.ts';
export type { SessionRow, SignInPlace } from './accounts/sessions.ts';
export type { NewPassword, OfAccount } from './accounts/sign-in-calls.ts';
export { backupStore } from './backup-store.ts';
export type { CatalogueCalls } from './catalogue/catalogue-calls.ts';
export type { CatalogueReads } from './catalogue/catalogue-reads.ts';
export type { HardwareEdit } from './catalogue/edit-hardware.ts';
export type { RenderEnv, RenderEnvFilter, RenderEnvWish } from './catalogue/render-envs.ts';
export { farmErrors } from './errors.ts';
export * from './farm-api.ts';
export { type OpenFarmThread, openFarm } from './farm-thread/open-farm.ts';
export { type OpenFarm, openFarmInProcess } from './farm-thread/open-farm-in-process.ts';
export type * from './farm-thread/outlet.ts';
export { farmHome } from './home.ts';
export type { MoneyCalls, MovementWords } from './money/money-calls.ts';
export type { MoneyReads } from './money/money-reads.ts';
export {
  type AccountMoney,
  type FrameMoney,
  NO_FRAME_MONEY,
  NO_TASK_MONEY,
  type TaskMoney,
} from './money/shown-money.ts';
export type * from './nodes/attempt-grant.ts';
export type { PlanningApp, SmallBlobs } from './ports.ts';
export type * from './reads/facts.ts';
export type * from './reads/filters.ts';
export type { FolderEntry, PictureReads, TaskPicture } from './reads/picture-reads.ts';
export type { NonceProof, OperationEnd, OperationFacts } from './records/operations.ts';
export type { OperationRow, RecordFilter, SignInRow } from './records/record-calls.ts';
export type { SignInNote } from './records/sign-ins.ts';
export type { KeyRights } from './store/tables/accounts.ts';
export type { Isolation } from './tasks/isolation.ts';
export type { LabelChange, TaskLabel } from './tasks/labels.ts';
export type { TaskCalls } from './tasks/task-calls.ts';
export type * from './tasks/task-wishes.ts';
export type { TeamRight } from './team/team.ts';
export type { FileReads } from './trees/file-reads.ts';
export type { FolderPage, FolderSums } from './trees/list-folder.ts';
export type * from './trees/tree-ref.ts';
