// -i: an interactive session. A script is built from pieces (probes, functions, globals) and run as often as
// one likes; lines are kept in a history and completed. Read beside it: stap(1), -i.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Output } from '../runtime/output.js';
import { Completer } from './completion.js';
import { parseCommandLine, splitWords, UsageError, type CommandLine } from './options.js';
import { openTarget } from './target.js';

const historyFile = join(homedir(), '.tsprobe_history');
const historySize = 500;

const help = `A line that begins with "probe", "function", "global" or "private" is added to the script; an
open brace goes on over the next lines. Commands:
  list               the pieces of the script, numbered
  delete N...|all    remove pieces
  edit N             put piece N back onto the command line
  run [SCENARIO ...] run the script; the scenario stays set
  scenario [...]     set or show the scenario
  set OPTION...      options as on the command line (-g, -v, -DNAME=VALUE, --clock=virtual ...)
  show PATTERN       list matching probe points with their variables
  load FILE          add the pieces of a file
  save FILE          write the script to a file
  help, quit
`;

const commands = ['delete', 'edit', 'help', 'list', 'load', 'quit', 'run', 'save', 'scenario', 'set', 'show'];
const starts = ['probe', 'function', 'global', 'private'];

/** Does the text end inside a brace or a string? */
export function isOpen(text: string): boolean {
  let depth = 0;
  const token = /"(?:[^"\\]|\\.)*("?)|\/\*[\s\S]*?(?:\*\/|$)|\/\/.*|#.*|[{}]/g;
  for (const match of text.matchAll(token)) {
    if (match[0] === '{') depth++;
    else if (match[0] === '}') depth--;
    else if (match[0].startsWith('"') && match[1] === '') return true;
  }
  return depth > 0;
}

/** Cuts a script into its top-level pieces. */
export function pieces(text: string): string[] {
  const result: string[] = [];
  for (const line of text.split('\n')) {
    const last = result.at(-1);
    if (last !== undefined && (isOpen(last) || !/^\s*(probe|function|global|private)\b/.test(line))) {
      result[result.length - 1] = `${last}\n${line}`;
    } else if (line.trim() !== '' || last !== undefined) {
      result.push(line);
    }
  }
  return result.map((piece) => piece.trim()).filter((piece) => piece !== '');
}

export async function interact(line: CommandLine, output: Output): Promise<number> {
  const session = new Interactive(line, output);
  await session.loop();
  return 0;
}

class Interactive {
  private line: CommandLine;
  private readonly output: Output;
  private script: string[] = [];
  private completer: Completer | null = null;
  private readonly options: string[] = [];

  constructor(line: CommandLine, output: Output) {
    this.line = line;
    this.output = output;
  }

  async loop(): Promise<void> {
    const history = existsSync(historyFile) ? readFileSync(historyFile, 'utf8').split('\n').filter(Boolean) : [];
    const terminal = createInterface({
      input: process.stdin,
      output: process.stderr,
      history: history.toReversed(),
      historySize,
      completer: (text: string): [string[], string] => this.complete(text),
    });
    terminal.on('history', (lines: string[]) => {
      try {
        writeFileSync(historyFile, lines.toReversed().join('\n') + '\n');
      } catch {
        // A home that cannot be written to has no history.
      }
    });
    this.output.message('tsprobe: "help" lists the commands.');
    let text = '';
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
    if (/^\w*$/.test(text)) return [[...commands, ...starts].filter((word) => word.startsWith(text)), text];
    this.completer ??= new Completer(openTarget(this.line.kernel).target);
    const { candidates, replaces } = this.completer.complete(text);
    return [candidates.map((candidate) => candidate.text), replaces === 0 ? '' : text.slice(-replaces)];
  }

  private async command(text: string, typeIn: (text: string) => void): Promise<void> {
    const [word = '', ...rest] = splitWords(text);
    const say = (message: string): void => this.output.message(message);
    if (starts.includes(word)) {
      this.script.push(text);
      return;
    }
    switch (word) {
      case '':
        return;
      case 'help':
        this.output.messages(help);
        return;
      case 'list':
        this.script.forEach((piece, i) => say(`${i + 1}: ${piece}`));
        return;
      case 'delete': {
        const gone = new Set(rest.map(Number));
        this.script = rest.includes('all') ? [] : this.script.filter((_, i) => !gone.has(i + 1));
        return;
      }
      case 'edit': {
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
      case 'show': {
        const patterns = [text.slice(word.length).trim()];
        const { listPoints } = await import('./list.js');
        listPoints({ ...this.line, patterns, mode: 'list-variables' }, this.output);
        return;
      }
      case 'run':
        if (rest.length > 0) this.line.scenario = rest;
        await this.run();
        return;
      default:
        say(`Unknown command "${word}"; "help" lists the commands.`);
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
      this.output.message(error instanceof Error ? error.message : String(error));
    }
  }

  private set(words: readonly string[]): void {
    try {
      const scenario = this.line.scenario;
      this.line = { ...parseCommandLine([...this.options, ...words]), scenario };
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
    await runScript({ ...this.line, mode: 'run', script: { text: this.script.join('\n') } }, this.output);
  }
}
