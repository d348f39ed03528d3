// --color: messages in colours, as stap has them: errors, warnings, the quoted source and the caret below it. What
// each looks like can be set in SYSTEMTAP_COLORS. Read beside it: stap(1), --color.

type Part = 'error' | 'warning' | 'source' | 'caret' | 'token';

const usual: Readonly<Record<Part, string>> = {
  error: '01;31',
  warning: '00;33',
  source: '00;34',
  caret: '01',
  token: '01',
};

/** `error=01;31:warning=00;33:…`; what is not well-formed is left as it is. */
function partsFrom(setting: string | undefined): Record<Part, string> {
  const parts = { ...usual };
  for (const [, name, code] of (setting ?? '').matchAll(/(\w+)=([\d;]*)/g)) {
    if (name in parts) parts[name as Part] = code;
  }
  return parts;
}

/** Does a terminal get colours? An empty SYSTEMTAP_COLORS switches them off. */
export function wantsColor(when: 'always' | 'auto' | 'never', environment: NodeJS.ProcessEnv): boolean {
  if (when === 'always') return true;
  if (when === 'never' || environment.SYSTEMTAP_COLORS === '') return false;
  return environment.TERM !== 'dumb' && environment.TERM !== undefined && !environment.NO_COLOR;
}

/** Puts the colours into messages as they come. */
export class Painter {
  private readonly parts: Readonly<Record<Part, string>>;
  private quoted = false;

  /** @param setting what SYSTEMTAP_COLORS says */
  constructor(setting: string | undefined) {
    this.parts = partsFrom(setting);
  }

  private paint(part: Part, text: string): string {
    const code = this.parts[part];
    return code === '' ? text : `\x1b[${code}m\x1b[K${text}\x1b[m\x1b[K`;
  }

  private line(text: string): string {
    const { quoted } = this;
    this.quoted = false;
    const source = /^(\s+source: )(.*)$/.exec(text);
    if (source !== null) {
      this.quoted = true;
      return source[1] + this.paint('source', source[2]);
    }
    const caret = quoted ? /^(\s*)\^$/.exec(text) : null;
    if (caret !== null) return caret[1] + this.paint('caret', '^');
    const kind = /^(parse error|semantic error|ERROR|WARNING):/.exec(text);
    const rest = (kind === null ? text : text.slice(kind[1].length)).replace(
      /^(.*(?:: |saw: |at: ))?((?:identifier|operator|keyword|number|string|junk|embedded-code) '.*') at (?=\S*:\d+:\d+)/,
      (_all, before: string | undefined, token: string) => `${before ?? ''}${this.paint('token', token)} at `,
    );
    if (kind === null) return rest;
    return this.paint(kind[1] === 'WARNING' ? 'warning' : 'error', kind[1]) + rest;
  }

  readonly paintAll = (text: string): string =>
    text
      .split('\n')
      .map((line) => this.line(line))
      .join('\n');
}
