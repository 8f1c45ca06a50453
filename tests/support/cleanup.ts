/** What a test leaves is put away when it ends: processes, folders. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Cleanup = () => Promise<void> | void;
const ofTheTest: Cleanup[] = [];
const ofTheFile: Cleanup[] = [];
let inTest = false;

async function run(cleanups: Cleanup[]): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}

/** Runs when the test ends, last registered first; what a `beforeAll` registers, when the file's last test has ended. */
export function atEnd(cleanup: Cleanup): void {
  (inTest ? ofTheTest : ofTheFile).push(cleanup);
}

/** A folder that is gone after the test, or after the file's last one where a `beforeAll` made it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'croft-test-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The moments at which the cleanups run; told by `clean-up-after.ts`. */
export const moments = {
  testBegins(): void {
    inTest = true;
  },
  async testEnds(): Promise<void> {
    inTest = false;
    await run(ofTheTest);
  },
  fileEnds: (): Promise<void> => run(ofTheFile),
};
