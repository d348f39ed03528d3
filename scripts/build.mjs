// Builds dist/ from src/: types are blanked out of each file in place (ts-blank-space), so a line and a
// column of the built JavaScript are those of the source. The modules of src/stack and src/lab/apps get
// prologues as well (src/instrument), and dist/debuginfo.json describes them. What is newer than its sources is
// left alone. Last, all is linked into two files (link.mjs), and a process that has loaded them is kept
// (snapshot.mjs); from there the command starts.
// Options: --out DIR, --plain (no prologues and no debuginfo: what the benchmarks compare with), --types
// (declarations for users of the library, too: they take longer than all the rest).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { kernelFile, programOf } from './kernel-file.mjs';
import { dropSnapshot, makeSnapshot } from './snapshot.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values: options } = parseArgs({
  options: { out: { type: 'string' }, plain: { type: 'boolean' }, types: { type: 'boolean' } },
});
const src = join(root, 'src');
const dist = options.out ? resolve(options.out) : join(root, 'dist');
/** Modules that are made patchable: the kernel's and the lab's programs. */
const patchable = (file) => file.startsWith('stack/') || file.startsWith('lab/apps/');

const time = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const list = (folder, suffix) =>
  (existsSync(folder) ? readdirSync(folder, { recursive: true }) : [])
    .map((f) => String(f).replaceAll('\\', '/'))
    .filter((f) => f.endsWith(suffix));
const built = (file) => join(dist, file.replace(/\.ts$/, '.js'));
const newest = (files) => Math.max(0, ...files.map((f) => time(join(src, f))));

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const files = list(src, '.ts')
  .filter((f) => !f.endsWith('.d.ts'))
  .sort();
const scripts = Math.max(...list(join(root, 'scripts'), '.mjs').map((f) => time(join(root, 'scripts', f))));
const LINKED = ['tsprobe.js', 'model.js', 'linked.js', 'library.js'];
const known = new Set([...files.map(built), ...(options.plain ? [] : LINKED.map((f) => join(dist, f)))]);
for (const file of list(dist, '.js')) if (!known.has(join(dist, file))) rmSync(join(dist, file));

let blank;
for (const file of files.filter((f) => !patchable(f))) {
  if (time(built(file)) > Math.max(time(join(src, file)), scripts)) continue;
  blank ??= (await import('ts-blank-space')).default;
  const js = blank(readFileSync(join(src, file), 'utf8'), (node) => {
    throw new Error(`${relative(root, join(src, file))}: syntax that cannot be erased: ${node.getText()}`);
  });
  write(built(file), js);
}

// Ids count through all modules of the stack: either all of them are as they were, or all are made anew.
const stack = [...files.filter((f) => f.startsWith('stack/')), ...files.filter((f) => f.startsWith('lab/apps/'))];
const debuginfo = join(dist, 'debuginfo.json');
const made = JSON.stringify(stack);
const sources = newest([...stack, ...files.filter((f) => f.startsWith('instrument/'))]);
const listed = join(dist, '.stack');
const same = existsSync(listed) && readFileSync(listed, 'utf8') === made && stack.every((f) => existsSync(built(f)));
const newer = options.plain ? listed : debuginfo;
if (!(same && time(newer) > Math.max(sources, scripts))) {
  const { instrument } = await import(pathToFileURL(join(dist, 'instrument/instrument.js')).href);
  const result = instrument({
    root: src,
    files: stack.map((f) => join(src, f)),
    patch: (module) => `${'../'.repeat(module.split('/').length - 1)}instrument/patch.js`,
    slab: (module) => `${'../'.repeat(module.split('/').length - 1)}stack/mm/slab.js`,
    prologues: !options.plain,
    debuginfo: !options.plain,
    kernelFile,
    program: programOf,
  });
  for (const [file, code] of result.modules) write(join(dist, file), code);
  if (!options.plain) write(debuginfo, result.debuginfo);
  write(listed, made);
}

const linked = join(dist, 'linked.js');
if (
  !options.plain &&
  time(linked) <
    Math.max(
      scripts,
      ...list(dist, '.js')
        .filter((f) => !LINKED.includes(f))
        .map((f) => time(join(dist, f))),
    )
) {
  dropSnapshot(dist);
  for (const file of [...LINKED, 'tsprobe.js.code', 'model.js.code']) rmSync(join(dist, file), { force: true });
  try {
    const { link, ENTRIES } = await import('./link.mjs');
    link(dist, ENTRIES);
    // A first run, so that V8's code of it is there for the next.
    const trace =
      'probe kernel.function("ip_*").call { println(thread_indent(1), ppfunc()) } probe kernel.function("ip_*").return { thread_indent(-1) }';
    const env = { ...process.env, TSPROBE_KEEP_CODE: '1' };
    if (!options.out)
      spawnSync(process.execPath, [join(root, 'bin/tsprobe'), '-e', trace, '--', 'ping'], {
        env,
        stdio: 'ignore',
        timeout: 30_000,
      });
  } catch (error) {
    // The command then runs from the modules themselves.
    console.error(`not linked: ${error.message}`);
  }
}
const tapset = list(join(root, 'probes/tapset'), '').map((f) => time(join(root, 'probes/tapset', f)));
if (!options.plain && !options.out && time(join(dist, 'snapshot.key')) < Math.max(time(linked), ...tapset)) {
  try {
    makeSnapshot(dist);
  } catch (error) {
    // The command then starts from the linked files.
    console.error(`no snapshot: ${error.message}`);
  }
}

if (options.types) {
  const { default: ts } = await import('typescript');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const settings = ts.convertCompilerOptionsFromJson(config.compilerOptions, root).options;
  const emit = { noEmit: false, incremental: false, declaration: true, emitDeclarationOnly: true, noCheck: true };
  const program = ts.createProgram([join(src, 'index.ts')], {
    ...settings,
    ...emit,
    rootDir: src,
    outDir: dist,
    tsBuildInfoFile: undefined,
  });
  program.emit();
}
write(join(dist, '.built'), '');
