// `tsprobe packetdrill TEST.pkt...`: runs packetdrill scripts, a line for each and a summary, as a test
// runner. Read beside it: lab/packetdrill/; packetdrill's own command line.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PACKETDRILL_OPTIONS } from '../lab/packetdrill/options.js';
import { runPacketdrill } from '../lab/packetdrill/index.js';
import { MemoryOutput, type Output } from '../runtime/output.js';
import { fromText } from '../runtime/strings.js';
import { defaults, UsageError } from './options.js';
import { runScript } from './run.js';
import { sentenceOf } from './reasons.js';

export type GivenOption = readonly [name: string, value: string];

/** Options (`--name=value`, `-D name=value`, `-v`) and the rest of packetdrill's arguments. */
export function packetdrillArguments(args: readonly string[]): { given: GivenOption[]; rest: string[] } {
  const given: GivenOption[] = [];
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const long = /^--([a-z_]+)(?:=(.*))?$/s.exec(args[i]);
    if (args[i] === '-D') given.push(['define', args[++i] ?? '']);
    else if (args[i].startsWith('-D')) given.push(['define', args[i].slice(2)]);
    else if (args[i] === '-v') given.push(['verbose', '']);
    else if (long === null) rest.push(args[i]);
    else if (!Object.hasOwn(PACKETDRILL_OPTIONS, long[1])) throw new UsageError(`unrecognized option '--${long[1]}'`);
    else given.push([long[1], long[2] ?? '']);
  }
  return { given, rest };
}

/** Scripts named by paths; a folder stands for all .pkt files below it, in the order of their names. */
function scripts(paths: readonly string[]): string[] {
  return paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true })
          .map(String)
          .filter((name) => name.endsWith('.pkt'))
          .sort()
          .map((name) => join(path, name))
      : [path],
  );
}

const words = { passed: 'OK  ', failed: 'FAIL', unsupported: 'SKIP' } as const;

/** Lines of the call trace that is shown for a failure. */
const TRACED = 40;

/** What the kernel did last before a test failed: the test runs once more, every call of TCP and IP traced. */
async function lastCalls(file: string, args: readonly string[]): Promise<string> {
  const traced = new MemoryOutput();
  const script = `
    probe kernel.function("*@net/ipv4/*").call { printf("%s-> %s\\n", thread_indent(2), probefunc()) }
    probe kernel.function("*@net/ipv4/*").return { printf("%s<- %s\\n", thread_indent(-2), probefunc()) }`;
  const line = { ...defaults(), script: { text: script }, scenario: [file, ...args], clock: 'virtual' as const };
  await runScript({ ...line, suppressWarnings: true }, traced);
  return traced.out
    .split('\n')
    .slice(-TRACED - 1)
    .join('\n');
}

/** Runs them; status 0 only if every one passed. */
export async function runPacketdrillFiles(args: readonly string[], output: Output): Promise<number> {
  const counts = { passed: 0, failed: 0, unsupported: 0 };
  let files: string[];
  let given: GivenOption[];
  let options: string[];
  try {
    const read = packetdrillArguments(args);
    given = read.given;
    files = scripts(read.rest);
    options = args.filter((arg) => !read.rest.includes(arg));
  } catch (error) {
    output.message(`tsprobe: ${sentenceOf(error)}`);
    return 1;
  }
  if (files.length === 0) {
    output.message('tsprobe packetdrill: a script must be given.');
    return 1;
  }
  for (const file of files) {
    const { status, message, printed } = runPacketdrill(file, readFileSync(file, 'utf8'), given);
    counts[status]++;
    output.print(fromText(printed));
    output.print(fromText(`${words[status]} [${file}]\n`));
    if (message !== '') output.messages(fromText(message.endsWith('\n') ? message : `${message}\n`));
    if (status === 'failed') {
      const calls = await lastCalls(file, options);
      if (calls !== '') output.messages(`  the last calls, with the time since the first in us:\n${calls}`);
    }
  }
  output.print(
    `Ran ${files.length} tests: ${counts.passed} passing, ${counts.failed} failing, ${counts.unsupported} unsupported\n`,
  );
  return counts.passed === files.length ? 0 : 1;
}
