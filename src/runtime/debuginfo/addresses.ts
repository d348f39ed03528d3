// Addresses of objects. A script sees a kernel object as an address that looks like one of the direct mapping
// (0xffff8880…), given when the object is first looked at, in ascending order, so that a run gives the same
// ones again; an object found at an address is held weakly, so that looking does not keep it alive.
// Addresses are signed 64-bit values, as scripts have them: these ones are safe integers.
// Read beside it: memory.ts (what is read and written at addresses).

/** Where kernel memory begins: 0xffff888003a40000. */
const HEAP = Number(BigInt.asIntN(64, 0xffff_8880_03a4_0000n));

interface Range {
  readonly base: number;
  readonly size: number;
  readonly ref: WeakRef<object>;
}

export interface Found {
  readonly object: object;
  /** Bytes from the object's start. */
  readonly offset: number;
}

export class Addresses {
  readonly #known = new WeakMap<object, number>();
  readonly #texts = new Map<string, number>();
  #ranges: Range[] = [];
  #next = HEAP;
  #sweepAt = 4096;

  /** The address of an object of `size` bytes; the size counts when it is first looked at. */
  of(object: object, size: () => number): number {
    const known = this.#known.get(object);
    if (known !== undefined) return known;
    const bytes = Math.max(64, Math.ceil(size() / 64) * 64);
    // Larger objects lie on page boundaries, as the kernel's allocator has them.
    if (bytes > 2048) this.#next = HEAP + Math.ceil((this.#next - HEAP) / 4096) * 4096;
    const base = this.#next;
    this.#next += bytes;
    this.set(object, base);
    this.#ranges.push({ base, size: bytes, ref: new WeakRef(object) });
    if (this.#ranges.length >= this.#sweepAt) this.#sweep();
    return base;
  }

  /** The address of a text that is no field of an object: equal texts share it. */
  ofText(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const holder = new Uint8Array(text.length + 1);
    for (let i = 0; i < text.length; i++) holder[i] = text.charCodeAt(i);
    const address = this.of(holder, () => holder.length);
    if (this.#texts.size >= 1024) this.#texts.clear();
    this.#texts.set(text, address);
    this.#holders.add(holder);
    if (this.#holders.size > 2048) this.#holders.clear();
    return address;
  }

  /** Texts have no other owner. */
  readonly #holders = new Set<Uint8Array>();

  /** The address that was given to an object, if one was. */
  known(object: object): number | undefined {
    return this.#known.get(object);
  }

  /** Gives an object an address inside another's range. */
  set(object: object, address: number): void {
    this.#known.set(object, address);
  }

  /** The object whose range holds `address`; undefined if none does or it is gone. */
  find(address: number): Found | undefined {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ranges[middle].base <= address) low = middle + 1;
      else high = middle;
    }
    const range = low > 0 ? this.#ranges[low - 1] : undefined;
    if (!range || address >= range.base + range.size) return undefined;
    const object = range.ref.deref();
    return object && { object, offset: address - range.base };
  }

  #sweep(): void {
    this.#ranges = this.#ranges.filter((range) => range.ref.deref() !== undefined);
    this.#sweepAt = Math.max(4096, this.#ranges.length * 2);
  }
}
