// The node of the routing trie and what each type of route means (net/ipv4/fib_lookup.h, fib_trie.c).

import { EACCES, EAGAIN, EHOSTUNREACH, EINVAL } from '../../include/linux/errno.js';
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RTN_MAX,
} from '../../include/linux/rtnetlink.js';
import type { fib_alias } from '../../include/net/ip_fib.js';
import type { int, s32, u32, u8 } from '../../include/linux/types.js';

/**
 * A node of the trie. An inner node (tnode not null) tells `bits` bits of the key apart, from bit `pos` up; a leaf has
 * bits 0 and the routes of all prefixes whose address is `key`. Keys are addresses in host order, kept as signed
 * numbers: one above 2^31 would be a heap object in V8, to be loaded at each node that a look-up passes.
 */
export class key_vector {
  key: s32;
  pos: u8;
  bits: u8;
  /** longest suffix (32 less the prefix length) of a route below this node */
  slen: u8;
  /** of a leaf: its routes, the longest prefix first */
  leaf: fib_alias | null = null;
  /** of an inner node: 2^bits children */
  tnode: (key_vector | null)[] | null;
  parent: key_vector | null = null;
  empty_children: int = 0;
  full_children: int = 0;

  constructor(key: u32, pos: u8, bits: u8, tnode: (key_vector | null)[] | null) {
    this.key = key | 0;
    this.pos = pos;
    this.bits = bits;
    this.slen = pos;
    this.tnode = tnode;
    if (tnode !== null) this.empty_children = tnode.length;
  }
}

export interface fib_prop {
  /** 0, or the negative errno that a look-up gives */
  readonly error: int;
  readonly scope: u8;
}

/** By RTN_*. */
export const fib_props: readonly fib_prop[] = [
  { error: 0, scope: RT_SCOPE_NOWHERE },
  { error: 0, scope: RT_SCOPE_UNIVERSE },
  { error: 0, scope: RT_SCOPE_HOST },
  { error: 0, scope: RT_SCOPE_LINK },
  { error: 0, scope: RT_SCOPE_LINK },
  { error: 0, scope: RT_SCOPE_UNIVERSE },
  { error: -EINVAL, scope: RT_SCOPE_UNIVERSE },
  { error: -EHOSTUNREACH, scope: RT_SCOPE_UNIVERSE },
  { error: -EACCES, scope: RT_SCOPE_UNIVERSE },
  { error: -EAGAIN, scope: RT_SCOPE_UNIVERSE },
  { error: -EINVAL, scope: RT_SCOPE_NOWHERE },
  { error: -EINVAL, scope: RT_SCOPE_NOWHERE },
];

export const fib_props_max = RTN_MAX;
