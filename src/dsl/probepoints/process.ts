/** process(…).begin, .end, .thread.*, .syscall: the life of a lab program. Read beside it: stapprobes(3stap), "USER-SPACE". */
import { globMatch } from '../passes/glob.js';
import { similar } from '../passes/similar.js';
import type { CType } from '../target.js';
import type { PointProvider, PointRequest, ProviderValue } from './provider.js';

const long: CType = { kind: 'int', name: 'long int', size: 8, signed: true };

const syscallMissing = 'invalid target symbol for utrace probe, $syscall, $return, $argN or $$parms expected';
const missing =
  'only "process(PATH_OR_PID).syscall" and "process(PATH_OR_PID).syscall.return" probes support target symbols';

function build(request: PointRequest): void {
  const program = request.string('process');
  const pid = Number(request.number('process'));
  if (/^process\(-?\d/.test(request.text) && pid < 2) request.fail('process pid must be greater than 1');
  const programs = [...new Set([...request.target.programs, ...(request.target.commands ?? [])])];
  const base = program.slice(program.lastIndexOf('/') + 1);
  const named = request.text.startsWith('process("');
  if (named && !programs.some((p) => globMatch(base, p)))
    request.fail(`cannot find executable '${program}'${similar(program, programs)}`);
  const syscall = request.has('syscall');
  const returns = request.has('return');
  const event = syscall
    ? returns
      ? 'syscall.return'
      : 'syscall'
    : request.has('thread')
      ? request.has('begin')
        ? 'thread.begin'
        : 'thread.end'
      : request.has('begin')
        ? 'begin'
        : 'end';
  const values: ProviderValue[] = [];
  if (syscall) {
    values.push({ name: 'syscall', type: long });
    if (returns) values.push({ name: 'return', type: long });
    else for (let i = 1; i <= 6; i++) values.push({ name: `arg${i}`, type: long });
  }
  request.emit({
    text: request.text,
    detail: { provider: 'process', program, pid, event },
    scope: { symbol: null, when: 'entry', line: 0, values, missing: syscall ? syscallMissing : missing },
    interruptible: false,
  });
}

export const process: PointProvider = {
  patterns: ['process', 'process(string)', 'process(number)'].flatMap((base) =>
    ['begin', 'end', 'thread.begin', 'thread.end', 'syscall', 'syscall.return'].map((e) => `${base}.${e}`),
  ),
  doc: 'start, end and system calls of a lab program',
  build,
};
