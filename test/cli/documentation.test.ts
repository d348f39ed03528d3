// The page about the command line shows the options that there are.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { helpText } from '#tsprobe/cli/options.js';

test('docs/command-line.md holds the text of --help', () => {
  const page = readFileSync(fileURLToPath(new URL('../../docs/command-line.md', import.meta.url)), 'utf8');
  expect(page).toContain(helpText().trimEnd());
});
