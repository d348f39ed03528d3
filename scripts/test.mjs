// What `npm test` runs: format, lint, types, all tests; ends with the line "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const result = join(root, '.cache', 'test.json');
mkdirSync(dirname(result), { recursive: true });
const run = (...args) => spawnSync('npx', ['--no-install', ...args], { cwd: root, stdio: 'inherit' }).status === 0;

let passed = 0;
let failed = 0;
for (const check of [
  ['prettier', '--check', '--log-level', 'warn', '.'],
  ['eslint', '.'],
  ['tsc', '--noEmit', '-p', 'tsconfig.json'],
]) {
  console.log(`> ${check[0]}`);
  if (run(...check)) passed++;
  else failed++;
}
const ok = run('vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${result}`);
try {
  const report = JSON.parse(readFileSync(result, 'utf8'));
  passed += report.numPassedTests;
  failed +=
    report.numFailedTests +
    report.testResults.filter((t) => t.status === 'failed' && !t.assertionResults.length).length;
} catch {
  failed++;
}
if (!ok && failed === 0) failed++;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
