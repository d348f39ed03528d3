// Socket filters (include/linux/filter.h, include/uapi/linux/filter.h; McCanne and Jacobson, "The BSD Packet
// Filter"): classic BPF. Extended BPF is left out.

import type { u16, u32, u8 } from './types.js';

/** One instruction. */
export class sock_filter {
  readonly code: u16;
  readonly jt: u8;
  readonly jf: u8;
  readonly k: u32;

  constructor(code: u16, jt: u8, jf: u8, k: u32) {
    this.code = code;
    this.jt = jt;
    this.jf = jf;
    this.k = k >>> 0;
  }
}

/** A program attached to a socket. */
export class sk_filter {
  refcnt = 1;
  readonly prog: readonly sock_filter[];

  constructor(prog: readonly sock_filter[]) {
    this.prog = prog;
  }
}

export const BPF_MAXINSNS = 4096;
export const BPF_MEMWORDS = 16;

export const BPF_LD = 0x00;
export const BPF_LDX = 0x01;
export const BPF_ST = 0x02;
export const BPF_STX = 0x03;
export const BPF_ALU = 0x04;
export const BPF_JMP = 0x05;
export const BPF_RET = 0x06;
export const BPF_MISC = 0x07;

export const BPF_W = 0x00;
export const BPF_H = 0x08;
export const BPF_B = 0x10;
export const BPF_IMM = 0x00;
export const BPF_ABS = 0x20;
export const BPF_IND = 0x40;
export const BPF_MEM = 0x60;
export const BPF_LEN = 0x80;
export const BPF_MSH = 0xa0;

export const BPF_ADD = 0x00;
export const BPF_SUB = 0x10;
export const BPF_MUL = 0x20;
export const BPF_DIV = 0x30;
export const BPF_OR = 0x40;
export const BPF_AND = 0x50;
export const BPF_LSH = 0x60;
export const BPF_RSH = 0x70;
export const BPF_NEG = 0x80;
export const BPF_MOD = 0x90;
export const BPF_XOR = 0xa0;
export const BPF_JA = 0x00;
export const BPF_JEQ = 0x10;
export const BPF_JGT = 0x20;
export const BPF_JGE = 0x30;
export const BPF_JSET = 0x40;
export const BPF_K = 0x00;
export const BPF_X = 0x08;
export const BPF_A = 0x10;
export const BPF_TAX = 0x00;
export const BPF_TXA = 0x80;

/** Offsets of BPF_ABS loads that mean something beside the packet. */
export const SKF_AD_OFF = 0xfffff000;
export const SKF_AD_PROTOCOL = 0;
export const SKF_AD_PKTTYPE = 4;
export const SKF_AD_IFINDEX = 8;
export const SKF_AD_MARK = 20;
export const SKF_AD_QUEUE = 24;
export const SKF_AD_HATYPE = 28;
export const SKF_AD_RXHASH = 32;
export const SKF_AD_CPU = 36;
export const SKF_AD_VLAN_TAG = 44;
export const SKF_AD_VLAN_TAG_PRESENT = 48;
export const SKF_AD_RANDOM = 56;
export const SKF_NET_OFF = 0xfff00000;
export const SKF_LL_OFF = 0xffe00000;
