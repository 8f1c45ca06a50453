import { defineConfig } from 'vitest/config';

/**
 * Whole-system suites share two cores with Blender: few workers, generous limits, no retries. Three, as suites wait for
 * processes, disks and clocks a third of their time.
 */
export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts', 'scripts/**/*.test.ts'],
    setupFiles: ['scripts/assert-node.ts'],
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: 0,
  },
});
