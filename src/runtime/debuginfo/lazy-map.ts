// A map whose keys are known and whose values are made when they are first asked for.

export class LazyMap<V> implements ReadonlyMap<string, V> {
  readonly #made = new Map<string, V | undefined>();
  readonly #make: (key: string) => V;

  constructor(keys: readonly string[], make: (key: string) => V) {
    for (const key of keys) this.#made.set(key, undefined);
    this.#make = make;
  }

  get size(): number {
    return this.#made.size;
  }

  has(key: string): boolean {
    return this.#made.has(key);
  }

  get(key: string): V | undefined {
    let value = this.#made.get(key);
    if (value === undefined && this.#made.has(key)) {
      value = this.#make(key);
      this.#made.set(key, value);
    }
    return value;
  }

  keys(): MapIterator<string> {
    return this.#made.keys();
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  *entries(): MapIterator<[string, V]> {
    for (const key of this.#made.keys()) yield [key, this.get(key) as V];
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  forEach(action: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this.entries()) action(value, key, this);
  }
}
