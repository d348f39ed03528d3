import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RB_BLACK, RB_RED, rb_node, rb_root_cached } from '#tsprobe/stack/include/linux/rbtree.js';
import {
  rb_add_cached,
  rb_erase_cached,
  rb_first_cached,
  rb_last,
  rb_next,
  rb_prev,
} from '#tsprobe/stack/lib/rbtree.js';

/** Black nodes on every way down; throws where the tree is not red-black or a link is wrong. */
function check(node: rb_node<number> | null): number {
  if (node === null) return 1;
  for (const child of [node.rb_left, node.rb_right]) {
    if (child === null) continue;
    expect(child.rb_parent).toBe(node);
    if (node.rb_color === RB_RED) expect(child.rb_color).toBe(RB_BLACK);
  }
  const left = check(node.rb_left);
  expect(check(node.rb_right)).toBe(left);
  return left + (node.rb_color === RB_BLACK ? 1 : 0);
}

test('stays sorted and balanced under any insertions and removals', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ key: fc.nat(30), add: fc.boolean() }), { maxLength: 120 }), (steps) => {
      const root = new rb_root_cached<number>();
      const inside: rb_node<number>[] = [];
      for (const { key, add } of steps) {
        if (add || inside.length === 0) {
          const node = new rb_node(key);
          rb_add_cached(node, root, (a, b) => a.entry < b.entry);
          inside.push(node);
        } else {
          rb_erase_cached(inside.splice(key % inside.length, 1)[0], root);
        }
        check(root.rb_root.rb_node);
        const walked: number[] = [];
        for (let n = rb_first_cached(root); n !== null; n = rb_next(n)) walked.push(n.entry);
        expect(walked).toEqual(inside.map((n) => n.entry).sort((a, b) => a - b));
        const back: number[] = [];
        for (let n = rb_last(root.rb_root); n !== null; n = rb_prev(n)) back.push(n.entry);
        expect(back.reverse()).toEqual(walked);
      }
    }),
  );
});
