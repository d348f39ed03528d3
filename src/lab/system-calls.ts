// The lab's system calls as one object, for users of the library: libc.socket(…), yield* libc.sendto(…).

import * as calls from './libc.js';

export const libc = { ...calls };
