// Writes docs/reference-functions.md from the records of the built-in functions and from the comments of the
// tapset: every function and probe alias that scripts may use. With --check it only says whether the page is
// up to date. Reads dist/: build first.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { allBuiltins } = await import('../dist/dsl/builtins/registry.js');
const { parse, parseMacros } = await import('../dist/dsl/parse/parse.js');
const { SourceFile } = await import('../dist/dsl/source/source.js');

const tapset = join(root, 'probes', 'tapset');
const sources = readdirSync(tapset)
  .sort()
  .map((name) => new SourceFile(name, readFileSync(join(tapset, name), 'latin1'), true));
const macros = new Map(sources.filter((s) => s.name.endsWith('.stpm')).flatMap((s) => [...parseMacros(s).macros]));
const files = sources.filter((s) => s.name.endsWith('.stp')).map((s) => parse(s, { macros }).file);

const escape = (text) => text.replace(/[*_<>|]/g, '\\$&').replace(/\s+/g, ' ');
const typed = (name, type) => (type && type !== 'any' && type !== 'unknown' ? `${name}:${type}` : name);

/** The comment that ends before an offset. */
function commentBefore(source, offset) {
  const text = source.text.slice(0, offset).trimEnd();
  if (!text.endsWith('*/')) return '';
  return text.slice(text.lastIndexOf('/*') + 2, -2).trim();
}

const sections = new Map();
const add = (section, head, doc) => {
  if (!sections.has(section)) sections.set(section, []);
  sections.get(section).push(`- \`${head}\`: ${escape(doc)}`);
};

for (const b of allBuiltins()) {
  const parameters = b.parameters.map((p) => typed(p.name, p.type)).join(', ');
  add(b.group, `${typed(b.name, b.returns)}(${parameters})`, b.doc);
}
for (const file of files) {
  const section = `${file.source.name.replace(/\.stp$/, '')} (tapset)`;
  for (const f of file.functions) {
    if (!f.doc) continue;
    const parameters = f.params.map((p) => typed(p.name, p.type)).join(', ');
    add(section, `${typed(f.name, f.returnType)}(${parameters})`, f.doc);
  }
  for (const alias of file.aliases) {
    const doc = commentBefore(file.source, alias.span.start);
    const name = alias.names[0].components.map((c) => c.functor).join('.');
    add(section, `probe ${name}`, doc || 'Its values are set in the tapset file.');
  }
}

const text = [
  '# Functions and probe aliases',
  '',
  'Made by `npm run reference` from the records in `src/dsl/builtins` and the comments in `probes/tapset`.',
  'Numbers are 64-bit integers, strings bytes. Kernel memory is read at addresses as they stand in `$variables`.',
  '',
  ...[...sections].flatMap(([title, lines]) => [`## ${title[0].toUpperCase()}${title.slice(1)}`, '', ...lines, '']),
].join('\n');

const path = join(root, 'docs', 'reference-functions.md');
const page = await format(text, { ...(await resolveConfig(path)), parser: 'markdown' });
if (process.argv.includes('--check')) {
  if (readFileSync(path, 'utf8') !== page) {
    console.error('docs/reference-functions.md is not up to date: npm run reference');
    process.exitCode = 1;
  }
} else {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, page);
}
