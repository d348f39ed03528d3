// Scenarios: finding the one that the command line names, starting it, and making of its lab what a session
// is put into. Read beside it: lab/scenarios/, lab-environment.ts, run.ts.
import type { Program } from '../dsl/abi.js';
import { Lab } from '../lab/lab.js';
import { scenarios } from '../lab/scenarios/index.js';
import { Memory } from '../runtime/debuginfo/memory.js';
import type { Provider } from '../runtime/environment.js';
import type { Output } from '../runtime/output.js';
import { DataProvider } from '../runtime/providers/data.js';
import { FunctionProvider } from '../runtime/providers/function.js';
import { InputProvider } from '../runtime/providers/input.js';
import { ProcessProvider } from '../runtime/providers/process.js';
import { ProcfsProvider, type ProcFiles } from '../runtime/providers/procfs.js';
import { LabEnvironment } from './lab-environment.js';
import { NetfilterProvider } from './netfilter-provider.js';
import type { CommandLine } from './options.js';
import type { Surroundings } from './run.js';
import type { LazyTarget } from './target.js';

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
  const [name, ...args] = line.scenario;
  const scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined;
  if (scenario === undefined) {
    output.message(`There is no scenario "${name}". Scenarios are:`);
    output.messages(scenarioList());
    return null;
  }
  const lab = new Lab({
    seed: line.seed,
    epoch_ns: line.epoch ?? undefined,
    output: (text) => {
      if (!line.quiet) output.messages(text);
    },
  });
  const environment = new LabEnvironment(lab, line.clock);
  try {
    await scenario.start(lab, args);
  } catch (error) {
    output.message(error instanceof Error ? error.message : String(error));
    return null;
  }
  const debuginfo = target.debuginfo();
  const providers: Provider[] = [];
  if (debuginfo === null) return { environment, providers };
  const objects = new Memory(debuginfo);
  const { host } = line;
  const admits = host === null ? undefined : () => environment.context.hostname() === host;
  const functions = new FunctionProvider({ debuginfo, memory: objects, admits });
  providers.push(functions, new ProcessProvider(debuginfo, functions.hijack), new DataProvider(objects));
  providers.push(new NetfilterProvider(lab));
  const files: ProcFiles = (path, file) => {
    const kernels = [...lab.hosts.values()].map(({ kernel }) => kernel);
    for (const kernel of kernels) if (file.read !== undefined) kernel.proc.set(path, file.read);
    return () => kernels.forEach((kernel) => kernel.proc.delete(path));
  };
  if (program.probes.some((probe) => probe.detail.provider === 'procfs')) providers.push(new ProcfsProvider(files));
  if (program.probes.some((probe) => probe.detail.provider === 'input')) providers.push(new InputProvider());
  return { environment, objects, providers };
}
