// Kernel objects of a run without a target: there are none, so that every address faults.
import type { KernelObjects } from './environment.js';
import { ScriptError } from './errors.js';

const nothing = (): never => {
  throw new ScriptError('read fault [man error::fault] at 0x0');
};

export const noObjects: KernelObjects = {
  toLong: (value) => (typeof value === 'number' || typeof value === 'bigint' ? value : value === true ? 1 : 0),
  place: (address) => address,
  fieldAddress: nothing,
  elementAddress: nothing,
  at: () => undefined,
  element: nothing,
  store: nothing,
  storeElement: nothing,
  fromLong: (value) => value,
  pretty: nothing,
  variable: nothing,
  memory: () => undefined,
  symbolAt: () => undefined,
  addressOf: () => undefined,
  backtrace: () => [],
};
