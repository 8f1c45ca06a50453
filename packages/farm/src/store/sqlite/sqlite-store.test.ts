import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeSuite } from '../store-suite.ts';
import { openSqliteStore } from './open.ts';

storeSuite('sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'croft-store-'));
  const store = openSqliteStore(join(folder, 'farm.sqlite'));
  return {
    store,
    async end() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});
