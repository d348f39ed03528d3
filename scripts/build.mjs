// Builds dist/ from src/: types are blanked out of each file in place (ts-blank-space), so a line and a
// column of the built JavaScript are those of the source. The modules of src/stack get prologues as well
// (src/instrument), and dist/debuginfo.json describes them.
// Options: --out DIR, --plain (no prologues and no debuginfo: what the benchmarks compare with).
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import tsBlankSpace from 'ts-blank-space';
import { kernelFile } from './kernel-file.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values: options } = parseArgs({ options: { out: { type: 'string' }, plain: { type: 'boolean' } } });
const src = join(root, 'src');
const dist = options.out ? join(process.cwd(), options.out) : join(root, 'dist');
/** Folder whose modules are made patchable. */
const STACK = 'stack/';

const files = readdirSync(src, { recursive: true })
  .map((f) => String(f).replaceAll('\\', '/'))
  .filter((f) => f.endsWith('.ts') && !f.endsWith('.d.ts') && statSync(join(src, f)).isFile())
  .sort();

function write(file, text) {
  const out = join(dist, file);
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, text);
}

rmSync(dist, { recursive: true, force: true });
for (const file of files.filter((f) => options.plain || !f.startsWith(STACK))) {
  const js = tsBlankSpace(readFileSync(join(src, file), 'utf8'), (node) => {
    throw new Error(`${relative(root, join(src, file))}: syntax that cannot be erased: ${node.getText()}`);
  });
  write(file.replace(/\.ts$/, '.js'), js);
}

const stack = files.filter((f) => f.startsWith(STACK));
if (!options.plain && existsSync(join(dist, 'instrument/instrument.js'))) {
  const { instrument } = await import(join(dist, 'instrument/instrument.js'));
  const { modules, debuginfo } = instrument({
    root: join(src, STACK),
    files: stack.map((f) => join(src, f)),
    patch: (module) => `${'../'.repeat(module.split('/').length)}instrument/patch.js`,
    kernelFile,
  });
  for (const [file, code] of modules) write(STACK + file, code);
  write('debuginfo.json', debuginfo);
}
write('.built', '');
