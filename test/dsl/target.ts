// A target of a few functions and structures, written out by hand: what the compiler's tests resolve against.
import { emptyTarget } from '#tsprobe/dsl/target.js';
import type { CType, FunctionSymbol, StructType, Target, Variable } from '#tsprobe/dsl/target.js';

const int: CType = { kind: 'int', name: 'int', size: 4, signed: true };
const u32: CType = { kind: 'int', name: 'unsigned int', size: 4, signed: false };
const be16: CType = { kind: 'int', name: '__be16', size: 2, signed: false };
const bool: CType = { kind: 'int', name: 'bool', size: 1, signed: false };
const to = (name: string): CType => ({ kind: 'pointer', to: { kind: 'struct', name } });
const v = (name: string, type: CType): Variable => ({ name, type });

let id = 0;
function fn(name: string, file: string, line: number, rest: Partial<FunctionSymbol> = {}): FunctionSymbol {
  return {
    id: id++,
    name,
    formerNames: [],
    module: 'kernel',
    file,
    line,
    endLine: line + 9,
    parameters: [],
    locals: [],
    returnType: { kind: 'void' },
    statementLines: [line + 1, line + 2, line + 5],
    exported: false,
    inline: false,
    generator: false,
    callees: [],
    labels: [],
    ...rest,
  };
}

function struct(name: string, fields: readonly Variable[]): [string, StructType] {
  const placed = fields.map((f, i) => ({ ...f, offset: 8 * i }));
  return [name, { name, union: false, size: 8 * fields.length, fields: placed, file: 'include/x.h', line: 1 }];
}

const skb = v('skb', to('sk_buff'));
const dev = v('dev', to('net_device'));
const kfree = fn('trace_kfree_skb', 'include/trace/events/skb.h', 5, { parameters: [skb, v('reason', int)] });

export const testTarget: Target = {
  ...emptyTarget,
  modules: ['nf_nat'],
  programs: ['ping'],
  functions: [
    fn('ip_rcv', 'net/ipv4/ip_input.c', 100, {
      parameters: [skb, dev],
      returnType: int,
      callees: ['ip_rcv_core', 'ip_rcv_finish'],
      exported: true,
      locals: [{ name: 'net', type: to('net'), firstLine: 101, lastLine: 109 }],
    }),
    fn('ip_rcv_core', 'net/ipv4/ip_input.c', 60, { parameters: [skb], returnType: to('sk_buff') }),
    fn('ip_rcv_finish', 'net/ipv4/ip_input.c', 80, {
      parameters: [skb],
      returnType: int,
      callees: ['ip_route_input_noref'],
      labels: [{ name: 'drop', line: 85 }],
    }),
    fn('ip_route_input_noref', 'net/ipv4/route.c', 40, {
      parameters: [skb],
      returnType: int,
      formerNames: [{ name: 'ip_route_input', kernels: '2.4-3.5' }],
    }),
    fn('ip_flush', 'net/ipv4/route.c', 60),
    fn('arp_rcv', 'net/ipv4/arp.c', 30, { parameters: [skb, dev], returnType: int }),
    fn('skb_headlen', 'include/linux/skbuff.h', 10, { parameters: [skb], returnType: u32, inline: true }),
    fn('nf_nat_packet', 'net/netfilter/nf_nat_core.c', 20, { module: 'nf_nat', parameters: [skb], returnType: u32 }),
    fn('main', 'ping.c', 10, { module: 'ping', parameters: [v('argc', int)], returnType: int }),
  ],
  structs: new Map([
    struct('sk_buff', [
      v('len', u32),
      dev,
      v('protocol', be16),
      v('cb', { kind: 'array', of: u32, length: 4 }),
      v('next', to('sk_buff')),
    ]),
    struct('net_device', [
      v('name', { kind: 'chars', length: 16 }),
      v('ifindex', int),
      v('up', bool),
      v('stats', { kind: 'struct', name: 'net_device_stats' }),
    ]),
    struct('net_device_stats', [v('rx_packets', u32), v('tx_packets', u32)]),
    struct('net', [v('ifindex', int)]),
  ]),
  constants: new Map([['NF_ACCEPT', 1]]),
  variables: [{ name: 'jiffies', type: u32, file: 'kernel/time/timer.c', module: 'kernel' }],
  tracepoints: [{ name: 'kfree_skb', system: 'skb', symbol: kfree }],
};
