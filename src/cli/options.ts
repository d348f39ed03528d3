// The command line: SystemTap's own letters (getopt's manner: clustered, with or without a space before
// the value, anywhere before `--`) and ours. Read beside it: stap(1), "OPTIONS". An own parser and not a
// library because of -DNAME=VALUE, -Gvar=val, -vvv and -p2, which the usual ones do not take.

import { inRange, refused, systemtapVersion, withoutEffect, type StapOption } from './stap-options.js';

export interface CommandLine {
  mode:
    | 'run'
    | 'list'
    | 'list-variables'
    | 'dump-functions'
    | 'dump-probe-types'
    | 'dump-probe-aliases'
    | 'interactive'
    | 'language-server'
    | 'scenarios'
    | 'packetdrill'
    | 'help'
    | 'version';
  /** The main script: a path (`-` is stdin), or the text of -e; none yet: null. */
  script: { readonly path: string } | { readonly text: string } | null;
  /** -E: further scripts, compiled with the main one. */
  extraScripts: string[];
  /** -l and -L patterns. */
  patterns: string[];
  /** Arguments of the script: $1 @1 … */
  args: string[];
  /** What stands after `--`: the scenario and its options. */
  scenario: string[];
  /** --capture: `HOST[:DEVICE]=FILE` each. */
  captures: string[];
  /** Last pass to run, 1 to 5. */
  lastPass: number;
  verbose: number;
  /** --vp: what each pass says beyond that, from the first. */
  passVerbose: number[];
  guru: boolean;
  unoptimized: boolean;
  suppressWarnings: boolean;
  warningsAreErrors: boolean;
  suppressHandlerErrors: boolean;
  /** Probes of variables that cannot be found are left out. */
  skipBadVars: boolean;
  timings: boolean;
  /** Seconds of virtual time after which the run ends. */
  timeout: number | null;
  output: string | null;
  include: string[];
  defines: Map<string, string>;
  globals: Map<string, string>;
  moduleName: string | null;
  targetPid: number;
  /** -c: target() is the scenario's program. */
  targetCommand: boolean;
  /** Probes fire on this host alone. */
  host: string | null;
  /** Kernel version whose names are shown. */
  kernel: string | null;
  /** SystemTap version that scripts see. */
  compatible: string | null;
  clock: 'host' | 'virtual';
  seed: number;
  /** Wall clock at the start, ns since 1970. */
  epoch: bigint | null;
  quiet: boolean;
  /** Seconds between two refreshes of the live view; null: no live view. */
  monitor: number | null;
  globalDisplay: boolean;
  /** Messages in colours: `auto` on a terminal. */
  color: 'always' | 'auto' | 'never';
  /** The script is one of those that come with this program, named by its file. */
  example: boolean;
}

/** A refusal of the command line. */
export class UsageError extends Error {
  /** Is it one of getopt's, which end in a hint at --help? */
  readonly hint: boolean;

  constructor(message: string, hint = false) {
    super(message);
    this.hint = hint;
  }
}

interface Option {
  readonly names: readonly string[];
  /** Name of the value in the help; absent for a plain switch; `[X]` for an optional one. */
  readonly value?: string;
  readonly help: string;
  readonly set: (line: CommandLine, value: string) => void;
}

function wholeNumber(name: string, text: string, low: number, high: number): number {
  const value = /^\s*[-+]?\d+\s*$/.test(text) ? Number(text) : NaN;
  if (!(value >= low && value <= high)) throw new UsageError(`Invalid argument '${text}' for ${name}.`);
  return value;
}

function setting(name: string, text: string, into: Map<string, string>, fallback: string | null): void {
  const equals = text.indexOf('=');
  if (equals < 1 && fallback === null) throw new UsageError(`Invalid ${name} argument '${text}': NAME=VALUE expected.`);
  if (equals < 0) into.set(text, fallback ?? '');
  else into.set(text.slice(0, equals), text.slice(equals + 1));
}

/** -D: what the C preprocessor would take, as stap checks it. */
function define(text: string, into: Map<string, string>): void {
  const pattern = '^[a-z_][a-z_0-9]*(=-?[a-z_0-9]+)?$';
  if (!new RegExp(pattern, 'i').test(text)) {
    throw new UsageError(`ERROR: Safety pattern mismatch for -D parameter ('${text}' vs. '${pattern}') rc=1`);
  }
  setting('-D', text, into, '1');
}

/** Is version `a` later than `b`, number by number? */
function isLater(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const at = left.findIndex((number, i) => number !== (right[i] ?? 0));
  return at >= 0 && left[at] > (right[at] ?? 0);
}

/** A main script, of which there can be one. */
function mainScript(line: CommandLine, text: string): void {
  if (line.script !== null) throw new UsageError('Only one script can be given on the command line.');
  line.script = { text };
}

const list = (mode: CommandLine['mode']) => (line: CommandLine, value: string) => {
  line.mode = mode;
  line.patterns.push(value);
};
const mode = (what: CommandLine['mode']) => (line: CommandLine) => {
  line.mode = what;
};

const options: readonly Option[] = [
  { names: ['-h', '--help'], help: 'show this help', set: mode('help') },
  { names: ['-V', '--version'], help: 'show the version', set: mode('version') },
  { names: ['-e'], value: 'SCRIPT', help: 'run the given text', set: mainScript },
  { names: ['-E'], value: 'SCRIPT', help: 'run the given text, too', set: (o, v) => o.extraScripts.push(v) },
  { names: ['-l'], value: 'PATTERN', help: 'list matching probe points', set: list('list') },
  { names: ['-L'], value: 'PATTERN', help: 'list them with their variables', set: list('list-variables') },
  {
    names: ['-p'],
    value: 'NUM',
    help: 'stop after pass NUM, 1 to 5',
    set: (o, v) => {
      if (!inRange(v, 1, 5)) throw new UsageError(`Invalid pass number '${v}' (should be 1-5).`);
      o.lastPass = Number(v);
    },
  },
  { names: ['-v', '--verbose'], help: 'say more; may be repeated', set: (o) => o.verbose++ },
  {
    names: ['--vp'],
    value: 'NUMS',
    help: 'say more of single passes: a digit for each, from the first',
    set: (o, v) => {
      if (!/^\d{1,5}$/.test(v)) throw new UsageError(`Invalid --vp argument '${v}': up to five digits expected.`);
      for (const [i, digit] of [...v].entries()) o.passVerbose[i] = (o.passVerbose[i] ?? 0) + Number(digit);
    },
  },
  { names: ['-g', '--guru'], help: 'guru mode', set: (o) => (o.guru = true) },
  { names: ['-u'], help: 'unoptimized translation', set: (o) => (o.unoptimized = true) },
  { names: ['-w'], help: 'suppress warnings', set: (o) => (o.suppressWarnings = true) },
  { names: ['-W'], help: 'turn warnings into errors', set: (o) => (o.warningsAreErrors = true) },
  { names: ['-t'], help: 'report hits and time of each probe', set: (o) => (o.timings = true) },
  {
    names: ['-o'],
    value: 'FILE',
    help: "write the script's output to FILE, which may have strftime(3) formats",
    set: (o, v) => (o.output = v),
  },
  { names: ['-I'], value: 'DIR', help: 'look in DIR for .stp library files', set: (o, v) => o.include.push(v) },
  { names: ['-D'], value: 'NM=VAL', help: 'set a limit', set: (o, v) => define(v, o.defines) },
  { names: ['-G'], value: 'VAR=VAL', help: 'set a global variable', set: (o, v) => setting('-G', v, o.globals, null) },
  {
    names: ['-T'],
    value: 'SECONDS',
    help: 'end the run after so much virtual time',
    set: (o, v) => {
      if (!/^\d+(\.\d+)?$/.test(v) || Number(v) === 0) throw new UsageError(`Invalid timeout value '${v}'.`);
      o.timeout = Number(v);
    },
  },
  {
    names: ['-c'],
    value: 'CMD',
    help: "the scenario, in one word; target() is its program's pid",
    set: (o, v) => {
      o.scenario = splitWords(v);
      o.targetCommand = true;
      if (o.scenario.length === 0) throw new UsageError('Empty CMD string invalid.');
    },
  },
  {
    names: ['-x'],
    value: 'PID',
    help: 'what target() gives',
    set: (o, v) => {
      if (!inRange(v, 0, 2 ** 31 - 1)) throw new UsageError('Invalid target process ID number.');
      o.targetPid = Number(v);
    },
  },
  {
    names: ['-m'],
    value: 'NAME',
    help: 'what module_name() gives',
    set: (o, v) => {
      o.moduleName = v.replace(/\.ko$/, '');
      if (o.moduleName === '') throw new UsageError('Module name cannot be empty.');
      if (!/^[a-z0-9_]{1,127}$/i.test(o.moduleName)) throw new UsageError(`Invalid module name '${v}'.`);
    },
  },
  { names: ['-i', '--interactive'], help: 'interactive session', set: mode('interactive') },
  {
    names: ['--monitor'],
    value: '[SECONDS]',
    help: 'live view of globals and probes',
    set: (o, v) => (o.monitor = v === '' ? 1 : wholeNumber('--monitor', v, 1, 86400)),
  },
  { names: ['--dump-functions'], help: 'list all functions', set: mode('dump-functions') },
  { names: ['--dump-probe-types'], help: 'list all kinds of probe points', set: mode('dump-probe-types') },
  { names: ['--dump-probe-aliases'], help: 'list all probe aliases', set: mode('dump-probe-aliases') },
  {
    names: ['--suppress-handler-errors'],
    help: "go on after handlers' errors",
    set: (o) => (o.suppressHandlerErrors = true),
  },
  { names: ['--skip-badvars'], help: 'unknown $variables are 0', set: (o) => (o.skipBadVars = true) },
  {
    names: ['--no-global-var-display'],
    help: 'do not print unread globals',
    set: (o) => (o.globalDisplay = false),
  },
  {
    names: ['--example'],
    help: 'FILE is one of the scripts that come with tsprobe',
    set: (o) => (o.example = true),
  },
  {
    names: ['--compatible'],
    value: 'VERSION',
    help: 'the SystemTap version that scripts see',
    set: (o, v) => {
      if (!/^\d+(\.\d+){0,3}$/.test(v)) throw new UsageError(`Invalid version '${v}' for --compatible.`);
      if (isLater(v, systemtapVersion)) {
        throw new UsageError(
          `ERROR: systemtap version ${systemtapVersion} cannot be compatible with future version ${v}`,
        );
      }
      o.compatible = v;
    },
  },
  {
    names: ['--color', '--colour'],
    value: '[WHEN]',
    help: 'messages in colours: always, auto or never',
    set: (o, v) => {
      if (v !== '' && v !== 'always' && v !== 'auto' && v !== 'never')
        throw new UsageError(`Invalid argument '${v}' for --color.`);
      o.color = v === '' ? 'always' : v;
    },
  },
  {
    names: ['--clock'],
    value: 'host|virtual',
    help: 'count real time within an event, or none',
    set: (o, v) => {
      if (v !== 'host' && v !== 'virtual') throw new UsageError(`Invalid clock '${v}': host or virtual expected.`);
      o.clock = v;
    },
  },
  {
    names: ['--seed'],
    value: 'N',
    help: 'seed of everything random',
    set: (o, v) => (o.seed = wholeNumber('--seed', v, 0, Number.MAX_SAFE_INTEGER)),
  },
  {
    names: ['--epoch'],
    value: 'SECONDS',
    help: 'wall clock at the start, seconds since 1970',
    set: (o, v) => (o.epoch = BigInt(wholeNumber('--epoch', v, 0, 2 ** 40)) * 1_000_000_000n),
  },
  { names: ['--host'], value: 'NAME', help: 'probe only on this host', set: (o, v) => (o.host = v) },
  {
    names: ['--capture'],
    value: 'HOST[:DEVICE]=FILE',
    help: 'record what the host sends and receives (pcap)',
    set: (o, v) => o.captures.push(v),
  },
  {
    names: ['--kernel'],
    value: 'VERSION',
    help: "show that kernel's names",
    set: (o, v) => {
      if (!/^\d+\.\d+(\.\d+)?([-.+~][\w.+~-]*)?$/.test(v)) throw new UsageError(`Invalid version '${v}' for --kernel.`);
      o.kernel = v;
    },
  },
  { names: ['-q', '--quiet'], help: 'no output of the programs', set: (o) => (o.quiet = true) },
  { names: ['--language-server'], help: 'speak the language server protocol', set: mode('language-server') },
  {
    names: ['--suppress-time-limits'],
    help: 'no limit on what probes may use of the time',
    set: (o) => o.defines.set('STP_NO_OVERLOAD', '1'),
  },
  ...withoutEffect.map(({ check, ...option }): Option => ({
    ...option,
    help: '',
    set: (_line, value) => {
      const fault = check?.(value) ?? null;
      if (fault !== null) throw new UsageError(fault);
    },
  })),
  ...refused.map(({ reason, except, ...option }): Option => ({
    ...option,
    help: '',
    set: (_line, value) => {
      if (except?.includes(value)) return;
      throw new UsageError(`'${option.names[0]}' is not supported: ${reason}.`);
    },
  })),
];

const byName = new Map(options.flatMap((option) => option.names.map((name) => [name, option] as const)));

/** The one option whose name begins so. */
function abbreviated(name: string): Option {
  const names = [...byName.keys()].filter((long) => long.startsWith(name));
  const [option, ...others] = new Set(names.map((long) => byName.get(long)));
  if (option === undefined) throw new UsageError(`unrecognized option '${name}'`, true);
  if (others.length === 0) return option;
  const possible = names.map((long) => `'${long}'`).join(' ');
  throw new UsageError(`option '${name}' is ambiguous; possibilities: ${possible}`, true);
}

/** Words of a command as a shell would split them: blanks, and single or double quotes. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  const word = /\s*((?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+)/gsy;
  for (let m = word.exec(text); m !== null; m = word.exec(text)) {
    words.push(
      m[1].replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs, (_all, double?: string, single?: string, one?: string) =>
        double !== undefined ? double.replace(/\\(["\\$`])/g, '$1') : (single ?? one ?? ''),
      ),
    );
  }
  return words;
}

/** A command line on which nothing stands. */
export function defaults(): CommandLine {
  return {
    mode: 'run',
    script: null,
    extraScripts: [],
    patterns: [],
    args: [],
    scenario: [],
    captures: [],
    lastPass: 5,
    verbose: 0,
    passVerbose: [],
    guru: false,
    unoptimized: false,
    suppressWarnings: false,
    warningsAreErrors: false,
    suppressHandlerErrors: false,
    skipBadVars: false,
    timings: false,
    timeout: null,
    output: null,
    include: [],
    defines: new Map(),
    globals: new Map(),
    moduleName: null,
    targetPid: 0,
    targetCommand: false,
    host: null,
    kernel: null,
    compatible: null,
    clock: 'host',
    seed: 1,
    epoch: null,
    quiet: false,
    monitor: null,
    globalDisplay: true,
    color: 'auto',
    example: false,
  };
}

/** Reads the arguments into `line`; throws UsageError. */
export function parseCommandLine(argv: readonly string[], line = defaults()): CommandLine {
  const [first, ...others] = argv;
  if (first === 'scenarios' || first === 'packetdrill') {
    line.mode = first;
    line.args = others;
    return line;
  }
  const words: string[] = [];
  const dashes = argv.indexOf('--');
  const own = dashes < 0 ? argv : argv.slice(0, dashes);
  let at = 0;

  const apply = (option: Option, name: string, inline: string | null): void => {
    if (option.value === undefined) {
      if (inline !== null && name.startsWith('--'))
        throw new UsageError(`option '${name}' doesn't allow an argument`, true);
      option.set(line, '');
    } else if (inline !== null) option.set(line, inline);
    else if (option.value.startsWith('[')) option.set(line, '');
    else if (at < own.length) option.set(line, own[at++]);
    else if (name.startsWith('--')) throw new UsageError(`option '${name}' requires an argument`, true);
    else throw new UsageError(`option requires an argument -- '${name[1]}'`, true);
  };

  while (at < own.length) {
    const word = own[at++];
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word : word.slice(0, equals);
      const option = byName.get(name) ?? abbreviated(name);
      apply(option, name, equals < 0 ? null : word.slice(equals + 1));
    } else if (word.startsWith('-') && word.length > 1 && !(isScripted(line, words) && /^-\d/.test(word))) {
      for (let i = 1; i < word.length; i++) {
        const name = `-${word[i]}`;
        const option = byName.get(name);
        if (option === undefined) throw new UsageError(`invalid option -- '${word[i]}'`, true);
        const rest = word.slice(i + 1);
        apply(option, name, option.value !== undefined && rest !== '' ? rest : null);
        if (option.value !== undefined) break;
      }
    } else {
      words.push(word);
    }
  }
  if (dashes >= 0) line.scenario = argv.slice(dashes + 1);
  if (line.mode === 'run' && line.script === null && words.length > 0) line.script = { path: words.shift() as string };
  line.args = words;
  return line;
}

/** After the script, a negative number is an argument of it. */
const isScripted = (line: CommandLine, words: readonly string[]): boolean => line.script !== null || words.length > 0;

/** Names of options in lines of 80 columns. */
function names(of: readonly StapOption[]): string[] {
  const lines = [' '];
  for (const [name] of of.map((option) => option.names)) {
    if (`${lines[lines.length - 1]} ${name}`.length > 80) lines.push(' ');
    lines[lines.length - 1] += ` ${name}`;
  }
  return lines;
}

/** The text of --help. */
export function helpText(): string {
  const rows = options
    .filter((option) => option.help !== '')
    .map((option) => {
      const value =
        option.value === undefined
          ? ''
          : option.value.startsWith('[')
            ? option.value.replace('[', '[=')
            : ` ${option.value}`;
      return `  ${(option.names.join(', ') + value).padEnd(28)} ${option.help}`;
    });
  return [
    'Usage: tsprobe [options] FILE [arguments] -- SCENARIO [options]    run the script in FILE (- is stdin)',
    '   or: tsprobe [options] -e SCRIPT [arguments] -- SCENARIO [...]   run the given script',
    '   or: tsprobe [options] -l PROBE                                  list matching probe points',
    '   or: tsprobe [options] -L PROBE                                  list them with local variables',
    '   or: tsprobe scenarios                                           list scenarios',
    '   or: tsprobe packetdrill TEST.pkt...                             run packetdrill scripts',
    '',
    'Options:',
    ...rows,
    '',
    'Taken as stap has them, without effect here:',
    ...names(withoutEffect),
    '',
    'Refused, with the reason:',
    ...names(refused),
    '',
  ].join('\n');
}
