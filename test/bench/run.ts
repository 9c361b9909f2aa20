/** A whole run: interleaved rounds of the loads, then visibility, the checks, rebuilds, and what is measured on stores of its own. */
import { join } from 'node:path';
import { type AccountFigures, measureAccounts } from './accounts.ts';
import { type AgainstFigures, measureAgainst } from './against.ts';
import type { Children } from './children.ts';
import { type DocumentFigures, measureDocuments } from './documents.ts';
import { type EventStoreFigures, measureEventStore } from './event-store.ts';
import type { Percentiles } from './job.ts';
import { measureDisk } from './machine.ts';
import type { MarketFigures } from './market.ts';
import { median } from './median.ts';
import type { Options, RowName } from './options.ts';
import { profileArgs, summarizeProfiles } from './profile.ts';
import type { Rebuilt } from './rebuild.ts';
import { LOAD_ROWS, type LoadRow, MARKET_ROWS, type MarketRow } from './rows.ts';
import { measureSteps, type StepFigures } from './steps.ts';
import { type Figures, Targets } from './targets.ts';

/** A log of at least so many events is rebuilt. */
const REBUILD_EVENTS = 100_000;

export interface Result {
  readonly rows: readonly { readonly row: LoadRow; readonly rounds: readonly Figures[] }[];
  readonly market: readonly { readonly row: MarketRow; readonly rounds: readonly MarketFigures[] }[];
  readonly steps: readonly StepFigures[];
  readonly visible: (Percentiles & { readonly count: number; readonly rate: number }) | null;
  readonly rebuilds: readonly Rebuilt[];
  readonly eventStore: EventStoreFigures | null;
  /** A sentence where there is no server. */
  readonly documents: DocumentFigures | string | null;
  readonly accounts: AccountFigures | null;
  readonly against: AgainstFigures | null;
  /** Synced writes of 4 KiB a second, once a round. */
  readonly disk: readonly number[];
  /** Everything that was not as it must be. */
  readonly wrong: readonly string[];
}

export async function runBench(
  options: Options,
  folder: string,
  children: Children,
  say: (line: string) => void,
): Promise<Result> {
  const load = children.load();
  const targets = new Targets(folder, children, load, profileArgs(options.profile));
  const wants = (name: RowName): boolean => options.rows.includes(name);
  const rows = LOAD_ROWS.filter(({ name }) => wants(name)).map((row) => ({ row, rounds: [] as Figures[] }));
  const market = MARKET_ROWS.filter(({ name }) => wants(name)).map((row) => ({ row, rounds: [] as MarketFigures[] }));
  const wrong: string[] = [];
  const judge = (what: string, { errors, samples, acknowledged }: Figures): void => {
    if (errors > 0) wrong.push(`${what}: ${errors} wrong answers or lost connections, such as: ${samples.join(' | ')}`);
    if (acknowledged === 0) wrong.push(`${what}: not one right answer`);
  };

  const needed = new Set(rows.map(({ row }) => row.target));
  if (wants('visible') || wants('rebuild')) needed.add('ledger');
  for (const target of needed) {
    say(`warming up: ${target}`);
    await targets.start(target, options.quick ? 1 : 3);
  }

  const disk: number[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    disk.push(measureDisk(folder, options.quick ? 300 : 500));
    for (const { row, rounds } of rows) {
      const figures = await targets.run(row.target, {
        ...row.load,
        connections: row.connections,
        seconds: options.seconds,
      });
      rounds.push(figures);
      judge(row.title, figures);
      const lag = figures.behind > 0 ? `, view ${figures.behind} events behind at the end` : '';
      say(`round ${round}/${options.rounds} ${row.name}: ${Math.round(figures.perSecond)}/s${lag}`);
    }
    for (const { row, rounds } of market) {
      const figures = (await children.script(
        'market.ts',
        String(row.signals),
        String(options.seconds),
      )) as MarketFigures;
      rounds.push(figures);
      if (figures.hitsPerThousand === 0) wrong.push(`${row.name}: no tick touched a signal`);
      say(`round ${round}/${options.rounds} ${row.name}: ${Math.round(figures.ticksPerSecond)}/s`);
    }
  }

  const steps: StepFigures[] = [];
  if (wants('steps')) {
    for (let round = 1; round <= options.rounds; round += 1) {
      const figures = await measureSteps(folder, round, children);
      steps.push(figures);
      say(`steps ${round}/${options.rounds}: p99 ${figures.latency.p99} ms, ${Math.round(figures.burst.perSecond)}/s`);
    }
  }

  let visible: Result['visible'] = null;
  if (wants('visible')) {
    const peaks = rows.find(({ row }) => row.name === 'create')?.rounds;
    const peak = median(
      (peaks ?? [await targets.run('ledger', { kind: 'create', connections: 64, seconds: options.seconds })]).map(
        ({ perSecond }) => perSecond,
      ),
    );
    const paced = {
      kind: 'create',
      connections: 64,
      seconds: options.seconds * 2,
      rate: peak / 2,
      watch: targets.viewsFile,
    } as const;
    const figures = await targets.run('ledger', paced);
    judge('write → visible', figures);
    if (figures.visible!.unseen > 0) wrong.push(`${figures.visible!.unseen} writes did not become visible in the view`);
    visible = { ...figures.visible!, rate: figures.perSecond };
    say(`visible: p99 ${visible.p99.toFixed(1)} ms at ${Math.round(visible.rate)}/s`);
  }

  await targets.stopAll();
  if (needed.has('ledger')) {
    const verified = await targets.verify();
    wrong.push(...verified.wrong);
    say(`checked: ${verified.creates} creates and ${verified.updates} updates against the log`);
  }
  if (options.profile !== null) say(`profiles: ${summarizeProfiles(options.profile)}`);
  const rebuilds: Rebuilt[] = [];
  if (wants('rebuild')) {
    await children.script('pad.ts', targets.eventsFile, String(REBUILD_EVENTS));
    for (let round = 1; round <= options.rounds; round += 1) {
      const rebuilt = (await children.script(
        'rebuild.ts',
        targets.eventsFile,
        join(folder, `views-${round}.db`),
      )) as Rebuilt;
      rebuilds.push(rebuilt);
      say(`rebuild ${round}/${options.rounds}: ${rebuilt.events} events in ${rebuilt.seconds.toFixed(1)} s`);
    }
  }
  const run = { ...options, say };
  const eventStore = wants('event-store') ? await measureEventStore(folder, children, load, run) : null;
  const documents = wants('documents') ? await measureDocuments(folder, children, run) : null;
  const accounts = wants('accounts') ? await measureAccounts(folder, children, run) : null;
  const against =
    options.against === null ? null : await measureAgainst(folder, children, load, { ...run, commit: options.against });
  wrong.push(...(eventStore?.wrong ?? []), ...(against?.wrong ?? []));
  return { rows, market, steps, visible, rebuilds, eventStore, documents, accounts, against, disk, wrong };
}
