// Scenarios: finding the one that the command line names, starting it, and making of its lab what a session
// is put into. Read beside it: lab/scenarios/, lab-environment.ts, run.ts.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { Program } from '../dsl/abi.js';
import { Lab } from '../lab/lab.js';
import { scenarios } from '../lab/scenarios/index.js';
import { replay } from '../lab/scenarios/replay.js';
import { Memory } from '../runtime/debuginfo/memory.js';
import type { Environment, Provider } from '../runtime/environment.js';
import type { Output } from '../runtime/output.js';
import { DataProvider } from '../runtime/providers/data.js';
import { FunctionProvider } from '../runtime/providers/function.js';
import { InputProvider } from '../runtime/providers/input.js';
import { ProcessProvider } from '../runtime/providers/process.js';
import { ProcfsProvider, type ProcFiles } from '../runtime/providers/procfs.js';
import { fromText } from '../runtime/strings.js';
import { defaultModuleName } from '../runtime/session.js';
import { LabEnvironment } from './lab-environment.js';
import { isLabModule, loadLabModule } from './lab-module.js';
import { NetfilterProvider } from './netfilter-provider.js';
import type { CommandLine } from './options.js';
import type { Surroundings } from './run.js';
import type { LazyTarget } from './target.js';
import { sentenceOf } from './reasons.js';

/** One line for each scenario. */
export function scenarioList(): string {
  const width = Math.max(...Object.keys(scenarios).map((name) => name.length));
  return Object.values(scenarios)
    .map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`)
    .join('');
}

export function listScenarios(output: Output): number {
  output.print(scenarioList().replace(/^ {2}/gm, ''));
  return 0;
}

const stackOf = (fault: unknown): string => (fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));

/** A lab whose programs are ready to run. */
interface Ready {
  readonly environment: Environment;
  /** Status of what ran, once it has. */
  readonly outcome?: () => number;
}

/** Sets up what a scenario's name means; throws Error with a sentence where it means nothing. */
async function start(lab: Lab, line: CommandLine, output: Output): Promise<Ready> {
  const environment = new LabEnvironment(lab, line.clock);
  const [name, ...args] = line.scenario;
  if (name.endsWith('.pkt')) return startPacketdrill(lab, environment, name, args, output);
  let scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined;
  if (scenario === undefined && /\.pcap(ng)?$/.test(name)) scenario = replay(readFileSync(name));
  if (scenario === undefined && isLabModule(name)) scenario = await loadLabModule(name);
  if (scenario === undefined) throw new Error(`There is no scenario "${name}". Scenarios are:\n${scenarioList()}`);
  await scenario.start(lab, args);
  for (const capture of line.captures) startCapture(lab, capture);
  environment.startClock();
  return { environment };
}

/** --capture: a tcpdump on the host writes to a file of ours. @throws Error with a sentence */
function startCapture(lab: Lab, capture: string): void {
  const match = /^([^:=]+)(?::([^=]+))?=(.+)$/.exec(capture);
  if (match === null) throw new Error(`--capture takes HOST[:DEVICE]=FILE, not "${capture}".`);
  const [, host, device = 'any', file] = match;
  // It listens before the scenario's programs, which are ready to run, send anything.
  lab.host(host).spawn('tcpdump', ['-U', '-q', '-i', device, '-w', file]).runFirst();
}

/** A packetdrill script: it drives its lab itself, and judges. */
async function startPacketdrill(
  lab: Lab,
  environment: LabEnvironment,
  file: string,
  args: readonly string[],
  output: Output,
): Promise<Ready> {
  const [{ PacketdrillTest }, { packetdrillArguments }] = await Promise.all([
    import('../lab/packetdrill/index.js'),
    import('./packetdrill.js'),
  ]);
  const test = new PacketdrillTest(file, readFileSync(file, 'utf8'), packetdrillArguments(args).given, {}, lab);
  test.prepare();
  let status = 1;
  return {
    environment: environment.drivenBy(() => {
      const { status: judgement, message, printed } = test.execute();
      output.messages(fromText(printed + message + (message === '' || message.endsWith('\n') ? '' : '\n')));
      status = judgement === 'passed' ? 0 : 1;
    }),
    outcome: () => status,
  };
}

/**
 * Starts the scenario that the command line names: sets up its lab, its programs are ready to run. Null,
 * after a message, if there is none of that name or it does not take its options.
 */
export async function openScenario(
  line: CommandLine,
  program: Program,
  target: LazyTarget,
  output: Output,
): Promise<Surroundings | null> {
  const lab = new Lab({
    seed: line.seed,
    epoch_ns: line.epoch ?? undefined,
    output: (text) => {
      if (!line.quiet) output.messages(fromText(text));
    },
    openFile: (path) => {
      writeFileSync(path, '');
      return (data) => appendFileSync(path, data);
    },
  });
  let ready: Ready;
  try {
    ready = await start(lab, line, output);
    if (line.host !== null && lab.hosts.size > 0) lab.host(line.host);
  } catch (error) {
    output.message(sentenceOf(error));
    return null;
  }
  const { environment } = ready;
  const outcome = (): number => {
    if (line.verbose > 0) for (const fault of lab.faults) output.message(`a program failed: ${stackOf(fault)}`);
    return lab.faults.length > 0 ? 1 : (ready.outcome?.() ?? 0);
  };
  const debuginfo = target.debuginfo();
  const providers: Provider[] = [];
  const programPid = lab.program?.task.tgid;
  if (debuginfo === null) return { environment, outcome, providers, programPid };
  const objects = new Memory(debuginfo);
  const { host } = line;
  const admits = host === null ? undefined : () => environment.context.hostname() === host;
  const functions = new FunctionProvider({ debuginfo, memory: objects, admits });
  providers.push(functions, new ProcessProvider(debuginfo, functions.hijack), new DataProvider(objects));
  providers.push(new NetfilterProvider(lab));
  const files: ProcFiles = (name, file) => {
    const path = `systemtap/${line.moduleName ?? defaultModuleName}/${name}`;
    const kernels = [...lab.hosts.values()].map(({ kernel }) => kernel);
    for (const kernel of kernels) {
      if (file.read !== undefined) kernel.proc.set(path, file.read);
      if (file.write !== undefined) kernel.proc_write.set(path, file.write);
    }
    return () => {
      for (const kernel of kernels) {
        kernel.proc.delete(path);
        kernel.proc_write.delete(path);
      }
    };
  };
  if (program.probes.some((probe) => probe.detail.provider === 'procfs')) providers.push(new ProcfsProvider(files));
  if (program.probes.some((probe) => probe.detail.provider === 'input')) providers.push(new InputProvider());
  return { environment, outcome, objects, providers, programPid };
}
