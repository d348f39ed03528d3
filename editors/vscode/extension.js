// Starts `tsprobe --language-server` for .stp files. Install: `npm install` in this folder, then link or copy
// the folder into ~/.vscode/extensions.
import { workspace } from 'vscode';
import { LanguageClient } from 'vscode-languageclient/node.js';

let client;

export function activate() {
  const command = workspace.getConfiguration('tsprobe').get('path', 'tsprobe');
  const server = { command, args: ['--language-server'] };
  client = new LanguageClient('tsprobe', 'tsprobe', server, { documentSelector: [{ language: 'stap' }] });
  return client.start();
}

export function deactivate() {
  return client?.stop();
}
