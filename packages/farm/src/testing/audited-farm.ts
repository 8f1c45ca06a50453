import { afterEach, beforeEach, expect } from 'vitest';
import { TestFarm } from './test-farm.ts';

/** A fresh farm for each test of the file; after each the auditor must find nothing. */
export function auditedFarm(): { readonly current: TestFarm } {
  const holder: { current: TestFarm | null } = { current: null };
  beforeEach(async () => {
    holder.current = await TestFarm.open();
  });
  afterEach(async () => {
    const farm = holder.current!;
    const faults = await farm.faults();
    await farm.end();
    expect(faults).toEqual([]);
  });
  return holder as { readonly current: TestFarm };
}
