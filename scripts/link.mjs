// Links the modules of dist/ into one file, dist/tsprobe.js: Node takes some 0.3 ms to find, read and link each
// of several hundred modules, which is most of what a user would wait for. Modules keep their text and
// their lines; each is a scope of its own (a generator: its first step makes its functions known, its second
// runs it), with what it imports in variables that are set before it runs. What only a dynamic import reaches
// runs when that is asked for. Modules are evaluated in the order that ECMAScript gives them.
// Left out, and refused: default exports, exported `let`.
// Read beside it: ECMA-262, "Cyclic Module Records"; instrument/patch.ts (linkedSource).
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';

/** @typedef {{ local: string, from: string, name: string }} Import `name` is `*` for the whole module */

/** What the linked files are loaded for: the command, the library, what a snapshot holds. */
export const ENTRIES = ['cli/main.js', 'index.js', 'cli/snapshot.js'];

/** Marks what is no module of ours. */
const EXTERNAL = 'external:';

/** Reads a module: its text without import and export, and what those said. */
function read(dist, path, id) {
  const text = readFileSync(join(dist, path), 'utf8');
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  const module = {
    id,
    path,
    imports: [],
    exports: new Map(),
    reexports: new Map(),
    stars: [],
    requests: [],
    lazy: new Set(),
    functions: new Set(),
  };
  const edits = [];
  const fail = (node, what) => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
    throw new Error(`${path}:${line + 1}: ${what} cannot be linked`);
  };
  const blank = (node) =>
    edits.push([node.getStart(file), node.end, text.slice(node.getStart(file), node.end).replace(/[^\n]/g, ' ')]);
  // Comments between functions are only read over and over.
  const uncomment = (start, end) => {
    if (end - start > 1) edits.push([start, end, text.slice(start, end).replace(/[^\n]/g, '')]);
  };
  const target = (specifier) => {
    const { text: name } = specifier;
    const from = name.startsWith('.') ? posix.join(posix.dirname(path), name) : `${EXTERNAL}${name}`;
    if (!module.requests.includes(from)) module.requests.push(from);
    return from;
  };
  const names = (node, list) => {
    for (const element of list) module.exports.set(element.name.text, (element.propertyName ?? element.name).text);
    return node;
  };
  for (const node of file.statements) {
    if (ts.isImportDeclaration(node)) {
      const from = target(node.moduleSpecifier);
      const clause = node.importClause;
      if (clause?.name) module.imports.push({ local: clause.name.text, from, name: 'default' });
      const bindings = clause?.namedBindings;
      if (bindings && ts.isNamespaceImport(bindings))
        module.imports.push({ local: bindings.name.text, from, name: '*' });
      if (bindings && ts.isNamedImports(bindings)) {
        for (const { name, propertyName } of bindings.elements)
          module.imports.push({ local: name.text, from, name: (propertyName ?? name).text });
      }
      blank(node);
    } else if (ts.isExportDeclaration(node)) {
      const clause = node.exportClause;
      if (!node.moduleSpecifier) names(node, clause.elements);
      else if (!clause) module.stars.push(target(node.moduleSpecifier));
      else if (ts.isNamespaceExport(clause)) fail(node, 'export * as');
      else {
        const from = target(node.moduleSpecifier);
        for (const { name, propertyName } of clause.elements)
          module.reexports.set(name.text, { from, name: (propertyName ?? name).text });
      }
      blank(node);
    } else if (ts.isExportAssignment(node)) {
      fail(node, 'export default');
    } else {
      const keyword =
        ts.canHaveModifiers(node) && ts.getModifiers(node)?.find((m) => m.kind === ts.SyntaxKind.ExportKeyword);
      if (!keyword) continue;
      if (ts.getModifiers(node).some((m) => m.kind === ts.SyntaxKind.DefaultKeyword)) fail(node, 'export default');
      blank(keyword);
      if (ts.isVariableStatement(node)) {
        if (!(node.declarationList.flags & ts.NodeFlags.Const)) fail(node, 'an exported variable');
        for (const { name } of node.declarationList.declarations) {
          if (!ts.isIdentifier(name)) fail(node, 'an exported pattern');
          module.exports.set(name.text, name.text);
        }
      } else {
        module.exports.set(node.name.text, node.name.text);
        if (ts.isFunctionDeclaration(node)) module.functions.add(node.name.text);
      }
    }
  }
  for (const node of file.statements)
    if (ts.isFunctionDeclaration(node) && node.name) module.functions.add(node.name.text);
  const visit = (node) => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments;
      if (ts.isStringLiteral(specifier) && specifier.text.startsWith('.')) {
        const from = posix.join(posix.dirname(path), specifier.text);
        module.lazy.add(from);
        edits.push([node.getStart(file), node.end, { import: from }]);
      } else {
        // A module of a user's: imported from where the linked files are loaded, for a script with kept code
        // has no import() of its own.
        edits.push([node.expression.getStart(file), node.expression.end, '$dynamic']);
      }
    } else if (ts.isMetaProperty(node) && node.parent.name?.text === 'url') {
      edits.push([node.getStart(file), node.parent.end, `$url(${JSON.stringify(path)})`]);
    } else if (ts.isMetaProperty(node) && node.parent.name?.text === 'resolve') {
      edits.push([node.getStart(file), node.parent.end, '$resolve']);
    } else if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
      fail(node, 'import.meta other than url and resolve');
    }
    ts.forEachChild(node, visit);
  };
  if (/\bimport\b\s*[(.]/.test(text)) visit(file);
  for (const node of file.statements) uncomment(node.getFullStart(), node.getStart(file));
  uncomment(file.endOfFileToken.getFullStart(), file.endOfFileToken.end);
  edits.push(...asciiEdits(file, text, edits));
  edits.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  module.text = (idOf) => {
    let out = '';
    let from = 0;
    for (const [start, end, put] of edits) {
      out += text.slice(from, start) + (typeof put === 'string' ? put : `$import(${idOf(put.import)})`);
      from = end;
    }
    return out + text.slice(from);
  };
  return module;
}

/**
 * @param {string} dist
 * @param {string[]} entries modules below dist whose exports the linked file gives by $load(path)
 */
export function link(dist, entries) {
  const modules = new Map();
  const todo = [...entries];
  for (let path; (path = todo.pop()) !== undefined;) {
    if (modules.has(path)) continue;
    if (!existsSync(join(dist, path))) throw new Error(`${path} is imported and does not exist`);
    const module = read(dist, path, modules.size);
    modules.set(path, module);
    for (const from of [...module.requests, ...module.lazy]) if (internal(from)) todo.push(from);
  }
  const idOf = (path) => modules.get(path).id;

  /** Where a name that a module exports is made: [module, name there]. */
  const resolve = (path, name, seen = new Set()) => {
    const module = modules.get(path);
    if (!module || seen.has(path)) return undefined;
    seen.add(path);
    if (module.exports.has(name)) {
      const local = module.exports.get(name);
      // An import that is exported again.
      const imported = module.imports.find((i) => i.local === local);
      return imported && internal(imported.from) && imported.name !== '*'
        ? resolve(imported.from, imported.name)
        : [module, name];
    }
    const again = module.reexports.get(name);
    if (again) return resolve(again.from, again.name);
    for (const star of module.stars) {
      const found = resolve(star, name, seen);
      if (found) return found;
    }
    return undefined;
  };
  const externals = new Map();
  const external = (from) => {
    if (!externals.has(from)) externals.set(from, `$x${externals.size}`);
    return externals.get(from);
  };

  /** Modules in the order of their evaluation from one on. */
  const order = (path) => {
    const found = [];
    const seen = new Set();
    const walk = (at) => {
      if (seen.has(at)) return;
      seen.add(at);
      for (const from of modules.get(at).requests) if (internal(from)) walk(from);
      found.push(at);
    };
    walk(path);
    return found;
  };

  const source = (module, { local, from, name }) => {
    if (!internal(from)) {
      const whole = name === '*' || (name === 'default' && from.startsWith(`${EXTERNAL}node:`));
      return `${local} = $ext.${external(from)}${whole ? '' : `.${name}`}`;
    }
    if (name === '*') return `${local} = $${idOf(from)}`;
    const made = resolve(from, name);
    if (!made) throw new Error(`${module.path}: ${from} exports no ${name}`);
    return `${local} = $${made[0].id}.${made[1]}`;
  };

  const isHeavy = (path) => order(path).some((at) => at.startsWith('stack/'));
  // What needs the model is a file of its own, so that other scripts need not wait until it is parsed.
  const files = { 'tsprobe.js': new File(), 'model.js': new File() };
  for (const module of modules.values()) {
    const heavy = isHeavy(module.path);
    const own = [...module.exports].filter(([, local]) => !module.imports.some((i) => i.local === local));
    const put = (list) => list.map(([name, local]) => `$${module.id}.${name} = ${local}; `).join('');
    const hoisted = own.filter(([, local]) => module.functions.has(local));
    const rest = own.filter(([, local]) => !module.functions.has(local));
    const locals = module.imports.map((i) => i.local);
    const set = module.imports.map((i) => `${source(module, i)}; `).join('');
    // What it exports of others, for those who take it as a whole.
    const others = [...module.exports].filter(([, local]) => locals.includes(local)).map(([name]) => name);
    const again = new Set([
      ...others,
      ...module.reexports.keys(),
      ...module.stars.flatMap((s) => [...exportNames(modules, s)]),
    ]);
    const pass = [...again].flatMap((name) => {
      const made = resolve(module.path, name);
      return made && made[0] !== module ? [`$${module.id}.${name} = $${made[0].id}.${made[1]}; `] : [];
    });
    const head = `${locals.length > 0 ? `let ${locals.join(', ')}; ` : ''}${put(hoisted)}yield () => { ${set}${pass.join('')}}; `;
    const text = `function* $m${module.id}() { ${head}${module.text(idOf)}\n${put(rest)}}\n`;
    files[heavy ? 'model.js' : 'tsprobe.js'].add(module, text);
  }

  const lazies = new Set([...modules.values()].flatMap((m) => [...m.lazy]));
  const plans = [...new Set([...entries, ...lazies])].map((path) => {
    const list = order(path);
    const needs = [...new Set(list.flatMap((p) => modules.get(p).requests.filter((r) => !internal(r))))];
    return { path, ids: list.map(idOf), needs };
  });
  const early = files['tsprobe.js'];
  const model = files['model.js'];
  const atOnce = new Set(plans.filter((p) => entries.includes(p.path)).flatMap((p) => p.needs));
  const object = (list) => `{ ${list.map(([key, value]) => `${key}: ${value}`).join(', ')} }`;
  const needs = plans
    .map((p) => ({
      id: idOf(p.path),
      packages: p.needs.filter((n) => !atOnce.has(n)),
      heavy: p.ids.some((id) => model.modules.some((m) => m.id === id)),
    }))
    .filter(({ packages, heavy }) => packages.length > 0 || heavy)
    .map(({ id, packages, heavy }) => {
      const load = packages
        .map(
          (n) =>
            `$ext.${external(n)} ??= ${n.startsWith(`${EXTERNAL}node:`) ? `process.getBuiltinModule(${specifier(n)})` : `await $host.import(${specifier(n)})`}; `,
        )
        .join('');
      return [id, `async () => { ${load}${heavy ? '$model(); ' : ''}}`];
    });
  const generators = (file) => object(file.modules.map((m) => [m.id, `$m${m.id}`]));
  const numbers = [...modules.values()].map((m) => m.id);
  const tail = `
const $modules = ${generators(early)};
const $done = [];
const $links = [];
let $modelled = false;
function $model() { if (!$modelled) { $modelled = true; $host.model($shared); } }
function $run(ids) {
  const made = ids.filter((id) => !$done[id]).map((id) => [id, ($done[id] = true, $modules[id]())]);
  for (const one of made) $links.push(one[2] = one[1].next().value);
  for (const [, module, link] of made) { link(); module.next(); }
  for (const link of $links) link();
}
const $plans = ${object(plans.map((p) => [idOf(p.path), `[${p.ids.join(',')}]`]))};
const $needs = ${object(needs)};
const $heavy = ${object(entries.map((path) => [idOf(path), isHeavy(path)]))};
const $ids = ${object(entries.map((path) => [JSON.stringify(path), idOf(path)]))};
async function $import(id) { if (!$done[id]) { await $needs[id]?.(); $run($plans[id]); } return $spaces[id]; }
const $shared = { $spaces, $modules, $import, $url, $ext, $dynamic, $resolve };
globalThis[Symbol.for('tsprobe.linked')] = [
  { file: 'tsprobe.js', starts: ${JSON.stringify(early.starts)} },
  { file: 'model.js', starts: ${JSON.stringify(model.starts)} },
];
return (path) => {
  const id = $ids[path];
  if (!$done[id]) { if ($heavy[id]) $model(); $run($plans[id]); }
  return $spaces[id];
};
})
`;
  const spaces = `const { ext: $ext, url: $url, import: $dynamic, resolve: $resolve } = $host, $spaces = [], ${numbers.map((id) => `$${id} = $spaces[${id}] = {}`).join(', ')}; `;
  writeFileSync(join(dist, 'tsprobe.js'), `(function ($host) { 'use strict'; ${spaces}${early.text}${tail}`, 'latin1');
  const share = `const { $spaces, $modules, $import, $url, $ext, $dynamic, $resolve } = $shared, ${numbers.map((id) => `$${id} = $spaces[${id}]`).join(', ')}; `;
  writeFileSync(
    join(dist, 'model.js'),
    `(function ($shared) { 'use strict'; ${share}${model.text}Object.assign($modules, ${generators(model)});\n})\n`,
    'latin1',
  );
  const needed = [...atOnce].map((from) => [external(from), specifier(from)]);
  writeFileSync(join(dist, 'linked.js'), loader(needed));
  writeFileSync(join(dist, 'snapshot.cjs'), snapshotEntry(needed));
  const facade = [...exportNames(modules, 'index.js')].map((name) => `${name} = m.${name}`).join(', ');
  writeFileSync(
    join(dist, 'library.js'),
    `// One copy of the model in a process: the linked one, unless the modules themselves are loaded already.\n` +
      `import { load } from './linked.js';\n` +
      `const m = globalThis[Symbol.for('tsprobe.modules')] ? await import('./index.js') : load('index.js');\n` +
      `export const ${facade};\n`,
  );
}

/** The module that loads the linked files, as scripts, with the code that V8 made of them in an earlier run. */
function loader(externals) {
  return `// Loads the linked files (scripts/link.mjs), with V8's code of an earlier run where there is one.
// Node's own modules are asked for one by one: as ES modules each costs a wrapper of all its exports.
${externals
  .filter(([, from]) => !from.startsWith('"node:'))
  .map(([name, from]) => `import * as ${name} from ${from};`)
  .join('\n')}
const builtin = process.getBuiltinModule;
const { readFileSync, renameSync, writeFileSync } = builtin('node:fs');
const { fileURLToPath } = builtin('node:url');
const { setFlagsFromString } = builtin('node:v8');
const { Script } = builtin('node:vm');

// Packets go through a hundred small functions: V8 is to inline more of them than it does by itself, the more so
// as prologues count. A fifth less time a packet. (The kept code is bound to the flags: they come first.)
setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000');

const scripts = [];
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
function run(name) {
  const filename = here(name);
  let cachedData;
  try {
    cachedData = readFileSync(filename + '.code');
  } catch {
    // The first run, or a folder that cannot be written to.
  }
  const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData });
  scripts.push({ filename, script, cachedData });
  return script.runInThisContext();
}

/** Runs an entry's modules, if they have not run, and gives its exports. */
export const load = run('tsprobe.js')({
  ext: { ${externals.map(([name, from]) => (from.startsWith('"node:') ? `${name}: builtin(${from})` : name)).join(', ')} },
  import: (name) => import(name),
  url: (path) => new URL(path, import.meta.url).href,
  resolve: (name) => import.meta.resolve(name),
  model: (shared) => run('model.js')(shared),
});

/** Keeps the code that V8 has made so far for the next start, if that start would find none it can use. */
export function keepCode() {
  if (!process.env.TSPROBE_KEEP_CODE && scripts.every((s) => s.cachedData && !s.script.cachedDataRejected)) return;
  for (const { filename, script } of scripts) {
    writeFileSync(filename + '.code.new', script.createCachedData());
    renameSync(filename + '.code.new', filename + '.code');
  }
}
`;
}

/** The script that runs within `node --build-snapshot` (scripts/snapshot.mjs), given what the snapshot is to be for. */
function snapshotEntry(externals) {
  const ext = externals.map(([name, from]) => `${name}: require(${from})`).join(', ');
  return `// Loads the linked files (scripts/link.mjs) into a start-up snapshot, and says what a start from it does.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { startupSnapshot } = require('node:v8');
const { runInThisContext } = require('node:vm');

function run(name) {
  const filename = join(__dirname, name);
  return runInThisContext(readFileSync(filename, 'latin1'), { filename });
}

// What loads modules of a user's or of packages is started without the snapshot (bin/tsprobe).
function no(name) {
  throw new Error(\`\${name} cannot be loaded into a snapshot\`);
}

const load = run('tsprobe.js')({
  ext: { ${ext} },
  import: no,
  url: (path) => pathToFileURL(join(__dirname, path)).href,
  resolve: no,
  model: (shared) => run('model.js')(shared),
});
const { prepare, main } = load('cli/snapshot.js');
void prepare(process.argv[2]).then(() => {
  // A backtrace has set it to what it is here, nothing; Node sets it anew at each start if it is not there.
  delete Error.stackTraceLimit;
});
startupSnapshot.setDeserializeMainFunction(() => main(process.argv.slice(2)));
`;
}

/**
 * Takes a file to ASCII, which Node reads and V8 holds much quicker: other characters are escaped in literals and
 * are question marks in comments.
 */
function asciiEdits(file, text, done) {
  const found = [...text.matchAll(/[^\x00-\x7f]/g)].map((match) => match.index);
  const left = found.filter((at) => !done.some(([start, end]) => at >= start && at < end));
  if (left.length === 0) return [];
  const literals = [];
  const visit = (node) => {
    if (ts.isLiteralExpression(node) || ts.isTemplateLiteralToken(node)) literals.push([node.getStart(file), node.end]);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return left.map((at) => {
    const inLiteral = literals.some(([start, end]) => at >= start && at < end);
    return [at, at + 1, inLiteral ? `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}` : '?'];
  });
}

/** A linked file as it grows: its text, and on which line each module begins. */
class File {
  text = '';
  modules = [];
  starts = [];
  #line = 1;

  add(module, text) {
    this.modules.push(module);
    this.starts.push([this.#line, module.path.replace(/\.js$/, '')]);
    this.text += text;
    this.#line += text.split('\n').length - 1;
  }
}

function internal(from) {
  return !from.startsWith(EXTERNAL);
}

function specifier(from) {
  return JSON.stringify(from.slice(EXTERNAL.length));
}

function exportNames(modules, path, seen = new Set()) {
  const module = modules.get(path);
  if (!module || seen.has(path)) return new Set();
  seen.add(path);
  return new Set([
    ...module.exports.keys(),
    ...module.reexports.keys(),
    ...module.stars.flatMap((s) => [...exportNames(modules, s, seen)]),
  ]);
}

if (process.argv[1] === import.meta.filename) link(join(dirname(import.meta.filename), '../dist'), ENTRIES);
