/** Records of the functions that speak to the user or end the run. Read beside it: Tapset Reference, "Logging", "ANSI Control Chars"; runtime/builtins/logging.ts, ansi.ts. */
import { builtinGroup } from './builtin.js';

const b = builtinGroup('logging');

export const logging = [
  b('log', 'msg:string', 'unknown', 'Sends a line to the common trace buffer.'),
  b('warn', 'msg:string', 'unknown', 'Sends a line to the warning stream.'),
  b('printk', 'level:long, msg:string', 'unknown', "Sends a line to the kernel's trace buffer."),
  b('ftrace', 'msg:string', 'unknown', 'Sends a line to the ftrace ring buffer.'),
  b('exit', '', 'unknown', 'Starts shutting down the probing script.'),
  b('error', 'msg:string', 'unknown', 'Sends an error message and stops the handler.', { fails: true }),
  b('abort', '', 'unknown', 'Immediately ends the handler and shuts down the probing script.', { fails: true }),
  b('assert', 'expression:long', 'unknown', 'Raises an error if the expression is 0.', {
    fails: true,
    implementation: 'assert1',
  }),
  b('assert', 'expression:long, msg:string', 'unknown', 'Raises an error with a message if the expression is 0.', {
    fails: true,
  }),
  b('switch_file', '', 'unknown', 'Goes on in the next output file; of no effect here, where output is one file.'),
  b('system', 'cmd:string', 'unknown', 'Issues a command to the system.'),
];

const a = builtinGroup('ansi');

export const ansi = [
  a('ansi_clear_screen', '', 'unknown', 'Moves the cursor to the top left and clears the screen.'),
  a('ansi_set_color', 'fg:long', 'unknown', 'Sets the foreground colour.', { implementation: 'ansi_set_color' }),
  a('ansi_set_color2', 'fg:long, bg:long', 'unknown', 'Sets the foreground and background colour.'),
  a('ansi_set_color3', 'fg:long, bg:long, attr:long', 'unknown', 'Sets foreground, background and an attribute.'),
  a('ansi_set_color', 'fg:long, bg:long', 'unknown', 'Sets the foreground and background colour.', {
    implementation: 'ansi_set_color2',
  }),
  a('ansi_set_color', 'fg:long, bg:long, attr:long', 'unknown', 'Sets foreground, background and an attribute.', {
    implementation: 'ansi_set_color3',
  }),
  a('ansi_reset_color', '', 'unknown', 'Resets the colours.'),
  a('ansi_new_line', '', 'unknown', 'Moves the cursor to a new line.'),
  a('ansi_cursor_move', 'x:long, y:long', 'unknown', 'Moves the cursor to a column and a row.'),
  a('ansi_cursor_hide', '', 'unknown', 'Hides the cursor.'),
  a('ansi_cursor_show', '', 'unknown', 'Shows the cursor.'),
  a('ansi_cursor_save', '', 'unknown', 'Saves the position of the cursor.'),
  a('ansi_cursor_restore', '', 'unknown', 'Restores the position of the cursor.'),
];
