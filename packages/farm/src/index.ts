export { backupStore } from './backup-store.ts';
export { farmErrors } from './errors.ts';
export * from './farm-api.ts';
export { type OpenFarmThread, openFarm } from './farm-thread/open-farm.ts';
export { type OpenFarm, openFarmInProcess } from './farm-thread/open-farm-in-process.ts';
export { farmHome } from './home.ts';
export type { PlanningApp, SmallBlobs } from './ports.ts';
