/** The command `signal-ledger`: which commands there are, and how a failure is told. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { accountCommands } from './account-commands.ts';
import { agentCommands } from './agent-commands.ts';
import { brokerCommands } from './broker-commands.ts';
import { channelCommands } from './channel-commands.ts';
import { doctorCommand } from './doctor.ts';
import { keyCommands } from './key-commands.ts';
import { logCommands } from './log.ts';
import { marketCommands } from './market-commands.ts';
import { renderFailure } from './output.ts';
import { replayCommand } from './replay.ts';
import { strategyCommands } from './strategy.ts';
import { transferCommands } from './transfer.ts';
import { viewCommands } from './views.ts';

/** Of the package this file belongs to, compiled or not. */
function packageVersion(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
    if (dirname(folder) === folder) return 'unknown';
  }
}

/** `--json` as given, even where the rest of the line can't be understood. */
const json = optionsOf(process.argv.slice(2)).includes('--json');

function optionsOf(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end === -1 ? args : args.slice(0, end);
}

const program = new Command('signal-ledger')
  .description('Administers a signal ledger; works while its server runs.')
  .version(packageVersion())
  .option('--json', 'print one JSON value and nothing else; errors as JSON on stderr')
  .option('--data-dir <dir>', 'folder of the embedded stores (overrides DATA_DIR)')
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(--help tells the usage)')
  .addHelpText(
    'after',
    '\nSettings are read from the environment: DATA_DIR, EVENT_STORE_URL, VIEW_STORE_URL, HOST, PORT.\nExit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C.',
  )
  // With --json, what commander would write of an error is written below, as JSON.
  .configureOutput(json ? { writeErr: () => undefined } : {})
  .exitOverride();

channelCommands(program);
strategyCommands(program);
keyCommands(program);
agentCommands(program);
accountCommands(program);
brokerCommands(program);
logCommands(program);
marketCommands(program);
viewCommands(program);
transferCommands(program);
replayCommand(program);
doctorCommand(program);

// The reader of a pipe went away (`| head`): there is nobody left to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) {
    process.exitCode = 0;
  } else {
    const { text, exitCode } = renderFailure(error, json);
    // Commander has told a wrong usage already, and how it is right.
    if (json || !(error instanceof CommanderError)) process.stderr.write(text);
    process.exitCode = exitCode;
  }
}
