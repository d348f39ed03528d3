// A user's own lab: a module (.mjs, .js or .ts) whose default export, or export `scenario`, is a scenario as
// lab/scenarios/scenario.ts has it, or just its `start` function. TypeScript is run where Node can do it
// (22.18 and later), or with the package ts-blank-space beside it. Read beside it: examples/.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Scenario } from '../lab/scenarios/scenario.js';

/** Loader hooks: types are blanked out of .ts files, and `tsprobe` means this installation. */
const hooks = (library: string, blanker: string): string => `
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
export async function resolve(specifier, context, next) {
  if (specifier === 'tsprobe') return { url: ${JSON.stringify(library)}, shortCircuit: true };
  return next(specifier, context);
}
export async function load(url, context, next) {
  if (!url.endsWith('ts') || ${blanker === ''}) return next(url, context);
  const { default: blank } = await import(${JSON.stringify(blanker)});
  return { format: 'module', source: blank(readFileSync(fileURLToPath(url), 'utf8')), shortCircuit: true };
}`;

/** Where the package is that blanks types out; '' if it is not installed. */
function blanker(): string {
  try {
    return pathToFileURL(module.createRequire(import.meta.url).resolve('ts-blank-space')).href;
  } catch {
    return '';
  }
}

/** Does a scenario's name mean a lab module? */
export const isLabModule = (name: string): boolean => /\.(mjs|js|ts|mts)$/.test(name);

/**
 * Loads a lab module.
 * @throws Error with a sentence if there is none or it exports no scenario
 */
export async function loadLabModule(path: string): Promise<Scenario> {
  const file = resolve(path);
  if (!existsSync(file)) throw new Error(`There is no lab module ${path}.`);
  const library = new URL('../library.js', import.meta.url).href;
  module.register(`data:text/javascript,${encodeURIComponent(hooks(library, blanker()))}`);
  const loaded = (await import(pathToFileURL(file).href)) as { default?: unknown; scenario?: unknown };
  const given = loaded.default ?? loaded.scenario;
  if (typeof given === 'function') {
    return { name: basename(path), summary: '', options: '', start: given as Scenario['start'] };
  }
  if (typeof given === 'object' && given !== null && 'start' in given) return given as Scenario;
  throw new Error(`${path} exports no scenario: its default export is to be one, or a function that sets up a lab.`);
}
