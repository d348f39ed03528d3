// The call stack of kernel functions at the moment: read off V8's own stack, so that it costs nothing where
// nobody asks. Frames of modules that are not instrumented and the dispatchers between a function and its
// copy are left out; a copy and its original are one frame.
// Read beside it: hijack.ts (how copies are named), symbols.ts, SystemTap's print_backtrace().
import { sourcePlace } from '../../instrument/patch.js';
import type { Debuginfo } from './debuginfo.js';
import type { SymbolPlace, Symbols } from './symbols.js';

export interface Frame {
  readonly place: SymbolPlace;
  /** Source line that is being run. */
  readonly line: number;
  /** Address in the function's text that the line stands for. */
  readonly address: number;
}

const DEPTH = 200;

/** Frames from the innermost outwards, at most `limit` of them. */
export function kernelStack(info: Debuginfo, symbols: Symbols, limit = DEPTH): Frame[] {
  const frames: Frame[] = [];
  let copied = -1;
  for (const site of callSites()) {
    const name = site.getFunctionName() ?? '';
    if (/^\$h(\d+|a)$/.test(name)) continue;
    const url = site.getScriptNameOrSourceURL() ?? '';
    const copy = /^tsprobe:(\d+)$/.exec(url);
    const { path, line: at } = sourcePlace(url, site.getLineNumber() ?? 0);
    const place = copy ? symbols.byId(Number(copy[1])) : original(info, symbols, name, path);
    if (!place) continue;
    if (copied === place.id && !copy) {
      copied = -1;
      continue;
    }
    const row = info.moduleOf(place.id);
    const [, first, last] = row?.functions[place.id - row.firstId] ?? ['', 0, 0];
    const line = copy ? first + at - 1 : at;
    const offset = last > first ? ((line - first) / (last - first + 1)) * place.size : 0;
    // Where a probe stands at the entry the innermost address is the function's; a return address lies behind a call.
    const least = frames.length === 0 ? 0 : 1;
    frames.push({
      place,
      line,
      address: place.address + Math.min(place.size - 1, Math.max(least, Math.round(offset))),
    });
    copied = copy ? place.id : -1;
    if (frames.length >= limit) break;
  }
  return frames;
}

function original(info: Debuginfo, symbols: Symbols, name: string, path: string): SymbolPlace | undefined {
  for (const place of symbols.named(name)) {
    const source = info.moduleOf(place.id)?.source;
    if (source !== undefined && path.endsWith(`/${source}`)) return place;
  }
  return undefined;
}

function callSites(): NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = DEPTH * 3;
    Error.prepareStackTrace = (_, sites) => sites;
    return new Error().stack as unknown as NodeJS.CallSite[];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}
