// Compiling and running scripts for the benches: on the small path, or on anything instrumented.
import { compile } from '../dist/dsl/compile.js';
import { SourceFile } from '../dist/dsl/source/source.js';
import { DiagnosticPrinter } from '../dist/dsl/diagnostics/diagnostic.js';
import { builtinGroups } from '../dist/runtime/builtins/registry.js';
import { makeTarget } from '../dist/runtime/debuginfo/debuginfo.js';
import { Memory } from '../dist/runtime/debuginfo/memory.js';
import { MemoryOutput } from '../dist/runtime/output.js';
import { FunctionProvider } from '../dist/runtime/providers/function.js';
import { Session } from '../dist/runtime/session.js';
import { VirtualEnvironment } from '../dist/runtime/virtual-environment.js';

/** The surroundings of a script whose clock is the host's, and whose events are one function. */
class Scene extends VirtualEnvironment {
  constructor(act) {
    super();
    this.act = act;
    this.context = {
      ...this.context,
      now: () => Math.round(performance.now() * 1e6),
    };
  }
  async run() {
    this.act();
  }
}

/** Compiles a script for the functions of a debuginfo; throws its diagnostics. */
export function compileFor(info, text) {
  const result = compile([new SourceFile('bench.stp', text)], {}, makeTarget(info, { kernelVersion: '6.1.0' }));
  if (!result.program) {
    const printer = new DiagnosticPrinter({ verbose: 0 });
    throw new Error(result.diagnostics.flatMap((d) => printer.print(d)).join('\n'));
  }
  return result.program;
}

/** Runs `act` while a script is attached. @returns what the script printed */
export async function during(info, text, act) {
  const program = compileFor(info, text);
  const memory = new Memory(info);
  const output = new MemoryOutput();
  const options = { output, objects: memory, builtins: builtinGroups };
  const providers = [new FunctionProvider({ debuginfo: info, memory })];
  await new Session(program, { ...options, environment: new Scene(act), providers }).run();
  return output.out;
}

/** Gives `act` the handler of a script's first function probe, called with the values of that probe. */
export async function withHandler(info, text, act) {
  const program = compileFor(info, text);
  let handler = null;
  const provider = {
    handles: ['function'],
    attach(probes, context) {
      handler = context.handlers[probes[0].handler].bind(null, probes[0].index);
    },
    detach() {},
  };
  const output = { text: '', print: (text) => void (output.text = text), message() {}, messages() {}, flush() {} };
  const objects = new Memory(info);
  await new Session(program, {
    environment: new Scene(() => act(handler)),
    output,
    objects,
    builtins: builtinGroups,
    providers: [provider],
  }).run();
}
