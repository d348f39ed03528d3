// The backquoted commands of packetdrill scripts, run by the host's shell (lab/shell/). The scripts that the public
// suites bring along are recognised by their names: one of defaults, a setter of sysctls with the restore that it
// leaves behind. A command that we do not have makes the script unsupported, never passed.

import { strerror } from '../../stack/include/linux/errno.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { sysctl_read, sysctl_write } from '../../stack/kernel/sysctl.js';
import type { Host } from '../host.js';
import { Process, type Program } from '../process.js';
import { findProgram } from '../shell/path.js';
import { shellWith } from '../shell/sh.js';
import { PacketdrillFailure, PacketdrillUnsupported } from './failure.js';

/** What the common script of defaults sets. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'net.ipv4.tcp_rmem': '4096 540000 15728640',
  'net.ipv4.tcp_wmem': '4096 262144 4194304',
  'net.ipv4.tcp_timestamps': '1',
  'net.ipv4.tcp_window_scaling': '1',
  'net.ipv4.tcp_syn_retries': '5',
  'net.ipv4.tcp_synack_retries': '5',
  'net.ipv4.tcp_frto': '2',
  'net.ipv4.tcp_sack': '1',
  'net.ipv4.tcp_dsack': '1',
  'net.ipv4.tcp_reordering': '3',
  'net.ipv4.tcp_congestion_control': 'cubic',
  'net.ipv4.tcp_slow_start_after_idle': '0',
  'net.ipv4.tcp_early_retrans': '4',
  'net.ipv4.tcp_recovery': '1',
  'net.ipv4.tcp_tso_win_divisor': '3',
  'net.ipv4.tcp_ecn': '0',
  'net.ipv4.tcp_pacing_ss_ratio': '200',
  'net.ipv4.tcp_pacing_ca_ratio': '120',
  'net.ipv4.tcp_notsent_lowat': '4294967295',
  'net.ipv4.tcp_mtu_probing': '0',
  'net.ipv4.tcp_fastopen': '0x70403',
  'net.ipv4.tcp_fastopen_key': 'a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4',
  'net.ipv4.tcp_syncookies': '1',
};

/** Commands after the sysctls of the script of defaults; those that fail are passed over. */
const DEFAULT_COMMANDS: readonly string[] = ['ip tcp_metrics flush all', 'tc qdisc replace dev tun0 root pfifo'];

/** The commands of one script's shell lines. */
class ScriptPrograms {
  /** Names of what the shell lines used and what there is not. */
  readonly lacking: string[] = [];
  /** Values as a setter of sysctls found them, for its restore. */
  private readonly changed = new Map<string, string>();
  private readonly special: Readonly<Record<string, Program>>;

  constructor() {
    const lacking = (name: string): void => this.missing(name);
    const set = (process: Process): Task<number> => this.setSysctls(process);
    this.special = {
      'defaults.sh': (process) => this.defaults(process),
      'set_sysctls.py': set,
      'set_sysctls.sh': set,
      'set_sysctl.py': set,
      bash: (process) => this.interpreter(process),
      sh: (process) => this.interpreter(process),
      python: (process) => this.interpreter(process),
      python3: (process) => this.interpreter(process),
      '.': (process) => this.interpreter(process),
      source: (process) => this.interpreter(process),
      ip: changeRoute,
      *sysctl(process) {
        const ignore = process.argv.some((word) => /^-\w*e/.test(word));
        for (const word of ignore ? [] : process.argv.slice(1)) {
          const name = word.replace(/=.*/s, '').trim();
          if (process.argv.some((other) => /^-[anqw]*e/.test(other))) break;
          if (!word.startsWith('-') && sysctl_read(process.host.kernel, name) === null) lacking(`sysctl ${name}`);
        }
        return yield* run(process, 'sysctl');
      },
    };
  }

  find(name: string): Program | undefined {
    const base = name.replace(/.*\/(?=.)/, '');
    if (/^sysctl_restore_\w*\.sh$/.test(base)) return (process) => this.restore(process);
    return Object.hasOwn(this.special, base) ? this.special[base] : findProgram(base);
  }

  missing(name: string): void {
    this.lacking.push(name);
  }

  /** A shell or Python in front of one of the suites' scripts; a shell with commands or a file of its own. */
  private *interpreter(process: Process): Task<number> {
    const [name, script, ...args] = process.argv;
    const known = script === undefined || script.startsWith('-') ? undefined : this.find(script);
    if (known !== undefined)
      return yield* known(Object.create(process, { argv: { value: [script, ...args] } }) as Process);
    if (!name.startsWith('python')) return yield* shellWith(this)(process);
    this.missing(`${name} ${script ?? ''}`.trim());
    return 1;
  }

  private *defaults(process: Process): Task<number> {
    const { host } = process;
    for (const [name, value] of Object.entries(DEFAULTS)) {
      const error = sysctl_write(host.kernel, name, value);
      if (error < 0) process.stderr(`sysctl ${name}: ${strerror(error)}\n`);
    }
    for (const line of DEFAULT_COMMANDS) {
      const [name, ...args] = line.split(' ');
      yield* run(process, name, args);
    }
    return 0;
  }

  /** set_sysctls.py /proc/sys/net/ipv4/NAME=VALUE… */
  private *setSysctls(process: Process): Task<number> {
    const { kernel } = process.host;
    for (const word of process.argv.slice(1)) {
      const [, name, value] = /^(?:\/proc\/sys\/)?([^=]+)=(.*)$/s.exec(word) ?? [];
      if (name === undefined) continue;
      const path = name.replaceAll('.', '/');
      const before = sysctl_read(kernel, path);
      if (before === null) {
        this.missing(`sysctl ${name}`);
        return 1;
      }
      if (!this.changed.has(path)) this.changed.set(path, before);
      const error = sysctl_write(kernel, path, value);
      if (error < 0) {
        process.stderr(`${word}: ${strerror(error)}\n`);
        return 1;
      }
    }
    return 0;
  }

  private *restore(process: Process): Task<number> {
    for (const [path, value] of this.changed) sysctl_write(process.host.kernel, path, value);
    this.changed.clear();
    return 0;
  }
}

/** Runs one of the host's own programs in the place of the one that asks. */
function* run(process: Process, name: string, args: readonly string[] = process.argv.slice(1)): Task<number> {
  const program = findProgram(name);
  if (program === undefined) return 127;
  const given = { value: [name, ...args] };
  return yield* program(Object.create(process, { argv: given }) as Process);
}

/**
 * `ip route change` of a route that there is not adds it: whether the remote network stands in the table whole or as
 * one address depends on how the original is called.
 */
function* changeRoute(process: Process): Task<number> {
  const args = process.argv.slice(1);
  const at = args.findIndex((word, i) => i > 0 && word.length > 1 && 'change'.startsWith(word));
  if (at !== 1 || !/^r/.test(args[0])) return yield* run(process, 'ip', args);
  return yield* run(process, 'ip', [args[0], 'replace', ...args.slice(2)]);
}

/** Messages of commands that stand for something left out, not for a mistake. */
const LEFT_OUT = /is not supported|is unknown|invalid option|unrecognized option|Cannot change/;

/** The shell lines of one script. */
export class ScriptShell {
  private readonly host: Host;
  private readonly programs = new ScriptPrograms();

  constructor(host: Host) {
    this.host = host;
  }

  /**
   * Runs the text between backquotes: yields until it has ended.
   * @throws PacketdrillFailure if its status is not 0, PacketdrillUnsupported for what there is not
   */
  *run(text: string): Generator<void, void, void> {
    let errors = '';
    const ignore = (): void => {};
    const process = new Process(this.host, shellWith(this.programs), ['sh', '-c', text], ignore, (more) => {
      errors += more;
    });
    while (process.exitStatus === null) yield;
    const [lacking] = this.programs.lacking;
    const status = process.exitStatus;
    if (lacking !== undefined) {
      throw new PacketdrillUnsupported(/^(sysctl |\/sys\/)/.test(lacking) ? lacking : `command ${lacking}`);
    }
    if (status === 0) return;
    const because = errors.trim();
    if (LEFT_OUT.test(because)) throw new PacketdrillUnsupported(`command \`${text.trim()}\`: ${because}`);
    throw new PacketdrillFailure(
      `error executing \`${text.trim()}\` command: non-zero status ${status}${because === '' ? '' : `: ${because}`}`,
    );
  }
}
