/** begin, end, error, never: points in the life of the session. Read beside it: stapprobes(3stap). */
import { noScope } from './provider.js';
import type { PointProvider, PointRequest } from './provider.js';

function lifetime(provider: 'begin' | 'end' | 'error') {
  return (request: PointRequest): void => {
    const priority = request.number(provider);
    request.emit({
      text: request.text,
      detail: { provider, priority: Number(priority) },
      scope: noScope,
      interruptible: true,
    });
  };
}

export const begin: PointProvider = {
  patterns: ['begin', 'begin(number)'],
  doc: 'start of the session, in order of the numbers (0 without)',
  build: lifetime('begin'),
};
export const end: PointProvider = {
  patterns: ['end', 'end(number)'],
  doc: 'end of the session',
  build: lifetime('end'),
};
export const error: PointProvider = {
  patterns: ['error', 'error(number)'],
  doc: 'end of a session that an error ended',
  build: lifetime('error'),
};
export const never: PointProvider = {
  patterns: ['never'],
  doc: 'never runs, but is checked like any probe',
  build: (request) =>
    request.emit({
      text: 'never',
      detail: { provider: 'never' },
      scope: noScope,
      interruptible: true,
    }),
};
