/** kernel.data("symbol" or address).write / .rw: a watch on a field. Read beside it: stapprobes(3stap), "HARDWARE BREAKPOINTS". */
import type { PointProvider, PointRequest } from './provider.js';
import { noScope } from './provider.js';

function build(request: PointRequest): void {
  const symbol = request.string('data');
  const length = request.has('length') ? Number(request.number('length')) : 8;
  if (symbol === '' && request.number('data') === 0n) request.fail('invalid hardware breakpoint address');
  const variable = /^\w*/.exec(symbol)?.[0] ?? '';
  if (symbol !== '' && !request.target.variables.some((v) => v.name === variable))
    request.fail(`unable to find symbol '${variable}'`);
  request.emit({
    text: request.text,
    detail: {
      provider: 'data',
      symbol: symbol !== '' ? symbol : request.number('data'),
      access: request.has('rw') ? 'rw' : 'write',
      length,
    },
    scope: noScope,
    interruptible: false,
  });
}

export const data: PointProvider = {
  patterns: ['write', 'rw'].flatMap((access) => [
    `kernel.data(string).${access}`,
    `kernel.data(number).${access}`,
    `kernel.data(number).length(number).${access}`,
  ]),
  doc: 'a watch on a variable or a field: VARIABLE.field or an address',
  build,
};
