// A lab: hosts that share a virtual clock, the links between them, and the loop that runs it all. A user's
// own lab is a module that uses this API (examples/). What is left out: real time (a run takes no longer
// than its work) and physical layers.

import { EventQueue } from '../stack/kernel/events.js';
import { Host, type HostOptions } from './host.js';
import { connectHosts, type Link, type LinkEnd } from './link.js';
import type { Process } from './process.js';

export type Stream = 'stdout' | 'stderr';

export interface LabOptions {
  /** Seed of all random streams; 1 unless given. */
  seed?: number;
  /** ns since 1970 at virtual time 0. */
  epoch_ns?: bigint;
  /** Timer interrupts a second on each host; 1000 unless given. */
  HZ?: number;
  /**
   * Opens a file that a program leaves to the lab's user (`tcpdump -w FILE`).
   * @returns what takes its bytes, piece by piece
   */
  openFile?: (path: string) => (data: Uint8Array) => void;
  /** Receives what programs write. */
  output?: (text: string, stream: Stream, process: Process) => void;
}

export class Lab {
  readonly events = new EventQueue();
  readonly seed: number;
  readonly options: LabOptions;
  readonly hosts = new Map<string, Host>();
  /** Programs whose end is the end of the scenario. */
  private readonly foreground = new Set<Process>();
  /** What went wrong in a program: a fault of the model, or of a user's own program. */
  readonly faults: unknown[] = [];

  constructor(options: LabOptions = {}) {
    this.options = options;
    this.seed = options.seed ?? 1;
  }

  /** ns of virtual time. */
  get now(): number {
    return this.events.now;
  }

  /** Adds a host and boots it. */
  addHost(name: string, options: HostOptions = {}): Host {
    if (this.hosts.has(name)) throw new Error(`there is a host ${name} already`);
    const host = new Host(this, name, options);
    this.hosts.set(name, host);
    return host;
  }

  /**
   * Joins two hosts by a link: each gets a device of the given name, down and without addresses.
   * @param netem words of netem's options for both directions, e.g. `delay 10ms loss 1%`; '' for a plain wire
   */
  connect(a: LinkEnd, b: LinkEnd, netem = ''): Link {
    return connectHosts(a, b, netem);
  }

  /** @returns the host of that name; throws, naming those there are */
  host(name: string): Host {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`no host ${name}; there are: ${[...this.hosts.keys()].join(', ')}`);
    return host;
  }

  /**
   * Programs written for Node's own event loop that are at work on the lab's sockets: while there are any, the
   * loop gets to settle before the clock moves on.
   */
  realPrograms = 0;

  /** ns that a run goes on after its programs have ended: what they closed takes leave on the wire. */
  linger = 1_000_000;

  /** The run lasts at least `ns` nanoseconds beyond the end of its programs. */
  lingerFor(ns: number): void {
    this.linger = Math.max(this.linger, ns);
  }

  /** The scenario lasts until this program, too, has ended. */
  awaitProcess(process: Process): void {
    this.foreground.add(process);
    process.onExit(() => this.foreground.delete(process));
  }

  /** The first program that the scenario waits for, while it runs. */
  get program(): Process | undefined {
    return this.foreground.values().next().value;
  }

  /** Whether all foreground programs have ended. */
  get finished(): boolean {
    return this.foreground.size === 0;
  }

  /** Runs events up to a time, in ns; the clock is left there. */
  runUntil(time: number): void {
    this.events.runUntil(time);
  }

  /**
   * Runs until all foreground programs have ended, then `linger` ns more.
   * @returns false if nothing is left to happen while a program still waits
   */
  runToEnd(): boolean {
    while (!this.finished) {
      if (!this.events.runNext()) return false;
    }
    this.events.runUntil(this.events.now + this.linger);
    return true;
  }
}
