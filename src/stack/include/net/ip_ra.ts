// Sockets that want packets with the router alert option (struct ip_ra_chain of include/net/ip.h).

import type { sock } from './sock.js';

export class ip_ra_chain {
  next: ip_ra_chain | null = null;
  sk: sock;

  constructor(sk: sock) {
    this.sk = sk;
  }
}
