export * from './app.ts';
export { appByCgId, appById, loadApps, recognise } from './app-catalogue.ts';
export { dccErrors } from './errors.ts';
export { diskSceneFiles } from './scene-files/disk.ts';
export { md5Of } from './scene-files/md5.ts';
export { memorySceneFiles } from './scene-files/memory.ts';
export type { Tip, TipText } from './tips/tip.ts';
export { loadTips } from './tips/tip-catalogue.ts';
