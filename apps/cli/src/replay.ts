/** `replay`: a history of signals against a history of prices, at full speed. */
import { statSync } from 'node:fs';
import type { Command } from 'commander';
import type { Series } from '#libs/market';
import { CommandError, printResult, Stopped, table } from './output.ts';
import { type Progress, startProgress, untilInterrupted } from './progress.ts';
import { unreadable } from './replay/history.ts';
import type { Outcome } from './replay/outcome.ts';
import type { Notice } from './replay/subject.ts';
import type { ReplayRecord } from './replay/record.ts';

interface Replayed {
  readonly outcomes: readonly Outcome[];
  readonly record: ReplayRecord;
  readonly notices: readonly Notice[];
}

/**
 * Runs the signals of a file against price files.
 * @throws CommandError for anything that is wrong with a file, naming it and its line; `Stopped` after Ctrl-C.
 */
async function replay(
  signalsFile: string,
  priceFiles: readonly string[],
  signal: AbortSignal,
  progressOf: (label: string) => Progress = () => ({ update: () => undefined, end: () => undefined }),
): Promise<Replayed> {
  // The checks of the Anny bodies take longer to load than any other command to run.
  const [{ readHistory }, { simulate }, { documentOf, outcomeOf }, { replayRecord }] = await Promise.all([
    import('./replay/history.ts'),
    import('./replay/simulate.ts'),
    import('./replay/outcome.ts'),
    import('./replay/record.ts'),
  ]);
  try {
    const history = await readHistory(signalsFile);
    const series = await readAll(priceFiles, signal, progressOf('reading prices'));
    const total = series.reduce((sum, { length }) => sum + length, 0);
    const progress = progressOf('replay');
    const { subjects, notices } = await simulate(history, series, {
      signal,
      onProgress: (prices) => progress.update(prices, total, prices),
    }).finally(() => progress.end());
    const documents = subjects.map(documentOf);
    return {
      outcomes: subjects.map((subject, at) => outcomeOf(subject, documents[at]!)),
      record: replayRecord(documents),
      notices,
    };
  } catch (error) {
    if (signal.aborted) throw new Stopped('stopped; nothing was kept, run it again');
    throw error;
  }
}

async function readAll(files: readonly string[], signal: AbortSignal, progress: Progress): Promise<readonly Series[]> {
  const { readSeries, seriesFilesIn } = await import('#libs/market');
  const series: Series[] = [];
  try {
    const paths = (await Promise.all(files.map((file) => surely(file, () => seriesFilesIn(file))))).flat();
    const total = paths.reduce((sum, path) => sum + statSync(path).size, 0);
    let before = 0;
    let prices = 0;
    for (const path of paths) {
      const onBytes = (read: number): void => progress.update(before + read, total, prices);
      const one = await surely(path, () => readSeries(path, { signal, onBytes }));
      const twin = series.find(
        ({ instrument, interval }) => instrument === one.instrument && interval === one.interval,
      );
      if (twin !== undefined)
        throw new CommandError('bad_prices', `${twin.file} and ${path} hold the same kind of prices`, 'prices');
      before += statSync(path).size;
      prices += one.length;
      series.push(one);
    }
    return series;
  } finally {
    progress.end();
  }

  async function surely<Result>(file: string, read: () => Promise<Result>): Promise<Result> {
    try {
      return await read();
    } catch (error) {
      if (signal.aborted) throw error;
      if ((error as NodeJS.ErrnoException).code !== undefined) throw unreadable(file, error, 'prices');
      throw new CommandError('bad_prices', (error as Error).message, 'prices');
    }
  }
}

export function replayCommand(program: Command): void {
  program
    .command('replay')
    .description('run a history of signals against a history of prices, and print what would have become of them')
    .requiredOption('--signals <file>', 'signals, one JSON object a line: {"id","at","signal","calls"?}')
    .requiredOption(
      '--prices <file...>',
      'candles or ticks, named like BTC-USDT_5m.csv or BTC-USDT_ticks.csv, or folders of them',
    )
    .action(async (options: { signals: string; prices: string[] }, command: Command) => {
      const json = command.optsWithGlobals<{ json?: true }>().json === true;
      const { signal, release } = untilInterrupted();
      try {
        const replayed = await replay(options.signals, options.prices, signal, (label) =>
          startProgress(label, { quiet: json }),
        );
        printResult(json, replayed, human);
      } finally {
        release();
      }
    });
}

function human({ outcomes, record, notices }: Replayed): string {
  const rows = outcomes.map(({ id, status, matched_at, entry_price, closed_at, result_pct, result_r }) => [
    id,
    status,
    matched_at ?? '',
    entry_price ?? '',
    closed_at ?? '',
    result_pct ?? '',
    result_r ?? '',
  ]);
  const told = notices.map(({ id, at, about, reason }) => `${id}  ${at}  ${about}: ${reason}`);
  const figures = Object.entries(record).map(([name, value]) => [
    name,
    value === null ? '-' : typeof value === 'object' ? JSON.stringify(value) : String(value),
  ]);
  return [
    table(['ID', 'STATUS', 'MATCHED', 'ENTRY', 'CLOSED', 'RESULT %', 'R'], rows),
    '',
    table(['RECORD', ''], figures),
    ...(told.length > 0 ? ['', 'Notices:', ...told] : []),
  ].join('\n');
}
