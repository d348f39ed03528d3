// Builds dist/ from src/: types are blanked out of each file in place (ts-blank-space), so a line and a
// column of the built JavaScript are those of the source.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import tsBlankSpace from 'ts-blank-space';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const src = join(root, 'src');
const dist = join(root, 'dist');

const files = readdirSync(src, { recursive: true })
  .map(String)
  .filter((f) => f.endsWith('.ts') && !f.endsWith('.d.ts') && statSync(join(src, f)).isFile());

rmSync(dist, { recursive: true, force: true });
for (const file of files) {
  const text = readFileSync(join(src, file), 'utf8');
  const js = tsBlankSpace(text, (node) => {
    throw new Error(`${relative(root, join(src, file))}: syntax that cannot be erased: ${node.getText()}`);
  });
  const out = join(dist, file.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, js);
}
writeFileSync(join(dist, '.built'), '');
