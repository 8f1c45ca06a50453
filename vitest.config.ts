import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The whole-system files take longest and go first: started last, one of them would keep a lone core busy at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isWholeSystem = ({ moduleId }: TestSpecification) => moduleId.includes('/tests/');
    return [...sorted.filter(isWholeSystem), ...sorted.filter((file) => !isWholeSystem(file))];
  }
}

/**
 * Whole-system suites share two cores with Blender: few workers, generous limits, no retries. The files share the workers
 * and what these have imported (loading all of it anew for each file is a fifth of the whole time), so a test puts back
 * what it changes of its process: environment, timers, listeners.
 */
export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts', 'scripts/**/*.test.ts'],
    setupFiles: ['scripts/assert-node.ts', 'tests/support/clean-up-after.ts'],
    pool: 'forks',
    isolate: false,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: 0,
  },
});
