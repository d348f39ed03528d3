/** __input.char and __input.line, behind the tapset's input.char and input.line: what is typed while the script runs. Read beside it: stapprobes(3stap), "INPUT". */
import type { PointProvider, PointRequest } from './provider.js';

const make = (event: 'char' | 'line') => (request: PointRequest) =>
  request.emit({
    text: `input.${event}`,
    detail: { provider: 'input', event },
    scope: {
      symbol: null,
      when: 'entry',
      line: 0,
      values: [{ name: event, type: { kind: 'chars', length: 0 }, script: 'string' }],
    },
    interruptible: true,
  });

export const inputChar: PointProvider = {
  patterns: ['__input.char'],
  doc: 'a character from the standard input, in $char',
  build: make('char'),
};
export const inputLine: PointProvider = {
  patterns: ['__input.line'],
  doc: 'a line from the standard input, in $line',
  build: make('line'),
};
