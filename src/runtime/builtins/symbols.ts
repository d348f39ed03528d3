// Addresses to names, and backtraces. Read beside it: dsl/builtins/context.ts (records), ../environment.ts
// (symbolAt, backtrace). A program's functions lie at addresses of user space: where they begin in a call stack
// the kernel's ends.
import type { SymbolAddress } from '../environment.js';
import type { BuiltinGroup } from '../services.js';
import type { Long, Value } from '../../dsl/abi.js';
import { fromBigInt, unsigned } from '../values.js';

/** Functions between a tracepoint and the place that it tells of. */
const freeing = /^(trace_\w+|sk_skb_reason_drop|_*k?v?free_skb\w*|_*consume_\w+|_*kfree_skb\w*|dev_kfree_skb\w*)$/;

const hex = (address: Value): string => `0x${unsigned(address as Long).toString(16)}`;

export const symbols: BuiltinGroup = (rt) => {
  const at = (address: Value): SymbolAddress | undefined => rt.objects.symbolAt(address as Long);

  /** Addresses from the probed function outwards, through the kernel into the program. */
  const stack = (): readonly Long[] => {
    const provider = rt.probe?.detail.provider;
    return provider === 'function' || provider === 'tracepoint' || provider === 'process' ? rt.objects.backtrace() : [];
  };
  const frames = (): readonly Long[] => stack().filter((address) => address < 0);
  const userFrames = (): readonly Long[] => stack().filter((address) => address >= 0);
  const data = (address: Value, symbol = at(address)): string =>
    symbol ? `${symbol.name}+${hex(symbol.offset)}/${hex(symbol.size)}` : hex(address);
  const line = (address: Value): string => {
    const symbol = at(address);
    return symbol ? ` ${hex(address)} : ${data(address)} [${symbol.module}]\n` : ` ${hex(address)}\n`;
  };
  const fileLine = (address: Value): string => {
    const symbol = at(address);
    return symbol ? `${line(address).trimEnd()} ${symbol.file}:${symbol.line}\n` : line(address);
  };
  const lines = (list: Value): string =>
    (list as string)
      .split(' ')
      .filter((word) => word !== '')
      .map((word) =>
        line(fromBigInt(BigInt(/^0x[0-9a-f]+$/i.test(word) ? word : `0x${/^[0-9a-f]+$/i.test(word) ? word : '0'}`))),
      )
      .join('');
  const backtraceText = (): string => {
    const found = frames();
    if (!found.length) return `Systemtap probe: ${rt.probe?.point ?? ''}\n`;
    const detail = rt.probe?.detail;
    if (detail?.provider === 'function' && detail.when === 'return') {
      const to = found.length > 1 ? `Returning to  :${line(found[1])}` : '';
      // The probe knows which function it left, not from where in it.
      const start = unsigned(found[0]) - BigInt(at(found[0])?.offset ?? 0);
      return `Returning from:${line(fromBigInt(start))}${to}${found.slice(2).map(line).join('')}`;
    }
    return found.map(line).join('');
  };
  const addresses = (limit: number, list = frames()): string => {
    return rt.cut(
      list
        .slice(0, limit < 0 ? list.length : limit)
        .map(hex)
        .join(' '),
    );
  };
  const none = (): string => '';
  const printUser = (text: (address: Value) => string) => (): void => {
    const list = userFrames();
    rt.print(list.length > 0 ? list.map(text).join('') : `<no user backtrace at ${rt.probe?.point ?? ''}>\n`);
  };
  const ofUser =
    (text: (symbol: SymbolAddress, address: Value) => string) =>
    (address: Value): string => {
      const symbol = (address as Long) >= 0 ? at(address) : undefined;
      return symbol ? text(symbol, address) : hex(address);
    };

  return {
    __location: () => frames().find((address) => !freeing.test(at(address)?.name ?? '')) ?? 0,
    addr: () => {
      const detail = rt.probe?.detail;
      if (detail?.provider !== 'function' && detail?.provider !== 'tracepoint') return 0;
      return rt.objects.addressOf(detail.symbol.name) ?? 0;
    },
    __symbol_address: (name) => rt.objects.addressOf(name as string) ?? 0,
    uaddr: () => userFrames()[0] ?? 0,
    caller: () => {
      const address = frames()[1];
      return address === undefined ? '' : `${at(address)?.name ?? ''} ${hex(address)}`;
    },
    caller_addr: () => frames()[1] ?? 0,
    callers: (n) => addresses(Number(n)),
    stack: (n) => frames()[Number(n)] ?? 0,
    backtrace: () => addresses(-1),
    task_backtrace: () => addresses(-1),
    print_backtrace: () => rt.print(backtraceText()),
    sprint_backtrace: () => rt.cut(backtraceText()),
    print_backtrace_fileline: () => rt.print(frames().map(fileLine).join('')),
    sprint_backtrace_fileline: () => rt.cut(frames().map(fileLine).join('')),
    print_ubacktrace_fileline: printUser(fileLine),
    print_stack: (list) => rt.print(lines(list)),
    sprint_stack: (list) => rt.cut(lines(list)),
    print_syms: (list) => rt.print(lines(list)),
    sprint_syms: (list) => rt.cut(lines(list)),
    print_ubacktrace: printUser(line),
    print_ubacktrace_brief: printUser((address) => ` ${data(address)}\n`),
    sprint_ubacktrace: () => rt.cut(userFrames().map(line).join('')),
    ubacktrace: () => addresses(-1, userFrames()),
    ucallers: (n) => addresses(Number(n), userFrames()),
    ustack: (n) => userFrames()[Number(n)] ?? 0,
    print_ustack: (list) => rt.print(lines(list)),
    sprint_ustack: (list) => rt.cut(lines(list)),
    print_usyms: (list) => rt.print(lines(list)),
    sprint_usyms: (list) => rt.cut(lines(list)),
    symname: (address) => at(address)?.name ?? hex(address),
    symdata: (address) => {
      const symbol = at(address);
      return symbol ? `${data(address, symbol)} [${symbol.module}]` : hex(address);
    },
    symfile: (address) => at(address)?.file ?? hex(address),
    symfileline: (address) => {
      const symbol = at(address);
      return symbol ? `${symbol.file}:${symbol.line}` : hex(address);
    },
    symline: (address) => {
      const symbol = at(address);
      return symbol ? String(symbol.line) : hex(address);
    },
    usymname: ofUser((symbol) => symbol.name),
    usymdata: ofUser((symbol, address) => `${data(address, symbol)} [${symbol.module}]`),
    usymfile: ofUser((symbol) => symbol.file),
    usymfileline: ofUser((symbol) => `${symbol.file}:${symbol.line}`),
    usymline: ofUser((symbol) => String(symbol.line)),
    umodname: (address) => ((address as Long) >= 0 && at(address)?.module) || '<unknown>',
    modname: (address) => {
      const symbol = at(address);
      if (!symbol) throw new rt.ScriptError('Cannot determine kernel module name');
      return symbol.module;
    },
    print_regs: () => undefined,
    sprint_regs: none,
  };
};
