// The programs that every host has, by name.

import type { Program } from '../process.js';
import { ping } from '../apps/ping.js';
import { sh } from './sh.js';

const programs: Readonly<Record<string, Program>> = { ping, sh };

/** @param name with or without a directory */
export function findProgram(name: string): Program | undefined {
  const base = name.replace(/.*\//, '');
  return Object.hasOwn(programs, base) ? programs[base] : undefined;
}

export function programNames(): string[] {
  return Object.keys(programs).sort();
}
