// Socket filters: classic BPF programs, checked when they are attached (net/core/filter.c; McCanne and Jacobson,
// "The BSD Packet Filter", 1993). Extended BPF is left out.

import { current_kernel } from '../../kernel/current.js';
import { EINVAL, ENOENT, EPERM } from '../../include/linux/errno.js';
import { ntohs } from '../../include/linux/byteorder.js';
import * as B from '../../include/linux/filter.js';
import { sk_filter, sock_filter } from '../../include/linux/filter.js';
import { get_random_u32 } from '../../include/linux/random.js';
import { pskb_trim } from '../../include/linux/skbuff/room.js';
import { skb_get_hash, skb_vlan_tag_present } from '../../include/linux/skbuff/meta.js';
import type { sk_buff } from '../../include/linux/skbuff/struct.js';
import type { int, u32, uint } from '../../include/linux/types.js';
import { SOCK_FILTER_LOCKED, sock_flag } from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock/struct.js';
import { skb_copy_bits } from './skbuff/bits.js';

const scratch_bytes = 4;

/** Whether every jump stays inside, every memory slot exists, no constant divides by zero, and it ends in a return. */
export function bpf_check_classic(prog: readonly sock_filter[]): int {
  if (prog.length === 0 || prog.length > B.BPF_MAXINSNS) return -EINVAL;
  for (let pc = 0; pc < prog.length; pc++) {
    const { code, jt, jf, k } = prog[pc];
    const cls = code & 7;
    if (code > 0xff) return -EINVAL;
    if (cls === B.BPF_ALU) {
      const op = code & 0xf0;
      if (op > B.BPF_XOR) return -EINVAL;
      if ((op === B.BPF_DIV || op === B.BPF_MOD) && (code & 8) === B.BPF_K && k === 0) return -EINVAL;
      if ((op === B.BPF_LSH || op === B.BPF_RSH) && (code & 8) === B.BPF_K && k >= 32) return -EINVAL;
    } else if (cls === B.BPF_JMP) {
      const op = code & 0xf0;
      if (op === B.BPF_JA) {
        if (k >= prog.length - pc - 1) return -EINVAL;
      } else if (op > B.BPF_JSET || pc + jt + 1 >= prog.length || pc + jf + 1 >= prog.length) {
        return -EINVAL;
      }
    } else if (cls === B.BPF_ST || cls === B.BPF_STX) {
      if (k >= B.BPF_MEMWORDS) return -EINVAL;
    } else if (cls === B.BPF_LD || cls === B.BPF_LDX) {
      const mode = code & 0xe0;
      if (mode === B.BPF_MEM && k >= B.BPF_MEMWORDS) return -EINVAL;
      if (mode > B.BPF_MSH || (mode === B.BPF_MSH && cls !== B.BPF_LDX) || (code & 0x18) === 0x18) return -EINVAL;
    }
  }
  return (prog[prog.length - 1].code & 7) === B.BPF_RET ? 0 : -EINVAL;
}

/** @notrace */
function ancillary(skb: sk_buff, offset: u32): u32 | null {
  switch (offset) {
    case B.SKF_AD_PROTOCOL:
      return ntohs(skb.protocol);
    case B.SKF_AD_PKTTYPE:
      return skb.pkt_type;
    case B.SKF_AD_IFINDEX:
      return skb.dev?.ifindex ?? 0;
    case B.SKF_AD_HATYPE:
      return skb.dev?.type ?? 0;
    case B.SKF_AD_MARK:
      return skb.mark;
    case B.SKF_AD_QUEUE:
      return skb.queue_mapping;
    case B.SKF_AD_RXHASH:
      return skb_get_hash(skb);
    case B.SKF_AD_CPU:
      return 0;
    case B.SKF_AD_VLAN_TAG:
      return skb.vlan_tci;
    case B.SKF_AD_VLAN_TAG_PRESENT:
      return skb_vlan_tag_present(skb) ? 1 : 0;
    case B.SKF_AD_RANDOM:
      return get_random_u32(current_kernel());
    default:
      return null;
  }
}

/** A load from the packet in network byte order. @returns null if it lies outside @notrace */
function load(skb: sk_buff, k: u32, bytes: int): u32 | null {
  let offset = k;
  if (k >= B.SKF_AD_OFF) return ancillary(skb, k - B.SKF_AD_OFF);
  if (k >= B.SKF_NET_OFF) offset = skb.network_header - skb.data + (k - B.SKF_NET_OFF);
  else if (k >= B.SKF_LL_OFF) offset = skb.mac_header - skb.data + (k - B.SKF_LL_OFF);
  let buf = skb.head;
  let at = skb.data + offset;
  if (at < 0) return null;
  if (offset + bytes > skb.len - skb.data_len) {
    buf = new Uint8Array(scratch_bytes);
    at = 0;
    if (skb_copy_bits(skb, offset, buf, 0, bytes) < 0) return null;
  }
  let value = 0;
  for (let i = 0; i < bytes; i++) value = value * 256 + buf[at + i];
  return value;
}

/** @notrace */
function size_of(code: number): int {
  return (code & 0x18) === B.BPF_W ? 4 : (code & 0x18) === B.BPF_H ? 2 : 1;
}

/** @notrace */
function alu(op: number, A: u32, operand: u32): u32 | null {
  switch (op) {
    case B.BPF_ADD:
      return (A + operand) >>> 0;
    case B.BPF_SUB:
      return (A - operand) >>> 0;
    case B.BPF_MUL:
      return Math.imul(A, operand) >>> 0;
    case B.BPF_DIV:
      return operand === 0 ? null : Math.floor(A / operand);
    case B.BPF_MOD:
      return operand === 0 ? null : A % operand;
    case B.BPF_OR:
      return (A | operand) >>> 0;
    case B.BPF_AND:
      return (A & operand) >>> 0;
    case B.BPF_XOR:
      return (A ^ operand) >>> 0;
    case B.BPF_LSH:
      return operand > 31 ? 0 : (A << operand) >>> 0;
    case B.BPF_RSH:
      return operand > 31 ? 0 : A >>> operand;
    default:
      return -A >>> 0;
  }
}

/** @notrace */
function jump(op: number, A: u32, operand: u32): boolean {
  switch (op) {
    case B.BPF_JEQ:
      return A === operand;
    case B.BPF_JGT:
      return A > operand;
    case B.BPF_JGE:
      return A >= operand;
    default:
      return (A & operand) !== 0;
  }
}

/** Runs a program that was checked. @returns how many bytes of the packet are wanted, 0: none */
export function bpf_prog_run(prog: readonly sock_filter[], skb: sk_buff): u32 {
  let A = 0;
  let X = 0;
  const M: number[] = new Array<number>(B.BPF_MEMWORDS).fill(0);
  for (let pc = 0; pc < prog.length; pc++) {
    const { code, jt, jf, k } = prog[pc];
    switch (code & 7) {
      case B.BPF_LD: {
        const mode = code & 0xe0;
        let value: u32 | null;
        if (mode === B.BPF_ABS) value = load(skb, k, size_of(code));
        else if (mode === B.BPF_IND) value = load(skb, (X + k) >>> 0, size_of(code));
        else if (mode === B.BPF_LEN) value = skb.len;
        else value = mode === B.BPF_MEM ? M[k] : k;
        if (value === null) return 0;
        A = value;
        break;
      }
      case B.BPF_LDX: {
        const mode = code & 0xe0;
        if (mode === B.BPF_MSH) {
          const value = load(skb, k, 1);
          if (value === null) return 0;
          X = (value & 0xf) * 4;
        } else {
          X = mode === B.BPF_LEN ? skb.len : mode === B.BPF_MEM ? M[k] : k;
        }
        break;
      }
      case B.BPF_ST:
        M[k] = A;
        break;
      case B.BPF_STX:
        M[k] = X;
        break;
      case B.BPF_ALU: {
        const value = alu(code & 0xf0, A, (code & 8) !== 0 ? X : k);
        if (value === null) return 0;
        A = value;
        break;
      }
      case B.BPF_JMP:
        if ((code & 0xf0) === B.BPF_JA) pc += k;
        else pc += jump(code & 0xf0, A, (code & 8) !== 0 ? X : k) ? jt : jf;
        break;
      case B.BPF_RET:
        return (code & 0x18) === B.BPF_A ? A : k;
      default:
        if ((code & 0xf8) === B.BPF_TXA) A = X;
        else X = A;
    }
  }
  return 0;
}

/**
 * Asks the socket's filter, and cuts the packet to what it wants.
 * @param cap bytes that are kept at least
 * @returns 0, or -EPERM if the packet is not wanted
 * @EXPORT_SYMBOL
 */
export function sk_filter_trim_cap(sk: sock, skb: sk_buff, cap: uint): int {
  const filter = sk.sk_filter;
  if (filter === null) return 0;
  const pkt_len = bpf_prog_run(filter.prog, skb);
  return pkt_len !== 0 ? pskb_trim(skb, Math.max(cap, pkt_len)) : -EPERM;
}

/** @notrace */
export function sk_filter_charge(_sk: sock, fp: sk_filter): void {
  fp.refcnt++;
}

export function sk_filter_uncharge(_sk: sock, fp: sk_filter): void {
  fp.refcnt--;
}

/** Attaches a program. @returns 0 or a negative errno @EXPORT_SYMBOL */
export function sk_attach_filter(prog: readonly sock_filter[], sk: sock): int {
  if (sock_flag(sk, SOCK_FILTER_LOCKED)) return -EPERM;
  const err = bpf_check_classic(prog);
  if (err !== 0) return err;
  const old = sk.sk_filter;
  sk.sk_filter = new sk_filter(prog.slice());
  if (old !== null) sk_filter_uncharge(sk, old);
  return 0;
}

/** SO_ATTACH_FILTER: instructions of 8 bytes each (code, jt, jf, k), where x86 has a pointer to them. */
export function sk_attach_filter_bytes(sk: sock, optval: Uint8Array, optlen: int): int {
  if (optlen === 0 || optlen % 8 !== 0) return -EINVAL;
  const view = new DataView(optval.buffer, optval.byteOffset, optlen);
  const prog: sock_filter[] = [];
  for (let at = 0; at < optlen; at += 8) {
    prog.push(new sock_filter(view.getUint16(at, true), optval[at + 2], optval[at + 3], view.getUint32(at + 4, true)));
  }
  return sk_attach_filter(prog, sk);
}

/** @EXPORT_SYMBOL */
export function sk_detach_filter(sk: sock): int {
  if (sock_flag(sk, SOCK_FILTER_LOCKED)) return -EPERM;
  const filter = sk.sk_filter;
  if (filter === null) return -ENOENT;
  sk.sk_filter = null;
  sk_filter_uncharge(sk, filter);
  return 0;
}
