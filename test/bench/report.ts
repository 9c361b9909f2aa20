/** What a run says at its end: the table, and the targets. */
import type { Machine } from './machine.ts';
import type { MarketFigures } from './market.ts';
import { median } from './median.ts';
import { accountLines, restingRatio } from './accounts.ts';
import { againstLines, documentLines, eventStoreLines } from './report-stores.ts';
import type { Result } from './run.ts';
import type { RowName } from './options.ts';
import type { Figures } from './targets.ts';

interface Line {
  readonly title: string;
  readonly connections: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuMicros: number | null;
  readonly errors: number;
  readonly behind: number;
}

type Lines = ReadonlyMap<RowName, Line>;

export function printReport(result: Result, machine: Machine): string {
  const lines: Lines = new Map(
    result.rows.map(({ row, rounds }) => [row.name, lineOf(row.title, row.connections, rounds)]),
  );
  const bare = lines.get('bare')?.perSecond;
  const ceiling = lines.get('ceiling')?.perSecond;
  const head = ['', 'conns', 'req/s', '× bare', '× ceiling', 'p50 ms', 'p99 ms', 'CPU µs', 'view behind', 'errors'];
  const cells = [...lines.values()].map((line) => [
    line.title,
    String(line.connections),
    whole(line.perSecond),
    ratio(line.perSecond, bare),
    ratio(line.perSecond, ceiling),
    line.p50.toFixed(2),
    line.p99.toFixed(2),
    line.cpuMicros === null ? '-' : line.cpuMicros.toFixed(0),
    line.behind === 0 ? '-' : whole(line.behind),
    String(line.errors),
  ]);
  return [
    ...machineLines(machine, result),
    '',
    ...(cells.length === 0 ? [] : [...aligned([head, ...cells]), '']),
    ...marketLines(result),
    ...otherLines(result),
    ...judged(lines, result).map(
      ({ target, found, reached }) => `${reached ? 'reached    ' : 'NOT reached'}  ${target}: ${found}`,
    ),
    ...result.wrong.map((sentence) => `WRONG: ${sentence}`),
    '',
  ].join('\n');
}

function machineLines(
  { node, sqlite, fastify, system, cores, cpu, pinned, dataDir, fileSystem }: Machine,
  { rows, disk }: Result,
): string[] {
  return [
    `Node ${node}, SQLite ${sqlite}, Fastify ${fastify}, ${system}, ${cores} cores (${cpu})`,
    pinned
      ? 'server on core 0, load generator on core 1'
      : 'NOT PINNED (no taskset, or no second core): server and load generator share cores',
    `data in ${dataDir} (${fileSystem}); 4 KiB write + fdatasync: ${whole(median(disk))}/s`,
    `medians of ${rows[0]?.rounds.length ?? disk.length} interleaved rounds; CPU µs: all threads of the server, a request; ratios compare, absolute figures are this machine's`,
  ];
}

function marketLines({ market }: Result): string[] {
  if (market.length === 0) return [];
  const head = ['', 'open signals', 'ticks/CPU s', 'CPU ns a tick', 'hits / 1,000', 'bytes a signal'];
  const cells = market.map(({ row, rounds }) => [
    row.title,
    whole(row.signals),
    whole(median(rounds.map(({ ticksPerSecond }) => ticksPerSecond))),
    whole(nanosOf(rounds)),
    median(rounds.map(({ hitsPerThousand }) => hitsPerThousand)).toFixed(1),
    whole(weightOf(rounds)),
  ]);
  return [...aligned([head, ...cells]), ''];
}

function otherLines({ steps, visible, rebuilds, eventStore, documents, accounts, against }: Result): string[] {
  const lines: string[] = [];
  const middle = (pick: (figures: Result['steps'][number]) => number): number => median(steps.map(pick));
  if (steps.length > 0)
    lines.push(
      `tick → durable step: p50 ${middle(({ latency }) => latency.p50).toFixed(1)} ms, p99 ${middle(({ latency }) => latency.p99).toFixed(1)} ms ` +
        `(one signal every 10 ms); ${whole(middle(({ burst }) => burst.perSecond))} steps/s where one tick crosses ${whole(steps[0]!.burst.steps)} signals`,
    );
  if (visible !== null)
    lines.push(
      `write → visible at ${whole(visible.rate)} creates/s: p50 ${visible.p50.toFixed(1)} ms, p99 ${visible.p99.toFixed(1)} ms ` +
        `(from the 2xx until a read connection on views.db sees it; looked every ms; ${visible.count} writes)`,
    );
  if (rebuilds.length > 0)
    lines.push(`rebuild of ${rebuilds[0]!.events} events: ${whole(median(rebuilds.map(rateOf)))} events/s`);
  lines.push(...eventStoreLines(eventStore), ...documentLines(documents));
  lines.push(...accountLines(accounts), ...againstLines(against));
  return lines.length === 0 ? [] : [...lines, ''];
}

interface Judged {
  readonly target: string;
  readonly found: string;
  readonly reached: boolean;
}

/** Targets whose rows were run. */
function judged(lines: Lines, { market, visible, rebuilds, accounts, disk }: Result): Judged[] {
  const [bare, ceiling, create, create1] = (['bare', 'ceiling', 'create', 'create1'] as const).map((name) =>
    lines.get(name),
  );
  const found: Judged[] = [];
  const atLeast = (target: string, value: number, least: number, digits: number): void => {
    found.push({ target: `${target} ≥ ${least}`, found: value.toFixed(digits), reached: value >= least });
  };
  if (create && bare) {
    atLeast('create @64 / bare', create.perSecond / bare.perSecond, 0.35, 2);
    const times = create.p99 / bare.p99;
    found.push({
      target: "create @64 p99 ≤ 4 × bare's",
      found: `${times.toFixed(1)} × (${create.p99.toFixed(2)} / ${bare.p99.toFixed(2)} ms)`,
      reached: times <= 4,
    });
  }
  if (create && ceiling) atLeast('create @64 / ceiling', create.perSecond / ceiling.perSecond, 0.65, 2);
  if (create && create1) {
    const [alone, synced] = [create.perSecond / create1.perSecond, create.perSecond / median(disk)];
    found.push({
      target: 'create @64 ≥ 5 × @1',
      found: `${alone.toFixed(1)} × (and ${synced.toFixed(1)} × what the disk syncs one by one)`,
      reached: alone >= 5,
    });
  }
  if (visible !== null)
    found.push({
      target: 'write → visible p99 ≤ 20 ms',
      found: `${visible.p99.toFixed(1)} ms`,
      reached: visible.p99 <= 20,
    });
  if (rebuilds.length > 0) atLeast('rebuild events/s', median(rebuilds.map(rateOf)), 50_000, 0);
  const [few, many] = [
    market.find(({ row }) => row.name === 'ticks-1k'),
    market.find(({ row }) => row.name === 'ticks-1m'),
  ];
  if (few && many) {
    const times = nanosOf(many.rounds) / nanosOf(few.rounds);
    found.push({
      target: 'a tick with 1,000,000 signals open ≤ 1.5 × one with 1,000',
      found: `${times.toFixed(2)} × (${whole(nanosOf(many.rounds))} / ${whole(nanosOf(few.rounds))} ns)`,
      reached: times <= 1.5,
    });
  }
  if (many) {
    const weight = weightOf(many.rounds);
    found.push({
      target: 'an open signal among 1,000,000 ≤ 400 bytes',
      found: `${whole(weight)} bytes`,
      reached: weight <= 400,
    });
  }
  if (accounts !== null) {
    const times = restingRatio(accounts);
    found.push({
      target: 'a tick with 1,000,000 resting orders ≤ 1.5 × one with 1,000',
      found: `${times.toFixed(2)} ×`,
      reached: times <= 1.5,
    });
  }
  return found;
}

function lineOf(title: string, connections: number, rounds: readonly Figures[]): Line {
  const middle = (pick: (figures: Figures) => number): number => median(rounds.map(pick));
  return {
    title,
    connections,
    perSecond: middle(({ perSecond }) => perSecond),
    p50: middle(({ latency }) => latency.p50),
    p99: middle(({ latency }) => latency.p99),
    cpuMicros: rounds.some(({ cpuMicros }) => cpuMicros === null) ? null : middle(({ cpuMicros }) => cpuMicros!),
    errors: rounds.reduce((sum, { errors }) => sum + errors, 0),
    behind: middle(({ behind }) => behind),
  };
}

function nanosOf(rounds: readonly MarketFigures[]): number {
  return median(rounds.map(({ ticksPerSecond }) => 1e9 / ticksPerSecond));
}

function weightOf(rounds: readonly MarketFigures[]): number {
  return median(rounds.map(({ bytesPerSignal }) => bytesPerSignal));
}

function rateOf({ events, seconds }: { events: number; seconds: number }): number {
  return events / seconds;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function ratio(value: number, base: number | undefined): string {
  return base === undefined || base === 0 ? '-' : (value / base).toFixed(2);
}

/** The first column to the left, figures to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, place) => Math.max(...rows.map((row) => row[place]!.length)));
  return rows.map((row) =>
    row.map((cell, place) => (place === 0 ? cell.padEnd(widths[place]!) : cell.padStart(widths[place]!))).join('  '),
  );
}
