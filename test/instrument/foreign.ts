// Instruments the modules of foreign/ and loads them; each call gives fresh modules with ids of their own.
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { instrument, type Instrumented } from '#tsprobe/instrument/instrument.js';
import { loadedModules, reserveIds, type AnyFunction } from '#tsprobe/instrument/patch.js';
import { Debuginfo } from '#tsprobe/runtime/debuginfo/debuginfo.js';

const here = dirname(fileURLToPath(import.meta.url));
export const patchUrl = pathToFileURL(join(here, '../../dist/instrument/patch.js')).href;

export interface Foreign {
  readonly shop: Record<string, (...args: unknown[]) => unknown> & { readonly store: { items: unknown[] } };
  readonly tax: Record<string, AnyFunction>;
  readonly code: string;
  readonly debuginfo: Debuginfo;
  /** The evaluator of shop's scope. */
  readonly evaluate: (text: string) => unknown;
}

function instrumented(firstId: number): Instrumented {
  const root = join(here, 'foreign');
  return instrument({
    root,
    files: readdirSync(root)
      .sort()
      .map((f) => join(root, f)),
    firstId,
    patch: () => patchUrl,
    kernelFile: (module) => `shop/${module}.c`,
  });
}

/** The debuginfo's text alone, with ids from 0. */
export function foreignDebuginfo(): string {
  return instrumented(0).debuginfo;
}

export async function loadForeign(): Promise<Foreign> {
  const firstId = reserveIds(32);
  const { modules, debuginfo } = instrumented(firstId);
  const cache = join(here, '../../.cache');
  mkdirSync(cache, { recursive: true });
  const out = mkdtempSync(join(cache, 'foreign-'));
  for (const [file, code] of modules) writeFileSync(join(out, file), code);
  writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  const load = (file: string) => import(/* @vite-ignore */ pathToFileURL(join(out, file)).href);
  const shop = (await load('shop.js')) as Foreign['shop'];
  const tax = (await load('tax.js')) as Foreign['tax'];
  const module = loadedModules().find((m) => m.name === 'shop' && m.firstId >= firstId && m.firstId < firstId + 32);
  return {
    shop,
    tax,
    code: modules.get('shop.js') ?? '',
    debuginfo: Debuginfo.parse(debuginfo),
    evaluate: (text) => module?.evaluate(text),
  };
}
