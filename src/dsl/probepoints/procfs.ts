/** procfs("path").read / .write: files below /proc/systemtap/MODULE. Read beside it: stapprobes(3stap), "PROCFS". */
import type { PointProvider, PointRequest, ProviderValue } from './provider.js';

const bases = ['procfs', 'procfs(string)'].flatMap((b) => [b, `${b}.umask(number)`]);

const value: ProviderValue = { name: 'value', type: { kind: 'chars', length: 0 }, script: 'string' };
const unreadable = 'procfs $value variable cannot be read in a procfs read probe';
const unwritable = 'procfs $value variable is read-only in a procfs write probe';

function build(request: PointRequest): void {
  const direction = request.has('read') ? 'read' : 'write';
  const path = request.text.startsWith('procfs(') ? request.string('procfs') : 'command';
  if (path.startsWith('/') || path.split('/').includes('..'))
    request.fail(`procfs path cannot ${path.startsWith('/') ? "start with a '/'" : "contain '..'"}`);
  if (path.split('/').some((part) => part === '' || part === '.'))
    request.fail("procfs path cannot be empty or contain './'");
  const umask = request.has('umask') ? Number(request.number('umask')) : direction === 'read' ? 0o400 : 0o200;
  const maxsize = request.has('maxsize') ? Number(request.number('maxsize')) : 0;
  if (request.has('maxsize') && maxsize <= 0) request.fail('maxsize must be greater than 0');
  request.emit({
    text: request.text,
    detail: { provider: 'procfs', path, direction, umask, maxsize },
    scope: {
      symbol: null,
      when: 'entry',
      line: 0,
      values: [direction === 'read' ? { ...value, writable: true, unreadable } : { ...value, unwritable }],
      missing: 'invalid target symbol for procfs probe, $value expected',
    },
    interruptible: true,
  });
}

export const procfs: PointProvider = {
  patterns: bases.flatMap((b) => [`${b}.read`, `${b}.read.maxsize(number)`, `${b}.write`]),
  doc: 'a file of the script: read gives $value, write takes it',
  build,
};
