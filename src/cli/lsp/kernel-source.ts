// Where a function of the model is written: the TypeScript file of its kernel file. Read beside it: ARCHITECTURE.md,
// "The house" (a kernel file too long for one of ours is a folder of its name).
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FunctionSymbol } from '../../dsl/target.js';
import type { Range } from './documents.js';

const stackFolder = fileURLToPath(new URL('../../../src/stack', import.meta.url));

/** The place of a function's name; null if the sources are not there. */
export function kernelSource({ name, file }: FunctionSymbol): { uri: string; range: Range } | null {
  const base = join(stackFolder, file.replace(/\.[ch]$/, ''));
  const declared = new RegExp(`\\bfunction\\s*\\*?\\s*${name}\\b`);
  for (const path of candidates(base)) {
    // The file may have been edited since the model was built: its own text says where the function is.
    const lines = readFileSync(path, 'utf8').split('\n');
    const line = lines.findIndex((text) => declared.test(text));
    if (line < 0) continue;
    const character = lines[line].indexOf(name);
    const range = { start: { line, character }, end: { line, character: character + name.length } };
    return { uri: pathToFileURL(path).href, range };
  }
  return null;
}

function candidates(base: string): string[] {
  const files = existsSync(`${base}.ts`) ? [`${base}.ts`] : [];
  if (!existsSync(base) || !statSync(base).isDirectory()) return files;
  const inside = readdirSync(base, { recursive: true }).map(String).sort();
  return [...files, ...inside.filter((file) => file.endsWith('.ts')).map((file) => join(base, file))];
}
