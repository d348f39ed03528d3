// Installs the locked dependencies and builds, unless both are up to date already.
import { existsSync, statSync, readdirSync } from 'node:fs';
import { execSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const time = (file) => (existsSync(join(root, file)) ? statSync(join(root, file)).mtimeMs : 0);
const newest = (dir) =>
  Math.max(0, ...readdirSync(join(root, dir), { recursive: true }).map((f) => time(join(dir, String(f)))));
const run = (command) => execSync(command, { cwd: root, stdio: ['ignore', 2, 2] });

if (time('node_modules/.package-lock.json') < time('package-lock.json')) {
  run('npm ci --no-audit --no-fund'); // builds too, by the prepare script
} else if (time('dist/.built') < Math.max(newest('src'), newest('scripts'))) {
  run('npm run build --silent');
}
