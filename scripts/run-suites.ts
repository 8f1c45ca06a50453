/**
 * `./croft test [FILTER ...]`: installs what the suites need, runs the static checks and all suites, and ends with one
 * line that sums them up: `N passed, N failed, N skipped`. With filters only the test files whose path contains one run,
 * and no checks.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareS3Servers, prepareTools } from './prepare-tools.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name: string) => join(root, 'node_modules', name);

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const CHECKS: readonly { name: string; args: readonly string[] }[] = [
  { name: 'types', args: [bin('typescript/bin/tsc'), '--noEmit'] },
  { name: 'lint', args: [bin('@biomejs/biome/bin/biome'), 'check', '.'] },
  { name: 'arrows', args: ['scripts/check-arrows.ts'] },
  { name: 'lockfile', args: ['scripts/check-lockfile.ts'] },
  { name: 'unused code', args: [bin('knip/bin/knip.js'), '--no-progress'] },
];

function runChecks(): Count {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, args } of CHECKS) {
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
    process.stdout.write(`${status === 0 ? 'ok  ' : 'FAIL'} ${name}\n`);
    if (status === 0) count.passed += 1;
    else count.failed += 1;
  }
  return count;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
}

async function runVitest(filters: readonly string[]): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), 'croft-suites-'));
  const reportFile = join(folder, 'report.json');
  const args = [
    bin('vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
  ];
  const exitCode = await new Promise<number>((done) => {
    const child = spawn(process.execPath, [...args, ...filters], { cwd: root, stdio: 'inherit' });
    child.on('exit', (code) => done(code ?? 1));
  });
  try {
    const report = JSON.parse(readFileSync(reportFile, 'utf8')) as VitestReport;
    const failed = report.numFailedTests;
    return {
      passed: report.numPassedTests,
      // A file that does not load, or an error outside a test, fails the run without a failed test.
      failed: failed === 0 && exitCode !== 0 ? 1 : failed,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const filters = process.argv.slice(2);
prepareTools();
const stopBuilding = filters.length === 0 ? prepareS3Servers() : () => {};
const checks = filters.length === 0 ? runChecks() : { passed: 0, failed: 0, skipped: 0 };
const suites = await runVitest(filters);
stopBuilding();
const total = {
  passed: checks.passed + suites.passed,
  failed: checks.failed + suites.failed,
  skipped: checks.skipped + suites.skipped,
};
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
