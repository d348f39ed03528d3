// Reads a debuginfo file and answers what the language's Target asks: functions, structs, constants,
// variables, tracepoints. The index is parsed at once, everything else when it is first asked for, since
// most scripts touch a few functions of thousands and start-up is what a user waits for.
// Read beside it: instrument/format.ts (the file), dsl/target.ts (the answers), memory.ts (values).
import { readFileSync } from 'node:fs';
import type {
  FormerName,
  FunctionSymbol,
  Label,
  LocalVariable,
  StructType,
  Syscall,
  Target,
  TargetVariable,
  Tracepoint,
  Variable,
  CType,
} from '../../dsl/target.js';
import {
  FLAG_ASYNC,
  FLAG_EXPORTED,
  FLAG_GENERATOR,
  FLAG_INLINE,
  FLAG_TRACEPOINT,
  type Chunk,
  type DebugIndex,
  type FunctionDetail,
  type FunctionRow,
  type ModuleRow,
  type StructRow,
  type VariableRow,
} from '../../instrument/format.js';
import { TypeParser } from './ctype.js';
import { covers } from './former.js';
import { LazyMap } from './lazy-map.js';
import { loadableModule } from './loadable.js';

export interface DebuginfoOptions {
  /** Show functions under the names that this kernel had for them: `2.4.20`. */
  readonly kernel?: string;
}

/** Functions that are the entry points of system calls whose names they do not bear. */
const entryPoints: ReadonlyMap<string, string> = new Map([
  ['close_fd', 'close'],
  ['do_fcntl', 'fcntl'],
  ['do_vfs_ioctl', 'ioctl'],
  ['do_sys_poll', 'poll'],
  ['do_readv', 'readv'],
  ['do_writev', 'writev'],
  ['do_epoll_create', 'epoll_create1'],
  ['do_epoll_ctl', 'epoll_ctl'],
  ['do_epoll_wait', 'epoll_wait'],
  ['hrtimer_nanosleep', 'nanosleep'],
]);

export class Debuginfo {
  readonly types: TypeParser;
  /** Functions that can be probed by name, in the order of their ids; no tracepoints. */
  readonly functions: readonly FunctionSymbol[];
  readonly tracepoints: readonly Tracepoint[];
  /** Kernel modules. */
  readonly modules: readonly string[];
  /** Each is read when it is first asked for. */
  readonly structRows: ReadonlyMap<string, StructRow>;
  readonly structs: ReadonlyMap<string, StructType>;
  /** Programs whose functions can be probed. */
  readonly programs: readonly string[];
  readonly #text: string;
  readonly #base: number;
  readonly #index: DebugIndex;
  readonly #details = new Map<ModuleRow, readonly FunctionDetail[]>();
  #constants: ReadonlyMap<string, number | string> | undefined;
  #syscalls: readonly Syscall[] | undefined;
  #variables: readonly TargetVariable[] | undefined;
  #variableRows: readonly VariableRow[] | undefined;

  private constructor(text: string, options: DebuginfoOptions) {
    const end = text.indexOf('\n');
    this.#text = text;
    this.#base = end + 1;
    this.#index = JSON.parse(text.slice(0, end)) as DebugIndex;
    if (this.#index.version !== 1) throw new Error('debuginfo of another version: build again');
    this.types = new TypeParser(this.#index.integers);
    const structs = Object.keys(this.#index.structs);
    this.structRows = new LazyMap(structs, (name) => this.#chunk(this.#index.structs[name]) as StructRow);
    this.structs = new LazyMap(structs, (name) => this.#struct(this.structRows.get(name) as StructRow));
    const functions: FunctionSymbol[] = [];
    const tracepoints: Tracepoint[] = [];
    for (const module of this.#index.modules) {
      module.functions.forEach((row, i) => {
        const [symbol, ...more] = symbolsOf(this, module, row, i, options.kernel);
        if (row[3] & FLAG_TRACEPOINT) {
          const system = module.source.slice(module.source.lastIndexOf('/') + 1);
          tracepoints.push({ name: row[0].slice('trace_'.length), system, symbol });
        } else {
          functions.push(symbol, ...more);
        }
      });
    }
    this.functions = functions;
    this.tracepoints = tracepoints;
    const names = (program: boolean) => [
      ...new Set(this.#index.modules.filter((m) => (m.program ?? false) === program).map((m) => m.module)),
    ];
    this.modules = names(false)
      .filter((m) => m !== 'kernel')
      .sort();
    this.programs = names(true).sort();
  }

  /** Reads the text of a debuginfo file. */
  static parse(text: string, options: DebuginfoOptions = {}): Debuginfo {
    return new Debuginfo(text, options);
  }

  /** Reads a debuginfo file. */
  static load(path: string, options: DebuginfoOptions = {}): Debuginfo {
    return new Debuginfo(readFileSync(path, 'latin1'), options);
  }

  /** The rows of all modules, functions and tracepoints alike. */
  get moduleRows(): readonly ModuleRow[] {
    return this.#index.modules;
  }

  get constants(): ReadonlyMap<string, number | string> {
    this.#constants ??= new Map(Object.entries(this.#chunk(this.#index.constants) as Record<string, number | string>));
    return this.#constants;
  }

  get variables(): readonly TargetVariable[] {
    this.#variables ??= this.variableRows.map((row) => ({
      name: row.name,
      type: this.types.parse(row.type),
      file: row.file,
      module: row.module,
    }));
    return this.#variables;
  }

  get variableRows(): readonly VariableRow[] {
    this.#variableRows ??= this.#chunk(this.#index.variables) as VariableRow[];
    return this.#variableRows;
  }

  /** Entry points of system calls: `sys_connect`, `__do_sys_accept`, `__sys_connect`, `ksys_read`, and those above. */
  get syscalls(): readonly Syscall[] {
    this.#syscalls ??= this.#findSyscalls();
    return this.#syscalls;
  }

  #findSyscalls(): readonly Syscall[] {
    const found = new Map<string, Syscall>();
    for (const symbol of this.functions) {
      const name = entryPoints.get(symbol.name);
      if (name !== undefined && !found.has(name)) found.set(name, { name, symbol });
    }
    for (const prefix of ['sys_', '__do_sys_', '__sys_', 'ksys_']) {
      for (const symbol of this.functions) {
        const name = symbol.name.startsWith(prefix) ? symbol.name.slice(prefix.length) : '';
        if (name && !found.has(name)) found.set(name, { name, symbol });
      }
    }
    return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The module that function `id` is in. */
  moduleOf(id: number): ModuleRow | undefined {
    return this.#index.modules.find((m) => id >= m.firstId && id < m.firstId + m.functions.length);
  }

  /** The details of function `id`. */
  detail(id: number): FunctionDetail | undefined {
    const module = this.moduleOf(id);
    return module && this.detailsOf(module)[id - module.firstId];
  }

  detailsOf(module: ModuleRow): readonly FunctionDetail[] {
    let details = this.#details.get(module);
    if (!details) {
      details = this.#chunk(module.details) as FunctionDetail[];
      this.#details.set(module, details);
    }
    return details;
  }

  #chunk([offset, length]: Chunk): unknown {
    return JSON.parse(this.#text.slice(this.#base + offset, this.#base + offset + length));
  }

  #struct(row: StructRow): StructType {
    const fields = row.fields.map(([name, type, offset, property]) => ({
      name,
      type: this.types.parse(type),
      offset,
      property,
    }));
    return { name: row.name, union: false, size: row.size, fields, file: row.file, line: row.line };
  }
}

/**
 * The symbols of one function: one under its present name, or for an earlier kernel one under each name that
 * it had there (what were several functions may be one now); the first also has the names of other times.
 */
function symbolsOf(
  info: Debuginfo,
  module: ModuleRow,
  row: FunctionRow,
  place: number,
  kernel: string | undefined,
): LazySymbol[] {
  const [present, , , , former] = row;
  if (!former) return [new LazySymbol(info, module, row, place, present, NONE)];
  const all = former.map(([name, kernels]) => ({ name, kernels }));
  const then = kernel === undefined ? [] : all.filter(({ kernels }) => covers(kernels, kernel)).map(({ name }) => name);
  const shown = then.length > 0 ? then : [present];
  const rest = [...all, { name: present, kernels: '' }].filter(({ name }) => !shown.includes(name));
  return shown.map((name, i) => new LazySymbol(info, module, row, place, name, i === 0 ? rest : NONE));
}

const NONE: readonly FormerName[] = [];

/** A function whose details are read when they are first asked for. There are thousands, made at each start. */
class LazySymbol implements FunctionSymbol {
  readonly id: number;
  readonly name: string;
  readonly formerNames: readonly FormerName[];
  readonly module: string;
  readonly file: string;
  readonly line: number;
  readonly endLine: number;
  readonly exported: boolean;
  readonly inline: boolean;
  readonly generator: boolean;
  private readonly info: Debuginfo;
  private readonly row: ModuleRow;
  private details: Details | null = null;

  constructor(info: Debuginfo, module: ModuleRow, row: FunctionRow, place: number, name: string, former: FormerNames) {
    const flags = row[3];
    this.id = module.firstId + place;
    this.name = name;
    this.formerNames = former;
    this.module = module.module;
    this.file = module.file;
    this.line = row[1];
    this.endLine = row[2];
    this.exported = (flags & FLAG_EXPORTED) !== 0;
    this.inline = (flags & FLAG_INLINE) !== 0;
    this.generator = (flags & (FLAG_GENERATOR | FLAG_ASYNC)) !== 0;
    this.info = info;
    this.row = module;
  }

  private read(): Details {
    this.details ??= details(this.info.detailsOf(this.row)[this.id - this.row.firstId], this.info.types);
    return this.details;
  }

  get parameters(): readonly Variable[] {
    return this.read().parameters;
  }

  get locals(): readonly LocalVariable[] {
    return this.read().locals;
  }

  get statementLines(): readonly number[] {
    return this.read().statementLines;
  }

  get returnType(): CType {
    return this.read().returnType;
  }

  get callees(): readonly string[] {
    return this.read().callees;
  }

  get labels(): readonly Label[] {
    return this.read().labels;
  }
}

type FormerNames = readonly FormerName[];
type Details = Pick<FunctionSymbol, 'parameters' | 'locals' | 'statementLines' | 'returnType' | 'callees' | 'labels'>;

function details(detail: FunctionDetail, types: TypeParser): Details {
  const { statements } = detail;
  return {
    parameters: detail.parameters.map(([name, type]) => ({ name, type: types.parse(type) })),
    locals: detail.locals.map(([name, type, , from, to]) => {
      const lines = statements.filter(([start]) => start >= from && start < to).map(([, , line]) => line);
      const [firstLine, lastLine] = lines.length > 0 ? [Math.min(...lines), Math.max(...lines)] : [0, 0];
      return { name, type: types.parse(type), firstLine, lastLine };
    }),
    statementLines: [...new Set(statements.map(([, , line]) => line))].sort((a, b) => a - b),
    returnType: types.parse(detail.returns),
    callees: detail.callees,
    labels: detail.labels.map(([name, line]) => ({ name, line })),
  };
}

/** What a target has besides its debuginfo. */
export type TargetRest = Pick<Target, 'kernelVersion'> & Partial<Omit<Target, 'kernelVersion'>>;

/** The language's view of a debuginfo; structs, constants and variables stay unread until asked for. */
export function makeTarget(info: Debuginfo, rest: TargetRest): Target {
  return {
    architecture: 'x86_64',
    functions: info.functions,
    get structs() {
      return info.structs;
    },
    get constants() {
      return info.constants;
    },
    get variables() {
      return info.variables;
    },
    tracepoints: info.tracepoints,
    get syscalls() {
      return info.syscalls;
    },
    modules: info.modules,
    loadable: loadableModule,
    programs: info.programs,
    config: new Map(),
    ...rest,
  };
}
