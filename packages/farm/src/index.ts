export { NODE_CODE_MS, SIGN_IN_CODE_MS } from './accounts/codes.ts';
export { backupMasterKey, backupStore } from './backup-store.ts';
export { farmErrors } from './errors.ts';
export * from './farm-api.ts';
export { type OpenFarm, type OpenFarmThread, openFarm, openFarmInProcess } from './farm-thread/open-farm.ts';
export { farmHome } from './home.ts';
export type { PlanningApp, SmallBlobs } from './ports.ts';
export { openReads } from './reads/open-reads.ts';
