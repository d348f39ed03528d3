import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { Callees } from '#tsprobe/instrument/callees.js';

const file = (name: string, text: string) => ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);

describe('callees of a function', () => {
  const a = file(
    'a.ts',
    `export function rcv() { helper(); other_file(); this_is.a.method(); [1].map(() => closure()); rcv(); }
     /** @notrace */ function helper() { deliver(); helper(); twice(); }
     /** @notrace */ function twice() { here(); }`,
  );
  const b = file(
    'b.ts',
    `/** @notrace */ export function other_file() { far(); twice(); }
     /** @notrace */ function twice() { there(); }
     export function plain() { twice(); }`,
  );
  const callees = new Callees([a, b]);
  const of = (f: ts.SourceFile, name: string) => {
    const found = f.statements.filter(ts.isFunctionDeclaration).find((n) => n.name?.text === name);
    return found?.body ? callees.of(found.body, f) : [];
  };

  it('are those it calls itself, and those that its untraced helpers call, each in its own file', () => {
    expect(of(a, 'rcv')).toEqual(['deliver', 'here', 'far', 'there', 'rcv']);
    expect(of(b, 'plain')).toEqual(['there']);
  });
});
