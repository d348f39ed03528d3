// Why something of the outside world failed, in words for people. Read beside it: strerror(3).

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied',
  EISDIR: 'Is a directory',
  ENOENT: 'No such file or directory',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
};

/** What strerror says of a failed system call. */
export function reasonOf(error: unknown): string {
  const { code = '', message = code } = error as { code?: string; message?: string };
  return reasons[code] ?? message;
}

/** A sentence for any error: a file that a system call failed on is named. */
export function sentenceOf(error: unknown): string {
  const { path } = error as { path?: unknown };
  if (typeof path === 'string') return `'${path}': ${reasonOf(error)}`;
  return error instanceof Error ? error.message.trimEnd() : String(error);
}
