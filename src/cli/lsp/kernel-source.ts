// Where a function of the model is written: the TypeScript file of its kernel file. Read beside it: ARCHITECTURE.md,
// "The house" (a kernel file too long for one of ours is a folder of its name).
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FunctionSymbol } from '../../dsl/target.js';
import type { Range } from './documents.js';

const stackFolder = fileURLToPath(new URL('../../../src/stack', import.meta.url));

/** The place of a function's name; null if the sources are not there. */
export function kernelSource({ name, file, line }: FunctionSymbol): { uri: string; range: Range } | null {
  const base = join(stackFolder, file.replace(/\.[ch]$/, ''));
  for (const path of candidates(base)) {
    const text = readFileSync(path, 'utf8').split('\n')[line - 1] ?? '';
    const character = text.search(new RegExp(`\\b${name}\\b`));
    if (!/\bfunction\b/.test(text) || character < 0) continue;
    const start = { line: line - 1, character };
    const end = { line: line - 1, character: character + name.length };
    return { uri: pathToFileURL(path).href, range: { start, end } };
  }
  return null;
}

function candidates(base: string): string[] {
  const files = existsSync(`${base}.ts`) ? [`${base}.ts`] : [];
  if (!existsSync(base) || !statSync(base).isDirectory()) return files;
  const inside = readdirSync(base, { recursive: true }).map(String).sort();
  return [...files, ...inside.filter((file) => file.endsWith('.ts')).map((file) => join(base, file))];
}
