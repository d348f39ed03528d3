// What a shell script says, parsed (POSIX.1-2017, Shell Command Language).

/** A piece of a word. What stands in quotes is neither split nor searched for file names. */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: 'variable';
      readonly name: string;
      /** `:-`, `-`, `:+`, `+`, `#` (its length) or ''. */
      readonly operator: string;
      readonly word: Word;
      readonly quoted: boolean;
    }
  | { readonly kind: 'command'; readonly body: List; readonly quoted: boolean }
  | { readonly kind: 'arithmetic'; readonly word: Word; readonly quoted: boolean };

export type Word = readonly Part[];

export interface Redirection {
  /** Descriptor that is redirected; 1 and 2 for `&>`. */
  readonly from: readonly number[];
  readonly operator: '<' | '>' | '>>' | '>&' | '<<<';
  readonly target: Word;
}

export type Command =
  | {
      readonly kind: 'simple';
      readonly assignments: readonly (readonly [name: string, value: Word])[];
      readonly words: readonly Word[];
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly kind: 'group';
      readonly body: List;
      readonly subshell: boolean;
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly kind: 'if';
      readonly branches: readonly (readonly [condition: List, body: List])[];
      readonly otherwise: List | null;
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly kind: 'for';
      readonly name: string;
      readonly words: readonly Word[];
      readonly body: List;
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly kind: 'while';
      readonly until: boolean;
      readonly condition: List;
      readonly body: List;
      readonly redirections: readonly Redirection[];
    };

export interface Pipeline {
  readonly negated: boolean;
  readonly commands: readonly Command[];
}

export interface Item {
  readonly pipeline: Pipeline;
  /** What stands behind it. */
  readonly connector: ';' | '&' | '&&' | '||';
}

export type List = readonly Item[];

/** What is wrong with a script's text, as bash says it. */
export class ShellSyntaxError extends Error {}
