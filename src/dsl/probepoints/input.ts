/** input.char and input.line: what is typed while the script runs. Read beside it: stapprobes(3stap), "INPUT". */
import type { PointProvider, PointRequest } from './provider.js';

const make = (event: 'char' | 'line') => (request: PointRequest) =>
  request.emit({
    text: request.text,
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
  patterns: ['input.char'],
  doc: 'a character from the standard input, in $char',
  build: make('char'),
};
export const inputLine: PointProvider = {
  patterns: ['input.line'],
  doc: 'a line from the standard input, in $line',
  build: make('line'),
};
