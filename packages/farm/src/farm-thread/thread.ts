/** Entry of the farm thread. The compile cache is per thread and must be on before the rest is loaded. */
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('./worker.ts');
