// `$rt` of a session: what generated code (dsl/abi.ts, Runtime) and built-ins (services.ts) call. Holds the
// state of the running handler, the errors and skips so far, and the way output takes.
import type {
  DerivedProbe,
  FormatPiece,
  Formatter,
  HistogramSpec,
  Long,
  MapSpec,
  Program,
  ScriptMap,
  State,
  Stats,
  Value,
} from '../dsl/abi.js';
import type { CType, ProbeContext } from '../dsl/target.js';
import type { Environment, KernelObjects } from './environment.js';
import { HandlerAbort, ScriptError, StartError } from './errors.js';
import { compileFormat } from './format.js';
import { histogramFault } from './histogram.js';
import type { RunLimits } from './limits.js';
import { createMap } from './map.js';
import type { Output } from './output.js';
import { seededRandom } from './random.js';
import { RegexMemory } from './regex/regex.js';
import type { BuiltinGroup, BuiltinTable, Services } from './services.js';
import { cut } from './strings.js';
import { Aggregate } from './stats.js';
import { unsigned } from './values.js';

export interface RuntimeOptions {
  readonly environment: Environment;
  readonly output: Output;
  readonly objects: KernelObjects;
  readonly limits: RunLimits;
  readonly builtins: readonly BuiltinGroup[];
  readonly seed: number;
  readonly suppressErrors: boolean;
  readonly suppressWarnings: boolean;
  readonly moduleName: string;
  readonly targetPid: number;
  readonly recheck: (probes: readonly number[]) => void;
}

export class SessionRuntime implements Services {
  readonly state: State = { busy: false, closed: false, probe: -1, site: 0, actions: 0 };
  readonly limits: RunLimits;
  readonly runLimits: RunLimits;
  readonly context: ProbeContext;
  readonly environment: Environment;
  readonly program: Program;
  readonly ScriptError = ScriptError;
  readonly builtins: BuiltinTable;
  readonly writes: unknown[] = [];
  readonly moduleName: string;
  readonly targetPid: number;
  readonly random: () => number;
  readonly recheck: (probes: readonly number[]) => void;
  /** Errors that were reported (or suppressed). */
  errors = 0;
  /** Probes that found another one running. */
  skips = 0;
  /** Too many errors or skips: error probes run instead of end probes. */
  failed = false;
  exiting = false;
  private readonly options: RuntimeOptions;
  readonly objects: KernelObjects;
  private readonly regexes = new RegexMemory();
  private sink: ((text: string) => void) | null = null;
  private readonly endings: (() => void)[] = [];

  constructor(program: Program, options: RuntimeOptions) {
    this.program = program;
    this.options = options;
    this.limits = options.limits;
    this.runLimits = options.limits;
    this.environment = options.environment;
    this.context = options.environment.context;
    this.objects = options.objects;
    this.moduleName = options.moduleName;
    this.targetPid = options.targetPid;
    this.recheck = options.recheck;
    this.random = seededRandom(options.seed);
    this.builtins = Object.assign(Object.create(null), ...options.builtins.map((group) => group(this))) as BuiltinTable;
  }

  // ---- the session's own

  /** No probe fires from now on. */
  close(): void {
    this.state.closed = true;
    this.state.busy = true;
  }

  /** Handlers may run again (end and error probes after close). */
  open(): void {
    this.state.closed = false;
    this.state.busy = false;
  }

  finish(): void {
    this.close();
    for (const ending of this.endings) ending();
  }

  /** Runs a condition handler beside whatever runs now. */
  aside<T>(action: () => T): T {
    const { state } = this;
    const saved = { ...state };
    state.busy = false;
    state.closed = false;
    try {
      return action();
    } finally {
      Object.assign(state, saved);
    }
  }

  /** An error that no handler made ends the run. */
  giveUp(message: string): void {
    if (this.failed || this.options.suppressErrors) return;
    this.error(message);
    this.fail();
  }

  private fail(): void {
    this.failed = true;
    this.exit();
  }

  // ---- a handler's frame

  get probe(): DerivedProbe | undefined {
    return this.program.probes[this.state.probe];
  }

  skipped(_probe: number): void {
    if (this.state.closed) return;
    this.skips++;
    if (this.skips > this.runLimits.maxSkipped) {
      this.giveUp('Skipped too many probes, check MAXSKIPPED or try again with stap -t for more details.');
    }
  }

  fault(error: unknown): void {
    if (error instanceof HandlerAbort) return;
    this.errors++;
    let text: string;
    if (error instanceof ScriptError) {
      const place = error.placed ? (this.program.sites[this.state.site] ?? '') : '';
      text = place === '' ? error.message : `${error.message} near ${place}`;
    } else {
      text = `fault of the runtime: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    }
    if (this.options.suppressErrors) return;
    this.error(text);
    if (this.errors > this.runLimits.maxErrors) this.fail();
  }

  caught(error: unknown): string {
    if (!(error instanceof ScriptError) || error.fatal) throw error;
    return cut(error.message, this.limits.string + 1);
  }

  exit(): void {
    this.exiting = true;
    this.state.closed = true;
  }

  // ---- output

  print(text: string): void {
    if (this.sink !== null) this.sink(text);
    else this.options.output.print(text);
  }

  redirect(sink: ((text: string) => void) | null): void {
    this.sink = sink;
  }

  message(text: string): void {
    this.options.output.message(text);
  }

  warn(text: string): void {
    if (!this.options.suppressWarnings) this.message(`WARNING: ${text.replace(/\n$/, '')}`);
  }

  private error(text: string): void {
    this.message(`ERROR: ${text}`);
  }

  onEnd(action: () => void): void {
    this.endings.push(action);
  }

  format(pieces: readonly FormatPiece[]): Formatter {
    return compileFormat(pieces, (address, length) => this.memory(address, length));
  }

  cut(text: string): string {
    return cut(text, this.limits.string + 1);
  }

  // ---- variables

  newMap(spec: MapSpec): ScriptMap {
    if (spec.value === 'stats') this.checkHistogram(spec.name, spec.histogram);
    return createMap(spec, this.limits.mapEntries, () => new Aggregate(spec.histogram, spec.bitShift, this.runLimits));
  }

  newStats(name: string, histogram: HistogramSpec, bitShift: number | null): Stats {
    this.checkHistogram(name, histogram);
    return new Aggregate(histogram, bitShift, this.runLimits);
  }

  private checkHistogram(name: string, histogram: HistogramSpec): void {
    const fault = histogramFault(histogram);
    if (fault !== null) throw new StartError(`global variable '__global_${name}' allocation failed`, [fault]);
  }

  // ---- regular expressions

  regex(pattern: string): (text: string) => number {
    return this.regexes.compile(pattern);
  }

  get matches(): readonly (string | undefined)[] | undefined {
    return this.regexes.matches;
  }

  // ---- kernel objects

  toLong(value: unknown): Long {
    return this.objects.toLong(value);
  }

  place(address: Long, type: CType): unknown {
    return this.objects.place(address, type);
  }

  fieldAddress(object: unknown, struct: string, field: string): Long {
    return this.objects.fieldAddress(object, struct, field);
  }

  elementAddress(array: unknown, index: Long, type: CType): Long {
    return this.objects.elementAddress(array, index, type);
  }

  at(address: Long, type: CType): unknown {
    return this.objects.at(address, type) ?? this.readFault(address);
  }

  element(array: unknown, index: Long, type: CType): unknown {
    return this.objects.element(array, index, type);
  }

  store(object: unknown, field: string, type: CType, value: Long): void {
    this.objects.store(object, field, type, value);
  }

  storeElement(array: unknown, index: Long, type: CType, value: Long): void {
    this.objects.storeElement(array, index, type, value);
  }

  fromLong(value: Long, type: CType): unknown {
    return this.objects.fromLong(value, type);
  }

  pretty(value: unknown, type: CType, depth: 1 | 2): string {
    return this.objects.pretty(value, type, depth);
  }

  variable(name: string, file: string, module: string): unknown {
    return this.objects.variable(name, file, module);
  }

  memory(address: Value, length: number): string {
    return this.objects.memory(address as Long, length) ?? this.readFault(address as Long);
  }

  readFault(address: Long): never {
    throw new ScriptError(`read fault [man error::fault] at 0x${unsigned(address).toString(16)}`);
  }
}
