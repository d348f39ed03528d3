// Associative arrays. One index of nested Maps ends in the cells; the cells also stand in one list, which
// is the order of an unsorted foreach: the order of insertion, until a sorted foreach rearranges it for
// good, as it does in SystemTap. Read beside it: SystemTap Language Reference, "Associative arrays".
import type { Cell, IterationOrder, Long, MapSpec, ScriptMap, Stats, Value } from '../dsl/abi.js';
import { ScriptError } from './errors.js';
import { compare } from './values.js';

interface Entry extends Cell {
  value: Value | Stats;
  /** Deleted; still in the list until the next compaction. */
  dead: boolean;
}

type Index = Map<Value, Index | Entry>;

/** Largest `limit` for which a sort moves only the wanted cells to the front. */
const SMALL_LIMIT = 30;

/** Makes an array for a global. `capacity` is what a map without a declared size may hold. */
export function createMap(spec: MapSpec, capacity: number, newStats: () => Stats): ScriptMap {
  if (spec.keys === 1) return new Map1(spec, capacity, newStats);
  return spec.keys === 2 ? new Map2(spec, capacity, newStats) : new MapN(spec, capacity, newStats);
}

abstract class OrderedCells {
  readonly spec: MapSpec;
  /** In order; may hold dead cells, and live ones start at `head`. */
  protected order: Entry[] = [];
  protected head = 0;
  protected live = 0;
  private readonly capacity: number;
  private readonly newStats: () => Stats;
  protected readonly absent: Value;

  constructor(spec: MapSpec, capacity: number, newStats: () => Stats) {
    this.spec = spec;
    this.capacity = spec.size > 0 ? spec.size : capacity;
    this.newStats = newStats;
    this.absent = spec.value === 'string' ? '' : 0;
  }

  /** Takes a cell out of the index. */
  protected abstract unindex(entry: Entry): void;
  protected abstract clearIndex(): void;

  size(): number {
    return this.live;
  }

  clear(): void {
    this.clearIndex();
    this.order = [];
    this.head = 0;
    this.live = 0;
  }

  /** Makes room and appends a new cell to the order; the caller puts it into the index. */
  protected append(keys: readonly Value[]): Entry {
    if (this.live >= this.capacity) {
      if (!this.spec.wrap) {
        const limit = this.spec.size > 0 ? `size limit (${this.spec.size})` : 'MAXMAPENTRIES';
        throw new ScriptError(`Array overflow, check ${limit}`);
      }
      while (this.order[this.head].dead) this.head++;
      const oldest = this.order[this.head];
      this.unindex(oldest);
      this.drop(oldest);
    }
    const entry: Entry = { keys, value: this.spec.value === 'stats' ? this.newStats() : this.absent, dead: false };
    this.order.push(entry);
    this.live++;
    return entry;
  }

  protected drop(entry: Entry): void {
    entry.dead = true;
    this.live--;
    if (this.order.length > 32 && this.order.length > 2 * this.live) this.compact();
  }

  private compact(): void {
    if (this.order.length === this.live) return;
    this.order = this.order.filter((entry) => !entry.dead);
    this.head = 0;
  }

  iterate(order: IterationOrder, limit: Long | undefined, slice?: readonly (Value | undefined)[]): readonly Cell[] {
    this.compact();
    const most = limit === undefined ? Infinity : Number(limit);
    if (order.direction !== 0) this.sort(order, slice === undefined ? most : Infinity);
    let cells: readonly Entry[] = this.order;
    if (slice !== undefined && slice.some((key) => key !== undefined)) {
      cells = cells.filter((cell) => slice.every((key, i) => key === undefined || key === cell.keys[i]));
    }
    return most < cells.length || cells === this.order ? cells.slice(0, Math.max(0, most)) : cells;
  }

  /** Stable. A small limit only moves the wanted cells to the front. */
  private sort(order: IterationOrder, most: number): void {
    if (most < 0) return;
    const { direction, column } = order;
    const of = column >= 0 ? (cell: Entry) => cell.keys[column] : this.valueOf(order);
    const sorted = this.order
      .map((cell) => ({ cell, by: of(cell) }))
      .sort((a, b) => direction * compare(a.by, b.by))
      .map(({ cell }) => cell);
    if (most > 0 && most <= SMALL_LIMIT && most < sorted.length) {
      const front = sorted.slice(0, most);
      const chosen = new Set(front);
      this.order = [...front, ...this.order.filter((cell) => !chosen.has(cell))];
    } else {
      this.order = sorted;
    }
  }

  private valueOf(order: IterationOrder): (cell: Entry) => Value {
    if (this.spec.value !== 'stats') return (cell) => cell.value as Value;
    return (cell) => {
      const stats = cell.value as Stats;
      return stats.count() === 0 ? 0 : stats[order.by]();
    };
  }
}

/** One key: the usual case, one look-up. */
class Map1 extends OrderedCells implements ScriptMap {
  private readonly index = new Map<Value, Entry>();

  get(key: Value): Value {
    const entry = this.index.get(key);
    return entry === undefined ? this.absent : (entry.value as Value);
  }

  stats(key: Value): Stats | undefined {
    return this.index.get(key)?.value as Stats | undefined;
  }

  has(key: Value): number {
    return this.index.has(key) ? 1 : 0;
  }

  set(value: Value, key: Value): Value {
    this.cell(key).value = value;
    return value;
  }

  cell(key: Value): Cell {
    const found = this.index.get(key);
    if (found !== undefined) return found;
    const entry = this.append([key]);
    this.index.set(key, entry);
    return entry;
  }

  remove(key: Value): void {
    const entry = this.index.get(key);
    if (entry === undefined) return;
    this.index.delete(key);
    this.drop(entry);
  }

  protected override unindex(entry: Entry): void {
    this.index.delete(entry.keys[0]);
  }

  protected override clearIndex(): void {
    this.index.clear();
  }
}

/** Two keys: as MapN, without a list of keys at each look-up. */
class Map2 extends OrderedCells implements ScriptMap {
  private readonly index = new Map<Value, Map<Value, Entry>>();

  get(first: Value, second: Value): Value {
    const entry = this.index.get(first)?.get(second);
    return entry === undefined ? this.absent : (entry.value as Value);
  }

  stats(first: Value, second: Value): Stats | undefined {
    return this.index.get(first)?.get(second)?.value as Stats | undefined;
  }

  has(first: Value, second: Value): number {
    return this.index.get(first)?.has(second) ? 1 : 0;
  }

  set(value: Value, first: Value, second: Value): Value {
    this.cell(first, second).value = value;
    return value;
  }

  cell(first: Value, second: Value): Cell {
    return this.index.get(first)?.get(second) ?? this.made(first, second);
  }

  private made(first: Value, second: Value): Cell {
    // Making room may take the inner map away, so it is looked up after.
    const entry = this.append([first, second]);
    const inner = this.index.get(first);
    if (inner === undefined) this.index.set(first, new Map([[second, entry]]));
    else inner.set(second, entry);
    return entry;
  }

  remove(first: Value, second: Value): void {
    const entry = this.index.get(first)?.get(second);
    if (entry === undefined) return;
    this.unindex(entry);
    this.drop(entry);
  }

  protected override unindex(entry: Entry): void {
    const [first, second] = entry.keys;
    const inner = this.index.get(first);
    inner?.delete(second);
    if (inner?.size === 0) this.index.delete(first);
  }

  protected override clearIndex(): void {
    this.index.clear();
  }
}

/** Three keys and more: a Map for each key, the last one's values are the cells. */
class MapN extends OrderedCells implements ScriptMap {
  private readonly index: Index = new Map();

  private find(keys: readonly Value[]): Entry | undefined {
    let at: Index | Entry | undefined = this.index;
    for (let i = 0; i < keys.length; i++) {
      at = (at as Index).get(keys[i]);
      if (at === undefined) return undefined;
    }
    return at as Entry;
  }

  get(...keys: Value[]): Value {
    const entry = this.find(keys);
    return entry === undefined ? this.absent : (entry.value as Value);
  }

  stats(...keys: Value[]): Stats | undefined {
    return this.find(keys)?.value as Stats | undefined;
  }

  has(...keys: Value[]): number {
    return this.find(keys) === undefined ? 0 : 1;
  }

  set(value: Value, ...keys: Value[]): Value {
    this.cell(...keys).value = value;
    return value;
  }

  cell(...keys: Value[]): Cell {
    const found = this.find(keys);
    if (found !== undefined) return found;
    const entry = this.append(keys);
    const last = keys.length - 1;
    let at = this.index;
    for (let i = 0; i < last; i++) {
      let next = at.get(keys[i]) as Index | undefined;
      if (next === undefined) {
        next = new Map();
        at.set(keys[i], next);
      }
      at = next;
    }
    at.set(keys[last], entry);
    return entry;
  }

  remove(...keys: Value[]): void {
    const entry = this.find(keys);
    if (entry === undefined) return;
    this.unindex(entry);
    this.drop(entry);
  }

  protected override unindex(entry: Entry): void {
    const { keys } = entry;
    const path: Index[] = [this.index];
    for (let i = 0; i < keys.length - 1; i++) path.push(path[i].get(keys[i]) as Index);
    // Emptied inner maps go too, or a long run of passing keys would leave them behind.
    for (let i = keys.length - 1; i >= 0; i--) {
      path[i].delete(keys[i]);
      if (path[i].size > 0) break;
    }
  }

  protected override clearIndex(): void {
    this.index.clear();
  }
}
