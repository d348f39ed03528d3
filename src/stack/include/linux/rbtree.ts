// Red-black trees with intrusive nodes (include/linux/rbtree.h). The algorithms are in lib/rbtree.ts.

export const RB_RED = 0;
export const RB_BLACK = 1;

/** A node; `entry` is what it is a part of. A node that is in no tree has itself as parent. */
export class rb_node<T> {
  readonly entry: T;
  rb_parent: rb_node<T> | null;
  rb_color: number = RB_RED;
  rb_left: rb_node<T> | null = null;
  rb_right: rb_node<T> | null = null;

  constructor(entry: T) {
    this.entry = entry;
    this.rb_parent = this;
  }
}

export class rb_root<T> {
  rb_node: rb_node<T> | null = null;
}

/** A tree that knows its first node. */
export class rb_root_cached<T> {
  rb_root: rb_root<T> = new rb_root<T>();
  rb_leftmost: rb_node<T> | null = null;
}

/** @notrace */
export function RB_EMPTY_ROOT<T>(root: rb_root<T>): boolean {
  return root.rb_node === null;
}

/** Whether the node is in no tree. @notrace */
export function RB_EMPTY_NODE<T>(node: rb_node<T>): boolean {
  return node.rb_parent === node;
}

/** @notrace */
export function RB_CLEAR_NODE<T>(node: rb_node<T>): void {
  node.rb_parent = node;
}
