/** Points that SystemTap has and this kernel cannot have: each refused by its name, with the reason. */
import type { PointProvider } from './provider.js';

const refused = (doc: string, patterns: readonly string[]): PointProvider => ({
  patterns,
  doc: `refused: ${doc}`,
  build: (request) => request.fail(doc),
});

export const refusedPoints: readonly PointProvider[] = [
  refused('this kernel has no hardware performance counters', [
    'perf.type(number).config(number)',
    'perf.type(number).config(number).sample(number)',
    'perf.type(number).config(number).hz(number)',
    'perf.type(number).config(number).process(string)',
    'perf.type(number).config(number).counter(string)',
  ]),
  refused('static markers were removed from the kernel in 2.6.32 (use kernel.trace)', [
    'kernel.mark(string)',
    'kernel.mark(string).format(string)',
    'module(string).mark(string)',
  ]),
  refused('lab programs carry no static markers (use process("PROGRAM").function)', [
    'process.mark(string)',
    'process(string).mark(string)',
    'process(string).provider(string).mark(string)',
    'process(string).plt',
    'process(string).plt(string)',
    'process(string).plt.return',
    'process(string).plt(string).return',
    'process(string).insn',
    'process(string).insn.block',
    'process(string).library(string).function(string)',
    'process(string).library(string).function(string).return',
    'process(string).library(string).mark(string)',
  ]),
  refused('there is no Java virtual machine in the lab', [
    'java(string).class(string).method(string)',
    'java(string).class(string).method(string).return',
    'java(number).class(string).method(string)',
    'java(number).class(string).method(string).return',
  ]),
  refused('there is no Python interpreter in the lab', [
    'python2.module(string).function(string)',
    'python2.module(string).function(string).call',
    'python2.module(string).function(string).return',
    'python3.module(string).function(string)',
    'python3.module(string).function(string).call',
    'python3.module(string).function(string).return',
  ]),
  refused('there is no CPU scheduler profile hook', ['timer.profile.process(string)']),
];
