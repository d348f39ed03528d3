// Output to files: order of the two streams, what is called on the way, and what happens when nothing can be written.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DescriptorOutput } from '#tsprobe/runtime/output.js';

let folder: string;
let file: string;
let descriptor: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsprobe-'));
  file = join(folder, 'out');
  descriptor = openSync(file, 'w');
});
afterEach(() => {
  closeSync(descriptor);
  rmSync(folder, { recursive: true });
});

test('a message comes behind what was printed before it; both make way first', () => {
  const output = new DescriptorOutput(descriptor, descriptor);
  let calls = 0;
  output.makeWay = () => calls++;
  output.dress = (text) => text.toUpperCase();
  output.print('one ');
  output.print('two\n');
  expect(calls).toBe(0);
  output.message('three');
  output.print('four\n');
  output.flush();
  expect(readFileSync(file, 'latin1')).toBe('one two\nTHREE\nfour\n');
  expect(calls).toBe(3);
});

test('a full disk is told once, and the rest is dropped', () => {
  const full = openSync('/dev/full', 'w');
  const output = new DescriptorOutput(full, descriptor);
  const codes: string[] = [];
  output.onClosed = (code) => codes.push(code);
  output.print('one');
  output.flush();
  output.print('two');
  output.flush();
  closeSync(full);
  expect(codes).toEqual(['ENOSPC']);
});
