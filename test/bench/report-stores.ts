/** What a run says of stores beyond one machine, and of another commit. Where a server is stood in for, each line says so. */
import type { AgainstFigures } from './against.ts';
import type { DocumentFigures } from './documents.ts';
import { APPENDS_AT_ONCE, type EventStoreFigures, type EventStoreRound } from './event-store.ts';
import { median } from './median.ts';

const EVENT_STORES = {
  double: 'the double of EventStoreDB that the tests have: in memory, no disk',
  server: 'the EventStoreDB of TEST_EVENTSTORE_URL',
};

const DOCUMENT_STORES = {
  'stand-in': 'FerretDB on SQLite in place of MongoDB: no figure of MongoDB',
  server: 'the MongoDB of TEST_MONGODB_URL',
};

export function eventStoreLines(figures: EventStoreFigures | null): string[] {
  if (figures === null) return [];
  const { kind, rounds } = figures;
  const middle = (pick: (round: EventStoreRound) => number): string => whole(median(rounds.map(pick)));
  const raw = `${middle((round) => round.raw.perSecond)}/s, p99 ${middle((round) => round.raw.p99)} ms`;
  return (['api', 'all'] as const).map((roles) => {
    const create = `${middle((round) => round[roles].perSecond)}/s, p99 ${middle((round) => round[roles].latency.p99)} ms`;
    return (
      `durable create @${APPENDS_AT_ONCE} on EventStoreDB (${roles === 'api' ? 'ROLES=api' : 'all roles'}) ÷ raw appends of its client: ` +
      `${spread(rounds.map((round) => round[roles].perSecond / round.raw.perSecond))} (${create} ÷ ${raw}; on ${EVENT_STORES[kind]})`
    );
  });
}

/** `figures`: a sentence where there are none. */
export function documentLines(figures: DocumentFigures | string | null): string[] {
  if (figures === null) return [];
  if (typeof figures === 'string') return [`skipped: catch-up into MongoDB: ${figures}`];
  const { kind, rounds } = figures;
  const rate = ({ events, seconds }: { events: number; seconds: number }): number => events / seconds;
  return [
    `catch-up of ${whole(rounds[0]!.documents.events)} events into MongoDB ÷ into a file: ` +
      `${spread(rounds.map(({ documents, file }) => rate(documents) / rate(file)))} ` +
      `(${whole(median(rounds.map(({ documents }) => rate(documents))))} ÷ ${whole(median(rounds.map(({ file }) => rate(file))))} events/s; ` +
      `on ${DOCUMENT_STORES[kind]})`,
  ];
}

export function againstLines(figures: AgainstFigures | null): string[] {
  if (figures === null) return [];
  const { commit, rounds } = figures;
  const rates = rounds.map(({ now, before }) => now.perSecond / before.perSecond);
  const cpu = rounds.flatMap(({ now, before }) =>
    now.cpuMicros === null || before.cpuMicros === null ? [] : [now.cpuMicros / before.cpuMicros],
  );
  return [
    `create @64, this tree ÷ commit ${commit}: ${spread(rates)} ` +
      `(${whole(median(rounds.map(({ now }) => now.perSecond)))} ÷ ${whole(median(rounds.map(({ before }) => before.perSecond)))} req/s)` +
      (cpu.length === 0 ? '' : `; CPU a request ${spread(cpu)}`),
  ];
}

/** The median, and how far rounds were apart. */
function spread(ratios: readonly number[]): string {
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
  return `${digits(median(ratios))} [${digits(least)} to ${digits(most)} in ${ratios.length} rounds]`;
}

function digits(ratio: number): string {
  return ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
