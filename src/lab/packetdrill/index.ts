// packetdrill: reading and running scripts. One script, one lab, one result.

import { Lab, type LabOptions } from '../lab.js';
import { PacketdrillFailure, PacketdrillUnsupported } from './failure.js';
import { PacketdrillSyntaxError } from './lexer.js';
import { applyOption, defaultOptions, type RunOptions } from './options.js';
import { parseScript } from './parser.js';
import { PacketdrillRun } from './run.js';

export type PacketdrillStatus = 'passed' | 'failed' | 'unsupported';

export interface PacketdrillResult {
  readonly file: string;
  readonly status: PacketdrillStatus;
  /** '' for a pass. */
  readonly message: string;
  /** What the script's code printed. */
  readonly printed: string;
}

/** A script read and its host set up, ready to run: probes can be attached in between. */
export class PacketdrillTest {
  readonly lab: Lab;
  private readonly file: string;
  private readonly text: string;
  private readonly given: readonly (readonly [name: string, value: string])[];
  private run: PacketdrillRun | null = null;
  private early: PacketdrillResult | null = null;
  private printed = '';

  /** @param given options of the command line, which go before the script's own */
  constructor(
    file: string,
    text: string,
    given: readonly (readonly [string, string])[],
    labOptions: LabOptions = {},
    lab?: Lab,
  ) {
    this.file = file;
    this.text = text;
    this.given = given;
    this.lab = lab ?? new Lab(labOptions);
  }

  private result(status: PacketdrillStatus, message: string): PacketdrillResult {
    return { file: this.file, status, message, printed: this.printed };
  }

  private judge(action: () => void): PacketdrillResult | null {
    try {
      action();
      return null;
    } catch (fault) {
      if (fault instanceof PacketdrillFailure) return this.result('failed', fault.message);
      if (fault instanceof PacketdrillUnsupported) return this.result('unsupported', fault.message);
      if (fault instanceof PacketdrillSyntaxError)
        return this.result('failed', `${this.file}:${fault.line}: ${fault.message}`);
      throw fault;
    }
  }

  /** Reads the script and sets the host up. */
  prepare(): void {
    this.early = this.judge(() => {
      if (/[-_]v6\.pkt$/.test(this.file)) throw new PacketdrillUnsupported(`${this.file}: IPv6`);
      const options: RunOptions = defaultOptions();
      const given = (): void => {
        for (const [name, value] of this.given) applyOption(options, { line: 0, name, value });
      };
      given();
      const script = parseScript(this.file, this.text, options.definitions);
      for (const option of script.options) applyOption(options, option);
      // The command line has the last word, but a script's wider tolerance stays.
      const { tolerance } = options;
      given();
      if (tolerance !== null) options.tolerance = Math.max(tolerance, options.tolerance ?? 0);
      this.run = new PacketdrillRun(this.lab, script, options, (line) => {
        this.printed += `${line}\n`;
      });
    });
  }

  execute(): PacketdrillResult {
    if (this.early !== null || this.run === null) return this.early ?? this.result('failed', 'not prepared');
    const { run } = this;
    return this.judge(() => run.run()) ?? this.result('passed', '');
  }
}

/** Runs one script in a lab of its own. */
export function runPacketdrill(
  file: string,
  text: string,
  given: readonly (readonly [string, string])[] = [],
  labOptions: LabOptions = {},
): PacketdrillResult {
  const test = new PacketdrillTest(file, text, given, labOptions);
  test.prepare();
  return test.execute();
}
