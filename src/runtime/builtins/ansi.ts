// Terminal control sequences (ECMA-48), as SystemTap's tapset prints them. Read beside it: dsl/builtins/logging.ts.
import type { BuiltinGroup } from '../services.js';

export const ansi: BuiltinGroup = (rt) => {
  const escape = (text: string): void => rt.print(`\x1b[${text}`);
  return {
    ansi_clear_screen: () => rt.print('\x1b[1;1H\x1b[J'),
    ansi_set_color: (fg) => escape(`${fg}m`),
    ansi_set_color2: (fg, bg) => escape(`${bg};${fg}m`),
    ansi_set_color3: (fg, bg, attr) => escape(attr ? `${bg};${fg};${attr}m` : `${bg};${fg}m`),
    ansi_reset_color: () => escape('0;0m'),
    ansi_new_line: () => rt.print('\n'),
    ansi_cursor_move: (x, y) => escape(`${y};${x}H`),
    ansi_cursor_hide: () => escape('>5I'),
    ansi_cursor_show: () => escape('>5h'),
    ansi_cursor_save: () => escape('s'),
    ansi_cursor_restore: () => escape('u'),
  };
};
