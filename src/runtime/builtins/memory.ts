// Strings and numbers out of the model's memory by address. Read beside it: dsl/builtins/memory.ts,
// services.ts (memory).
import type { CType } from '../../dsl/target.js';
import type { BuiltinGroup, BuiltinTable } from '../services.js';
import { ScriptError } from '../errors.js';
import type { Long, Value } from '../../dsl/abi.js';
import { fromBigInt, unsigned } from '../values.js';
import { quoteBounded } from './strings.js';

const byteArray: CType = { kind: 'array', of: { kind: 'int', name: 'u8', size: 1, signed: false }, length: 0 };

export const memory: BuiltinGroup = (rt) => {
  /** Bytes up to a NUL, at most `most`. Strings are mostly short: 64 bytes are tried first. */
  const stringAt = (address: Value, most: number): string => {
    const short = Math.min(most, 64);
    const start = rt.memory(address, short);
    const nul = start.indexOf('\0');
    if (nul >= 0) return start.slice(0, nul);
    if (short === most) return start;
    const whole = rt.memory(address, most);
    const end = whole.indexOf('\0');
    return end < 0 ? whole : whole.slice(0, end);
  };
  const fault = (space: string, address: Value): never => {
    const place = unsigned(address as Long)
      .toString(16)
      .padStart(16, '0');
    throw new rt.ScriptError(`${space} string copy fault at 0x${place} [man error::fault]`);
  };
  const or = <T>(read: () => T, otherwise: () => T): T => {
    try {
      return read();
    } catch (e) {
      if (!(e instanceof ScriptError)) throw e;
      return otherwise();
    }
  };
  const most = (n: Value): number => Math.max(0, Math.min(Number(n), rt.limits.string));
  const number =
    (bytes: number, signed: boolean) =>
    (address: Value): Long => {
      const text = rt.memory(address, bytes);
      let value = 0n;
      for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(text.charCodeAt(i));
      return fromBigInt(signed ? BigInt.asIntN(8 * bytes, value) : value);
    };
  const unreadable = (address: Value): string => `0x${unsigned(address as Long).toString(16)}`;
  const string = (space: string) => (address: Value) =>
    or(
      () => stringAt(address, rt.limits.string),
      () => fault(space, address),
    );
  const stringN = (space: string) => (address: Value, n: Value) =>
    or(
      () => stringAt(address, most(n)),
      () => fault(space, address),
    );
  const warned = (address: Value, n: number): string =>
    or(
      () => stringAt(address, n),
      () => {
        rt.warn(`user string copy fault at ${unreadable(address)}`);
        return '<unknown>';
      },
    );

  const warnNumber = (bytes: number, signed: boolean) => {
    const read = number(bytes, signed);
    return (address: Value): Long => {
      try {
        return read(address);
      } catch (e) {
        if (!(e instanceof ScriptError)) throw e;
        rt.warn(`user copy fault at ${unreadable(address)}`);
        return 0;
      }
    };
  };
  /** Strings of 2- or 4-byte units, as UTF-8. */
  const wide = (name: string, unit: number): BuiltinTable => {
    const read = (address: Value): string => {
      const get = number(unit, false);
      const units: number[] = [];
      for (let i = 0; units.length < rt.limits.string; i += unit) {
        const code = Number(get(fromBigInt(BigInt(address as Long) + BigInt(i))));
        if (code === 0) break;
        units.push(code > 0x10ffff ? 0xfffd : code);
      }
      const text = unit === 2 ? String.fromCharCode(...units) : String.fromCodePoint(...units);
      return rt.cut(Buffer.from(text, 'utf8').toString('latin1'));
    };
    return {
      [`string_${name}`]: read,
      [`string2_${name}`]: (address, message) =>
        or(
          () => read(address),
          () => message as string,
        ),
      [`string_quoted_${name}`]: (address) =>
        or(
          () => quoteBounded(read(address), rt.limits.string),
          () => unreadable(address),
        ),
    };
  };

  /** Writes packet bytes; what is no bytes (a field of a structure) is written through its own name. */
  const write = (address: Value, text: string): void => {
    const fault = (): never => {
      throw new rt.ScriptError(`write fault [man error::fault] at ${unreadable(address)}`);
    };
    const bytes = or<unknown>(() => rt.objects.at(address as Long, byteArray), fault);
    if (!(bytes instanceof Uint8Array) || bytes.length < text.length) fault();
    else for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  };
  const writeNumber = (bytes: number) => (address: Value, value: Value) => {
    let text = '';
    for (let i = 0, rest = unsigned(value as Long); i < bytes; i++, rest >>= 8n) {
      text += String.fromCharCode(Number(rest & 0xffn));
    }
    write(address, text);
  };

  return {
    write_1: writeNumber(1),
    write_2: writeNumber(2),
    write_4: writeNumber(4),
    write_8: writeNumber(8),
    write_string: (address, text) => write(address, `${text as string}\0`),
    write_string_n: (address, n, text) => write(address, `${text as string}\0`.slice(0, most(n))),
    kernel_string: string('kernel'),
    user_string: string('user'),
    kernel_string_n: stringN('kernel'),
    user_string_n: stringN('user'),
    string_or: (address, message) =>
      or(
        () => stringAt(address, rt.limits.string),
        () => message as string,
      ),
    string_n_or: (address, n, message) =>
      or(
        () => stringAt(address, most(n)),
        () => message as string,
      ),
    user_string_warn: (address) => warned(address, rt.limits.string),
    user_string_n_warn: (address, n) => warned(address, most(n)),
    // What cannot be read shows as its address.
    string_quoted_at: (address) =>
      or(
        () => quoteBounded(stringAt(address, rt.limits.string), rt.limits.string),
        () => unreadable(address),
      ),
    string_n_quoted_at: (address, n) =>
      or(
        () => quoteBounded(stringAt(address, most(n)), rt.limits.string),
        () => unreadable(address),
      ),
    buffer_quoted_at: (address, n) =>
      or(
        () => quoteBounded(rt.memory(address, most(n)), rt.limits.string),
        () => unreadable(address),
      ),
    buffer_quoted_within: (address, inlen, outlen) =>
      or(
        () => quoteBounded(rt.memory(address, most(inlen)), most(outlen)),
        () => unreadable(address),
      ),
    buffer_quoted_error_within: (address, inlen, outlen) => quoteBounded(rt.memory(address, most(inlen)), most(outlen)),
    ...wide('utf16', 2),
    ...wide('utf32', 4),
    user_string_nofault: (address) =>
      or(
        () => stringAt(address, rt.limits.string),
        () => '',
      ),
    user_string_n_nofault: (address, n) =>
      or(
        () => stringAt(address, most(n)),
        () => '',
      ),
    user_string2_warn: (address, message) =>
      or(
        () => stringAt(address, rt.limits.string),
        () => {
          rt.warn(message as string);
          return message as string;
        },
      ),
    user_string_n2_warn: (address, n, message) =>
      or(
        () => stringAt(address, most(n)),
        () => {
          rt.warn(message as string);
          return message as string;
        },
      ),
    user_string_n2_quoted: (address, inlen, outlen) =>
      or(
        () => quoteBounded(stringAt(address, most(inlen)), most(outlen)),
        () => unreadable(address),
      ),
    buffer_quoted_error: (address, n) => quoteBounded(rt.memory(address, most(n)), rt.limits.string),
    warn_s8: warnNumber(1, true),
    warn_s16: warnNumber(2, true),
    warn_u16: warnNumber(2, false),
    warn_s32: warnNumber(4, true),
    warn_u32: warnNumber(4, false),
    warn_s64: warnNumber(8, true),
    read_s8: number(1, true),
    read_u8: number(1, false),
    read_s16: number(2, true),
    read_u16: number(2, false),
    read_s32: number(4, true),
    read_u32: number(4, false),
    read_s64: number(8, true),
  };
};
