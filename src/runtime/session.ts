// One run of a program: loading, begin probes, attaching, events, detaching, end or error probes, the
// globals nobody read, the summary. Read beside it: stap(1), "PROCESSING"; services.ts and runtime.ts for
// what the program and the built-ins see; environment.ts for what a session is put into.
import type { DerivedProbe, Handler, LoadedProgram, Program } from '../dsl/abi.js';
import type { AttachContext, Environment, KernelObjects, Provider } from './environment.js';
import { StartError } from './errors.js';
import { setGlobals } from './globals.js';
import { limitsFrom } from './limits.js';
import { noObjects } from './no-objects.js';
import type { Output } from './output.js';
import { watchOverload } from './overload.js';
import { ProbeTimings } from './probe-timings.js';
import { TimerProvider } from './providers/timer.js';
import { SessionRuntime } from './runtime.js';
import type { BuiltinGroup } from './services.js';
import { unreadText } from './unread.js';

/** What module_name() says unless -m names the module. */
export const defaultModuleName = 'stap_tsprobe';

export interface SessionOptions {
  readonly environment: Environment;
  readonly output: Output;
  /** Kernel objects of the target; without: every address faults. */
  readonly objects?: KernelObjects;
  /** Providers of probes other than begin, end, error and timer. */
  readonly providers?: readonly Provider[];
  readonly builtins?: readonly BuiltinGroup[];
  /** -D */
  readonly defines?: ReadonlyMap<string, string>;
  /** -G: by name of the global; names that the program has not are ignored. */
  readonly globals?: ReadonlyMap<string, string>;
  readonly seed?: number;
  /** --suppress-handler-errors */
  readonly suppressErrors?: boolean;
  /** -w */
  readonly suppressWarnings?: boolean;
  /** Hits and time of each probe: `count` keeps them for hits(), `report` (-t) prints them at the end, too. */
  readonly timings?: 'count' | 'report';
  /** -T: ns of virtual time after which the run ends. */
  readonly timeout?: number;
  /** --host: kernel probes fire only there. */
  readonly host?: string;
  /** False: globals that nobody reads are not printed at the end. */
  readonly globalDisplay?: boolean;
  readonly moduleName?: string;
  /** -x */
  readonly targetPid?: number;
  /** Called when all probes are attached, before the first event. */
  readonly onAttached?: () => void;
}

export interface SessionResult {
  /** 0, or 1 after any error that was not suppressed. */
  readonly status: 0 | 1;
  readonly errors: number;
  readonly skipped: number;
}

type Provided = DerivedProbe['detail']['provider'];

export class Session {
  readonly program: Program;
  readonly runtime: SessionRuntime;
  private readonly options: SessionOptions;
  private readonly timings: ProbeTimings | null;
  private loaded: LoadedProgram = { handlers: [], globals: [] };
  private handlers: readonly Handler[] = [];
  private readonly armed = new Set<DerivedProbe>();
  private readonly attached = new Set<DerivedProbe>();
  private readonly providers = new Map<Provided, Provider>();
  private running = false;
  private broken = false;

  constructor(program: Program, options: SessionOptions) {
    this.program = program;
    this.options = options;
    this.timings = options.timings !== undefined ? new ProbeTimings(program) : null;
    this.runtime = new SessionRuntime(program, {
      environment: options.environment,
      output: options.output,
      objects: options.objects ?? noObjects,
      limits: limitsFrom(options.defines ?? new Map()),
      builtins: options.builtins ?? [],
      seed: options.seed ?? 1,
      suppressErrors: options.suppressErrors ?? false,
      suppressWarnings: options.suppressWarnings ?? false,
      moduleName: options.moduleName ?? defaultModuleName,
      targetPid: options.targetPid ?? 0,
      recheck: (probes) => this.recheck(probes),
    });
    for (const provider of [new TimerProvider(), ...(options.providers ?? [])]) {
      for (const name of provider.handles) this.providers.set(name, provider);
    }
  }

  /** Ends the run as exit() does: Ctrl-C, -T, a closed pipe. */
  stop(): void {
    this.runtime.exit();
  }

  /** Current values of globals, for live views. */
  globals(): LoadedProgram['globals'] {
    return this.loaded.globals;
  }

  /** Puts globals back to what they were before the first probe (monitor view). */
  resetGlobals(): void {
    const { globals } = this.loaded;
    for (const { index, type, initial } of this.program.globals) {
      const global = globals[index];
      if (global.kind === 'scalar') global.set(initial ?? (type === 'string' ? '' : 0));
      else if (global.kind === 'stats') global.stats.clear();
      else global.map.clear();
    }
    if (this.options.globals !== undefined) {
      setGlobals(this.program.globals, globals, this.options.globals, this.runtime);
    }
  }

  /** How often each probe has fired; only with `timings`. */
  hits(): ReadonlyMap<number, number> {
    return this.timings?.hits() ?? new Map();
  }

  /** Arms or disarms one probe by hand (monitor view). */
  setArmed(probe: DerivedProbe, on: boolean): void {
    if (on) this.arm(probe);
    else this.disarm(probe);
  }

  isArmed(probe: DerivedProbe): boolean {
    return this.armed.has(probe);
  }

  /** Runs to the end. Throws only what is a fault of this program itself. */
  async run(): Promise<SessionResult> {
    const { runtime, options, program } = this;
    try {
      this.load();
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      for (const warning of error.warnings) runtime.warn(warning);
      options.output.message(`ERROR: ${error.message}`);
      return { status: 1, errors: 1, skipped: 0 };
    }
    for (const probe of program.probes) if (this.conditionHolds(probe)) this.armed.add(probe);

    this.fire('begin', () => !runtime.exiting);
    if (!runtime.exiting) await this.listen();
    runtime.close();
    this.detachAll();

    if (!runtime.failed) {
      // SystemTap shows unread globals in an end probe of priority 0 that it adds behind the script's.
      const go = (): boolean => !runtime.failed;
      this.fire('end', go, (priority) => priority <= 0);
      if (go() && (options.globalDisplay ?? true)) runtime.print(unreadText(program.unread, this.loaded.globals));
      this.fire('end', go, (priority) => priority > 0);
    }
    if (runtime.failed) this.fire('error', () => true);
    runtime.finish();
    this.report();
    options.output.flush();
    return {
      status: this.broken || ((runtime.errors > 0 || runtime.failed) && !options.suppressErrors) ? 1 : 0,
      errors: runtime.errors,
      skipped: runtime.skips,
    };
  }

  private load(): void {
    const { runtime, program, options } = this;
    const factory = new Function('$rt', program.source) as (rt: SessionRuntime) => LoadedProgram;
    this.loaded = factory(runtime);
    const watched = watchOverload(this.loaded.handlers, runtime.runLimits, () =>
      runtime.giveUp('probe overhead exceeded threshold'),
    );
    this.handlers = this.timings === null ? watched : this.timings.wrap(watched);
    if (options.globals !== undefined) setGlobals(program.globals, this.loaded.globals, options.globals, runtime);
  }

  /** Attaches, lets events happen until something ends the run. */
  private async listen(): Promise<void> {
    const { runtime, options } = this;
    this.running = true;
    this.attach(this.program.probes.filter((probe) => this.armed.has(probe)));
    if (options.timeout !== undefined) options.environment.after(options.timeout, () => this.stop());
    options.onAttached?.();
    try {
      await options.environment.run(() => runtime.exiting);
    } catch (error) {
      // The surroundings broke; what the script has gathered is shown all the same.
      this.broken = true;
      options.output.message(`ERROR: the model failed: ${error instanceof Error ? error.stack : String(error)}`);
    }
    this.running = false;
  }

  private context(): AttachContext {
    const { environment, host } = this.options;
    const admits = host === undefined ? undefined : () => environment.context.hostname() === host;
    return { runtime: this.runtime, handlers: this.handlers, environment, admits };
  }

  /** Probes that a provider attaches, each provider's in one call. */
  private attach(probes: readonly DerivedProbe[]): void {
    for (const [provider, mine] of this.byProvider(probes.filter((probe) => !this.attached.has(probe)))) {
      try {
        provider.attach(mine, this.context());
      } catch (error) {
        if (!(error instanceof StartError)) throw error;
        this.runtime.warn(error.message);
        continue;
      }
      for (const probe of mine) this.attached.add(probe);
    }
  }

  private detach(probes: readonly DerivedProbe[]): void {
    for (const [provider, mine] of this.byProvider(probes.filter((probe) => this.attached.has(probe)))) {
      provider.detach(mine);
      for (const probe of mine) this.attached.delete(probe);
    }
  }

  private detachAll(): void {
    this.running = false;
    this.detach([...this.attached]);
  }

  private byProvider(probes: readonly DerivedProbe[]): Map<Provider, DerivedProbe[]> {
    const groups = new Map<Provider, DerivedProbe[]>();
    for (const probe of probes) {
      const provider = this.providers.get(probe.detail.provider);
      if (provider === undefined) continue;
      const mine = groups.get(provider);
      if (mine === undefined) groups.set(provider, [probe]);
      else mine.push(probe);
    }
    return groups;
  }

  /** Runs begin, end or error probes by priority, then in script order, while `go` says so. */
  private fire(
    which: 'begin' | 'end' | 'error',
    go: () => boolean,
    of: (priority: number) => boolean = () => true,
  ): void {
    const due: { probe: DerivedProbe; priority: number }[] = [];
    for (const probe of this.program.probes) {
      if (probe.detail.provider !== which || !of(probe.detail.priority)) continue;
      due.push({ probe, priority: probe.detail.priority });
    }
    due.sort((a, b) => (a.priority < b.priority ? -1 : a.priority > b.priority ? 1 : 0));
    for (const { probe } of due) {
      if (!go()) return;
      if (!this.armed.has(probe)) continue;
      // exit() in an end probe ends nothing more.
      this.runtime.open();
      this.handlers[probe.handler](probe.index);
    }
  }

  private conditionHolds(probe: DerivedProbe): boolean {
    if (probe.condition === undefined) return true;
    return this.runtime.aside(() => Boolean(this.loaded.handlers[probe.condition as number](probe.index)));
  }

  private recheck(indexes: readonly number[]): void {
    for (const index of indexes) {
      const probe = this.program.probes[index];
      const holds = this.conditionHolds(probe);
      if (holds === this.armed.has(probe)) continue;
      if (holds) this.arm(probe);
      else this.disarm(probe);
    }
  }

  private arm(probe: DerivedProbe): void {
    this.armed.add(probe);
    if (this.running) this.attach([probe]);
  }

  private disarm(probe: DerivedProbe): void {
    this.armed.delete(probe);
    this.detach([probe]);
  }

  private report(): void {
    const { runtime, options } = this;
    const { errors, skips } = runtime;
    if (errors > 0 || skips > 0) {
      runtime.warn(`Number of errors: ${errors}, skipped probes: ${skips}`);
      if (options.timings === 'report' && skips > 0) runtime.warn(`Skipped due to reentrancy: ${skips}`);
    }
    if (options.timings === 'report' && this.timings !== null)
      for (const line of this.timings.report()) options.output.message(line);
  }
}
