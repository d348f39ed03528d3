/** Records of functions that read kernel memory. Read beside it: Tapset Reference, "Memory", "String and data retrieving"; runtime/builtins/memory.ts. */
import { builtinGroup } from './builtin.js';
import type { Builtin } from './builtin.js';

const b = builtinGroup('memory');
const fails = { fails: true, pure: false };

/** Kernel and user memory are one here: a lab program's buffers are the model's. */
const both = (space: 'kernel' | 'user'): Builtin[] => [
  b(`${space}_string`, 'addr:long', 'string', `Retrieves a string from ${space} memory.`, {
    ...fails,
    implementation: `${space}_string`,
  }),
  b(
    `${space}_string`,
    'addr:long, err_msg:string',
    'string',
    `Retrieves a string from ${space} memory, or an alternative.`,
    {
      implementation: 'string_or',
    },
  ),
  b(
    `${space}_string2`,
    'addr:long, err_msg:string',
    'string',
    `Retrieves a string from ${space} memory, or an alternative.`,
    {
      implementation: 'string_or',
    },
  ),
  b(`${space}_string_n`, 'addr:long, n:long', 'string', `Retrieves a string of at most n bytes from ${space} memory.`, {
    ...fails,
    implementation: `${space}_string_n`,
  }),
  b(`${space}_string_quoted`, 'addr:long', 'string', `Retrieves and quotes a string from ${space} memory.`, {
    implementation: 'string_quoted_at',
  }),
  b(
    `${space}_string_n_quoted`,
    'addr:long, n:long',
    'string',
    `Retrieves and quotes at most n bytes from ${space} memory.`,
    {
      implementation: 'string_n_quoted_at',
    },
  ),
  b(`${space}_buffer_quoted`, 'addr:long, n:long', 'string', `Retrieves and quotes n bytes from ${space} memory.`, {
    implementation: 'buffer_quoted_at',
  }),
  b(
    `${space}_buffer_quoted`,
    'addr:long, inlen:long, outlen:long',
    'string',
    `Retrieves and quotes inlen bytes from ${space} memory; the text has at most outlen characters.`,
    { implementation: 'buffer_quoted_within' },
  ),
  b(
    `${space}_buffer_quoted_error`,
    'addr:long, inlen:long, outlen:long',
    'string',
    `Retrieves and quotes inlen bytes from ${space} memory; the text has at most outlen characters.`,
    { ...fails, implementation: 'buffer_quoted_error_within' },
  ),
  ...(
    [
      ['char', 's8', 'a char'],
      ['short', 's16', 'a short'],
      ['ushort', 'u16', 'an unsigned short'],
      ['int', 's32', 'an int'],
      ['uint', 'u32', 'an unsigned int'],
      ['long', 's64', 'a long'],
      ['ulong', 's64', 'an unsigned long'],
      ['pointer', 's64', 'a pointer'],
      ['int8', 's8', 'a signed 8-bit number'],
      ['uint8', 'u8', 'an unsigned 8-bit number'],
      ['int16', 's16', 'a signed 16-bit number'],
      ['uint16', 'u16', 'an unsigned 16-bit number'],
      ['int32', 's32', 'a signed 32-bit number'],
      ['uint32', 'u32', 'an unsigned 32-bit number'],
      ['int64', 's64', 'a signed 64-bit number'],
      ['uint64', 's64', 'an unsigned 64-bit number'],
    ] as const
  ).map(([type, read, words]) =>
    b(`${space}_${type}`, 'addr:long', 'long', `Retrieves ${words} from ${space} memory.`, {
      ...fails,
      implementation: `read_${read}`,
    }),
  ),
];

export const memory: readonly Builtin[] = [
  ...both('kernel'),
  ...both('user'),
  b(
    'user_string_warn',
    'addr:long',
    'string',
    'Retrieves a string from user memory; warns and gives <unknown> on a fault.',
    {
      pure: false,
    },
  ),
  b('user_string_n_warn', 'addr:long, n:long', 'string', 'As user_string_warn, at most n bytes.', { pure: false }),
  b('user_string_n2', 'addr:long, n:long, err_msg:string', 'string', 'Retrieves a string, or an alternative.', {
    implementation: 'string_n_or',
  }),
  ...(['kernel', 'user'] as const).flatMap((space) =>
    (['utf16', 'utf32'] as const).flatMap((code) => [
      b(
        `${space}_string_${code}`,
        'addr:long',
        'string',
        `Retrieves a ${code.toUpperCase()} string from ${space} memory as UTF-8.`,
        {
          ...fails,
          implementation: `string_${code}`,
        },
      ),
      b(`${space}_string2_${code}`, 'addr:long, err_msg:string', 'string', 'The same, or an alternative.', {
        implementation: `string2_${code}`,
      }),
      b(`${space}_string_quoted_${code}`, 'addr:long', 'string', 'The same, quoted.', {
        implementation: `string_quoted_${code}`,
      }),
    ]),
  ),
  b('user_string_nofault', 'addr:long', 'string', 'Retrieves a string from user memory; empty on a fault.'),
  b('user_string_n_nofault', 'addr:long, n:long', 'string', 'Retrieves at most n bytes of a string; empty on a fault.'),
  b(
    'user_string2_warn',
    'addr:long, warn_msg:string',
    'string',
    'Retrieves a string from user memory; warns and gives the message on a fault.',
    {
      pure: false,
    },
  ),
  b(
    'user_string_n2_quoted',
    'addr:long, inlen:long, outlen:long',
    'string',
    'Retrieves and quotes a string, its length limited before and after.',
  ),
  ...(
    [
      ['char', 's8'],
      ['short', 's16'],
      ['ushort', 'u16'],
      ['int', 's32'],
      ['uint', 'u32'],
      ['long', 's64'],
      ['ulong', 's64'],
    ] as const
  ).flatMap(([type, read]) => [
    b(`user_${type}_error`, 'addr:long', 'long', 'As the function without _error.', {
      ...fails,
      implementation: `read_${read}`,
    }),
    b(`user_${type}_warn`, 'addr:long', 'long', 'As the function without _warn, but warns and gives 0 on a fault.', {
      pure: false,
      implementation: `warn_${read}`,
    }),
  ]),
  ...([8, 16, 32, 64] as const).flatMap((bits) => [
    b(`user_int${bits}_error`, 'addr:long', 'long', `Retrieves a signed ${bits}-bit integer from user memory.`, {
      ...fails,
      implementation: `read_s${bits}`,
    }),
    b(`user_uint${bits}_error`, 'addr:long', 'long', `Retrieves an unsigned ${bits}-bit integer from user memory.`, {
      ...fails,
      implementation: bits === 64 ? 'read_s64' : `read_u${bits}`,
    }),
  ]),
  ...(['user_string2_n_warn', 'user_string_n2_warn'] as const).map((name) =>
    b(
      name,
      'addr:long, n:long, warn_msg:string',
      'string',
      'Retrieves at most n bytes of a string from user memory; warns and gives the message on a fault.',
      { pure: false, implementation: 'user_string_n2_warn' },
    ),
  ),
  b('kernel_buffer_quoted_error', 'addr:long, n:long', 'string', 'Retrieves and quotes n bytes from kernel memory.', {
    ...fails,
    implementation: 'buffer_quoted_error',
  }),
  b('user_buffer_quoted_error', 'addr:long, n:long', 'string', 'Retrieves and quotes n bytes from user memory.', {
    ...fails,
    implementation: 'buffer_quoted_error',
  }),
  b('kernel_or_user_string_quoted', 'addr:long', 'string', 'Retrieves and quotes a string.', {
    implementation: 'string_quoted_at',
  }),
  b('kernel_or_user_string_quoted', 'addr:long, kernel:long', 'string', 'Retrieves and quotes a string.', {
    implementation: 'string_quoted_at',
  }),
  b('atomic_read', 'addr:long', 'long', 'Retrieves an atomic variable.', { ...fails, implementation: 'read_s32' }),
  b('atomic_long_read', 'addr:long', 'long', 'Retrieves an atomic long variable.', {
    ...fails,
    implementation: 'read_s64',
  }),
  ...(['kernel', 'user'] as const).flatMap((space) => [
    ...(
      [
        ['char', 1],
        ['short', 2],
        ['int', 4],
        ['long', 8],
        ['pointer', 8],
      ] as const
    ).map(([type, bytes]) =>
      b(
        `set_${space}_${type}`,
        'addr:long, val:long',
        'unknown',
        `Writes ${bytes === 1 ? 'a byte' : `${bytes} bytes`} to ${space} memory.`,
        {
          fails: true,
          guru: true,
          implementation: `write_${bytes}`,
        },
      ),
    ),
    b(`set_${space}_string`, 'addr:long, val:string', 'unknown', `Writes a string and its NUL to ${space} memory.`, {
      fails: true,
      guru: true,
      implementation: 'write_string',
    }),
    b(
      `set_${space}_string_n`,
      'addr:long, n:long, val:string',
      'unknown',
      `Writes a string of at most n bytes to ${space} memory.`,
      {
        fails: true,
        guru: true,
        implementation: 'write_string_n',
      },
    ),
  ]),
];
