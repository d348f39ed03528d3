// Control messages beside a receive's data (net/core/scm.c). Passing file descriptors and credentials is left out.

export { put_cmsg } from './sock/cmsg.js';
