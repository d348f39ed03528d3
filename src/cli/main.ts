// The command: reads the arguments and hands over to what they ask for. Everything that a run does not need
// is imported only where it is needed; start-up is what a user waits for.
import { readFileSync } from 'node:fs';
import { DescriptorOutput, type Output } from '../runtime/output.js';
import { optimizeFromHere } from './optimizing.js';
import { helpText, parseCommandLine, UsageError, type CommandLine } from './options.js';

/** Runs the command and sets the exit status. */
export async function main(argv: readonly string[]): Promise<void> {
  const output = new DescriptorOutput();
  try {
    process.exitCode = await execute(argv, output);
  } catch (error) {
    output.message(`tsprobe: a fault of its own: ${error instanceof Error ? error.stack : String(error)}`);
    process.exitCode = 1;
  }
  output.flush();
}

/**
 * One command, from its arguments to its exit status.
 * @param output where the script's output and the messages go
 */
export async function execute(argv: readonly string[], output: Output): Promise<number> {
  let line: CommandLine;
  try {
    line = parseCommandLine(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    output.message(error.hint ? `tsprobe: ${error.message}` : error.message);
    if (error.hint) output.message("Try '--help' for more information.");
    return 1;
  }
  if (output instanceof DescriptorOutput && (line.color === 'always' || process.stderr.isTTY)) {
    const { Painter, wantsColor } = await import('./colors.js');
    const { SYSTEMTAP_COLORS } = process.env;
    if (wantsColor(line.color, process.env)) output.dress = new Painter(SYSTEMTAP_COLORS).paintAll;
  }
  if (line.mode !== 'run') optimizeFromHere();
  switch (line.mode) {
    case 'help':
      output.print(helpText());
      return 0;
    case 'version':
      output.message(versionText());
      return 0;
    case 'scenarios':
      return (await import('./scenarios.js')).listScenarios(output);
    case 'packetdrill':
      return (await import('./packetdrill.js')).runPacketdrillFiles(line.args, output);
    case 'list':
    case 'list-variables':
      return (await import('./list.js')).listPoints(line, output);
    case 'dump-functions':
    case 'dump-probe-types':
    case 'dump-probe-aliases':
      return (await import('./dump.js')).dump(line, output);
    case 'interactive':
      return (await import('./interactive.js')).interact(line, output);
    case 'language-server':
      return (await import('./lsp/server.js')).serve();
    case 'run':
      if (line.script === null) {
        output.message('A script must be specified.');
        output.message("Try '--help' for more information.");
        return 1;
      }
      return (await import('./run.js')).runScript(line, output);
  }
}

function versionText(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return `tsprobe ${version}: SystemTap for a Linux network stack that you can hold in your hand`;
}
