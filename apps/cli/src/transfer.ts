/** `export`, `import`: all events, from any event store to any other. */
import { open } from 'node:fs/promises';
import type { Command } from 'commander';
import { exportToFile, exportToStdout } from './export.ts';
import { importEvents } from './import.ts';
import { printResult } from './output.ts';
import { startProgress, untilInterrupted } from './progress.ts';
import { globalOptions, withLedger } from './wiring.ts';

/** Stands for stdout and stdin. */
const STANDARD = '-';

export function transferCommands(program: Command): void {
  program
    .command('export')
    .description('all events as lines of JSON, in the order of the log; a header comes first')
    .argument(
      '[file]',
      'appears only when it is whole. "-": stdout, where the lines are then all that is printed',
      STANDARD,
    )
    .action(async (file: string, _options: object, command: Command) => {
      const { settings, json } = globalOptions(command);
      const { signal, release } = untilInterrupted();
      const progress = startProgress('export', { quiet: json });
      try {
        const exported = await withLedger(
          settings,
          ({ events }) =>
            file === STANDARD
              ? exportToStdout(events, { signal, progress })
              : exportToFile(events, file, { signal, progress }),
          { existing: true },
        );
        progress.end();
        if (file !== STANDARD) printResult(json, { file, ...exported }, ({ events }) => `${events} events in ${file}`);
      } finally {
        progress.end();
        release();
      }
    });

  program
    .command('import')
    .description(
      'append the events of an export with their ids, times and revisions, in order. What is there is not added again',
    )
    .argument('<file>', '"-": stdin')
    .action(async (file: string, _options: object, command: Command) => {
      const { settings, json } = globalOptions(command);
      const { signal, release } = untilInterrupted();
      const progress = startProgress('import', { quiet: json });
      try {
        const source: AsyncIterable<Buffer> = file === STANDARD ? process.stdin : (await open(file)).createReadStream();
        const imported = await withLedger(settings, ({ events }) => importEvents(events, source, { signal, progress }));
        progress.end();
        printResult(json, imported, ({ added, already_there }) =>
          added === 0
            ? `nothing added: all ${already_there} events were there`
            : `${added} events added, ${already_there} were there`,
        );
      } finally {
        progress.end();
        release();
      }
    });
}
