// A host's files: paths to bytes, in memory. Directories exist where a file lies in them; permissions,
// links and times are left out. /proc is not kept here but made when read (Kernel.proc, Kernel.sysctl).

export class ramfs {
  private readonly files = new Map<string, Uint8Array>();

  /** @param path absolute @returns the content, or undefined */
  read(path: string): Uint8Array | undefined {
    return this.files.get(path);
  }

  write(path: string, content: Uint8Array): void {
    this.files.set(path, content);
  }

  append(path: string, content: Uint8Array): void {
    const old = this.files.get(path) ?? new Uint8Array(0);
    const both = new Uint8Array(old.length + content.length);
    both.set(old);
    both.set(content, old.length);
    this.files.set(path, both);
  }

  /** @returns whether there was such a file */
  remove(path: string): boolean {
    return this.files.delete(path);
  }

  /** @param directory absolute, without slash at the end @returns names in it, sorted */
  list(directory: string): string[] {
    const prefix = `${directory === '/' ? '' : directory}/`;
    const names = new Set<string>();
    for (const path of this.files.keys()) {
      if (path.startsWith(prefix)) names.add(path.slice(prefix.length).split('/')[0]);
    }
    return [...names].sort();
  }
}
