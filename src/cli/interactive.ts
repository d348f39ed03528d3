// -i: an interactive session. A script is built from pieces (probes, functions, globals) and run as often as
// one likes; lines are kept in a history and completed. Read beside it: stap(1), -i.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Output } from '../runtime/output.js';
import { readLibraries } from './compile-script.js';
import { Completer } from './completion.js';
import { parseCommandLine, splitWords, UsageError, type CommandLine } from './options.js';
import { openTarget } from './target.js';
import { sentenceOf } from './reasons.js';

const historyFile = join(homedir(), '.tsprobe_history');
const historySize = 500;

/** The commands: how each is written, and what it does. */
const commands: readonly (readonly [string, string])[] = [
  ['add TEXT', 'add a piece to the script'],
  ['list', 'the pieces of the script, numbered'],
  ['delete N...|all', 'remove pieces'],
  ['edit [N]', 'put piece N back onto the command line; without N, the whole script into $EDITOR'],
  ['load FILE', 'add the pieces of a file'],
  ['save FILE', 'write the script to a file'],
  ['run [SCENARIO ...]', 'run the script; the scenario stays set'],
  ['last', 'what the last run printed, again'],
  ['scenario [...]', 'set or show the scenario'],
  ['set OPTION...', 'options as on the command line (-g, -v, -DNAME=VALUE, --clock=virtual ...)'],
  ['unset', 'no options but those that the session began with'],
  ['show [PATTERN]', 'the options set; matching probe points with their variables'],
  ['probes [PATTERN]', 'the kinds of probe points; matching probe points'],
  ['aliases [WORD]', 'the probe aliases with WORD in their name'],
  ['functions [WORD]', 'the functions with WORD in their name'],
  ['globals', 'the globals of the script'],
  ['history', 'the lines typed before'],
  ['help', 'this list'],
  ['quit', 'leave'],
];

const help = `A line that begins with "probe", "function", "global", "private", "@define" or "%(" is added to the
script; an open brace goes on over the next lines. Commands:
${commands.map(([form, what]) => `  ${form.padEnd(18)} ${what}\n`).join('')}`;

const commandNames = commands.map(([form]) => form.replace(/ .*/, ''));
const starts = ['probe', 'function', 'global', 'private', '@define', '%('];
const pieceStart = /^\s*((probe|function|global|private|@define)\b|%\()/;

/** Does the text end inside a brace or a string? */
export function isOpen(text: string): boolean {
  let depth = 0;
  const token = /"(?:[^"\\]|\\.)*("?)|\/\*[\s\S]*?(?:\*\/|$)|\/\/.*|#.*|%\(|%\)|[{}]/g;
  for (const match of text.matchAll(token)) {
    if (match[0] === '{' || match[0] === '%(') depth++;
    else if (match[0] === '}' || match[0] === '%)') depth--;
    else if (match[0].startsWith('"') && match[1] === '') return true;
  }
  return depth > 0;
}

/** Cuts a script into its top-level pieces. */
export function pieces(text: string): string[] {
  const result: string[] = [];
  for (const line of text.split('\n')) {
    const last = result.at(-1);
    if (last !== undefined && (isOpen(last) || !pieceStart.test(line))) {
      result[result.length - 1] = `${last}\n${line}`;
    } else if (line.trim() !== '' || last !== undefined) {
      result.push(line);
    }
  }
  return result.map((piece) => piece.trim()).filter((piece) => piece !== '');
}

/** Most characters of a run's output that `last` shows again. */
const mostKept = 1 << 20;

/** Passes everything on, and keeps what a script prints. */
class KeptOutput implements Output {
  kept = '';
  private readonly to: Output;

  constructor(to: Output) {
    this.to = to;
  }

  print(text: string): void {
    if (this.kept.length < mostKept) this.kept += text;
    this.to.print(text);
  }

  message(line: string): void {
    this.to.message(line);
  }

  messages(text: string): void {
    this.to.messages(text);
  }

  flush(): void {
    this.to.flush();
  }
}

/** Runs a session until `quit` or the end of `input`. */
export async function interact(
  line: CommandLine,
  output: Output,
  input: NodeJS.ReadableStream = process.stdin,
  echo: NodeJS.WritableStream = process.stderr,
): Promise<number> {
  const session = new Interactive(line, output);
  await session.loop(input, echo);
  return 0;
}

class Interactive {
  private line: CommandLine;
  private readonly output: Output;
  private script: string[] = [];
  private completer: Completer | null = null;
  private readonly first: CommandLine;
  private options: string[] = [];
  private past: readonly string[] = [];
  private printed = '';
  private running = false;

  constructor(line: CommandLine, output: Output) {
    this.line = line;
    this.first = line;
    this.output = output;
  }

  async loop(input: NodeJS.ReadableStream, echo: NodeJS.WritableStream): Promise<void> {
    this.past = existsSync(historyFile) ? readFileSync(historyFile, 'utf8').split('\n').filter(Boolean) : [];
    const terminal = createInterface({
      input,
      output: echo,
      history: this.past.toReversed(),
      historySize,
      completer: (text: string): [string[], string] => this.complete(text),
    });
    terminal.on('history', (lines: string[]) => {
      this.past = lines.toReversed();
      try {
        writeFileSync(historyFile, this.past.join('\n') + '\n');
      } catch {
        // A home that cannot be written to has no history.
      }
    });
    this.output.message('tsprobe: "help" lists the commands.');
    let text = '';
    // Ctrl-C ends a run, or else gives up what is being typed.
    terminal.on('SIGINT', () => {
      if (this.running) return void process.kill(process.pid, 'SIGINT');
      text = '';
      terminal.setPrompt('tsprobe> ');
      terminal.write(null, { ctrl: true, name: 'e' });
      terminal.write(null, { ctrl: true, name: 'u' });
      echo.write('\n');
      terminal.prompt();
    });
    terminal.setPrompt('tsprobe> ');
    terminal.prompt();
    for await (const next of terminal) {
      text = text === '' ? next : `${text}\n${next}`;
      if (isOpen(text)) {
        terminal.setPrompt('       > ');
      } else {
        terminal.setPrompt('tsprobe> ');
        if (text.trim() === 'quit' || text.trim() === 'exit') break;
        await this.command(text.trim(), (again) => terminal.write(again));
        text = '';
      }
      this.output.flush();
      terminal.prompt();
    }
    terminal.close();
  }

  private complete(text: string): [string[], string] {
    if (/^\w*$/.test(text)) return [[...commandNames, ...starts].filter((word) => word.startsWith(text)), text];
    this.completer ??= new Completer(openTarget(this.line.kernel).target, readLibraries(this.line));
    const { candidates, replaces } = this.completer.complete(text);
    return [candidates.map((candidate) => candidate.text), replaces === 0 ? '' : text.slice(-replaces)];
  }

  private async command(text: string, typeIn: (text: string) => void): Promise<void> {
    const [word = '', ...rest] = splitWords(text);
    const say = (message: string): void => this.output.message(message);
    if (pieceStart.test(text)) {
      this.script.push(text);
      return;
    }
    switch (word) {
      case '':
        return;
      case 'help':
        this.output.messages(help);
        return;
      case 'add': {
        const added = pieces(text.slice(word.length));
        if (added.length === 0) say('add needs a piece of script.');
        this.script.push(...added);
        return;
      }
      case 'list':
      case 'display':
        this.script.forEach((piece, i) => say(`${i + 1}: ${piece}`));
        return;
      case 'globals':
        for (const piece of this.script) if (/^(private\s+)?global\b/.test(piece)) say(piece);
        return;
      case 'history':
        for (const past of this.past) say(past);
        return;
      case 'last':
        this.output.print(this.printed);
        return;
      case 'aliases':
        return this.dump('dump-probe-aliases', rest[0] ?? '');
      case 'functions':
        return this.dump('dump-functions', rest[0] ?? '');
      case 'delete': {
        const gone = new Set(rest.map(Number));
        this.script = rest.includes('all') ? [] : this.script.filter((_, i) => !gone.has(i + 1));
        return;
      }
      case 'edit': {
        if (rest.length === 0) return this.edit();
        const [piece] = this.script.splice(Number(rest[0]) - 1, 1);
        if (piece === undefined) say(`There is no piece ${rest[0] ?? ''}.`);
        else typeIn(piece.replaceAll('\n', ' '));
        return;
      }
      case 'load':
      case 'save':
        this.file(word, rest[0]);
        return;
      case 'scenario':
        if (rest.length > 0) this.line.scenario = rest;
        else say(this.line.scenario.join(' ') || 'none');
        return;
      case 'set':
        this.set(rest);
        return;
      case 'unset':
        this.options = [];
        this.line = { ...structuredClone(this.first), scenario: this.line.scenario };
        return;
      case 'show':
      case 'probes': {
        const pattern = text.slice(word.length).trim();
        if (pattern === '' && word === 'show') say(this.options.join(' ') || 'none');
        else if (pattern === '') await this.dump('dump-probe-types', '');
        else await this.listing(pattern, word === 'show' ? 'list-variables' : 'list');
        return;
      }
      case 'run':
        if (rest.length > 0) this.line.scenario = rest;
        this.running = true;
        await this.run().finally(() => (this.running = false));
        return;
      case 'exit':
      case 'quit':
        return;
      default:
        say(`Unknown command "${word}"; "help" lists the commands.`);
    }
  }

  private async listing(pattern: string, mode: 'list' | 'list-variables'): Promise<void> {
    const { listPoints } = await import('./list.js');
    listPoints({ ...this.line, patterns: [pattern], mode }, this.output);
  }

  /** Lines of a --dump whose name has a word in it. */
  private async dump(mode: 'dump-functions' | 'dump-probe-types' | 'dump-probe-aliases', word: string): Promise<void> {
    const { dumpLines } = await import('./dump.js');
    const named = (line: string): boolean => line.replace(/[ :=].*/, '').includes(word);
    for (const text of dumpLines({ ...this.line, mode })) if (named(text)) this.output.print(text + '\n');
  }

  /** The whole script in the user's editor. */
  private edit(): void {
    const folder = mkdtempSync(join(tmpdir(), 'tsprobe-'));
    const file = join(folder, 'script.stp');
    try {
      writeFileSync(file, this.script.join('\n') + '\n', 'latin1');
      const [editor, ...words] = splitWords(process.env.VISUAL ?? process.env.EDITOR ?? 'vi');
      const { error, status } = spawnSync(editor, [...words, file], { stdio: 'inherit' });
      if (error !== undefined) this.output.message(`${editor}: ${error.message}`);
      else if (status === 0) this.script = pieces(readFileSync(file, 'latin1'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  private file(what: 'load' | 'save', path: string | undefined): void {
    if (path === undefined) {
      this.output.message(`${what} needs a file.`);
      return;
    }
    try {
      if (what === 'save') writeFileSync(path, this.script.join('\n') + '\n');
      else this.script.push(...pieces(readFileSync(path, 'utf8')));
    } catch (error) {
      this.output.message(sentenceOf(error));
    }
  }

  private set(words: readonly string[]): void {
    try {
      const { line } = this;
      const changed = parseCommandLine(words, structuredClone(line));
      if (changed.mode !== line.mode || changed.script !== null || changed.args.length > 0)
        throw new UsageError('set takes options alone.');
      this.line = { ...changed, args: line.args };
      this.options.push(...words);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.output.message(error.message);
    }
  }

  private async run(): Promise<void> {
    if (this.script.length === 0) {
      this.output.message('There is no script yet.');
      return;
    }
    const { runScript } = await import('./run.js');
    const kept = new KeptOutput(this.output);
    await runScript({ ...this.line, mode: 'run', script: { text: this.script.join('\n') } }, kept);
    this.printed = kept.kept;
  }
}
