/** Every metric of the server's own: name, meaning, and where its values are. No label holds what a caller chose. */
import type { Meters } from './meters.ts';
import type { Sample, Series } from './series.ts';
import { MOST_COUNTED, type ViewLag } from './view-lag.ts';

export function seriesOf(meters: Meters, lag: ViewLag, mostInFlight: number): readonly Series[] {
  return [
    ...appendSeries(meters),
    ...commandSeries(meters, mostInFlight),
    ...requestSeries(meters),
    ...viewSeries(lag),
    ...marketSeries(meters),
  ];
}

function appendSeries({ appends }: Meters): Series[] {
  return [
    {
      name: 'signal_ledger_append_duration_seconds',
      help: "Time of an append of the API's, from the call until it is durable, or has failed",
      type: 'histogram',
      read: () => appends.seconds.samples('signal_ledger_append_duration_seconds'),
    },
    {
      name: 'signal_ledger_append_events',
      help: 'Events of one append',
      type: 'histogram',
      read: () => appends.events.samples('signal_ledger_append_events'),
    },
    {
      name: 'signal_ledger_commit_events',
      help: 'Events that one commit of the event store made durable: a transaction of SQLite, an append of EventStoreDB',
      type: 'histogram',
      read: () => appends.commits?.samples('signal_ledger_commit_events') ?? [],
    },
    {
      name: 'signal_ledger_append_queue_depth',
      help: 'Appends that wait for the event store or are in its work',
      type: 'gauge',
      read: () => [{ value: appends.inFlight }],
    },
    {
      name: 'signal_ledger_append_failures_total',
      help: 'Appends that failed: a conflict is decided again, unknown is searched for, unavailable is answered 503',
      type: 'counter',
      read: () => [
        { labels: { reason: 'conflict' }, value: appends.conflicts },
        { labels: { reason: 'unknown' }, value: appends.unknown },
        { labels: { reason: 'unavailable' }, value: appends.unavailable },
        { labels: { reason: 'failed' }, value: appends.failed },
      ],
    },
  ];
}

function commandSeries({ commands, directory }: Meters, mostInFlight: number): Series[] {
  return [
    {
      name: 'signal_ledger_commands_total',
      help: 'Commands by what became of them; repeated ones were answered as the first time',
      type: 'counter',
      read: () =>
        (['done', 'repeated', 'refused', 'unavailable', 'unknown', 'failed'] as const).map((outcome) => ({
          labels: { outcome },
          value: commands[outcome],
        })),
    },
    {
      name: 'signal_ledger_commands_in_flight',
      help: 'Commands in work or waiting for their turn',
      type: 'gauge',
      read: () => [{ value: commands.inFlight }],
    },
    {
      name: 'signal_ledger_commands_in_flight_limit',
      help: 'Commands in flight past which more are refused: MAX_IN_FLIGHT',
      type: 'gauge',
      read: () => [{ value: mostInFlight }],
    },
    {
      name: 'signal_ledger_key_directory_age_seconds',
      help: 'Time since the directory of keys was last read; past 1 every request reads it first',
      type: 'gauge',
      read: () => known(directory.ageAt(Date.now())),
    },
  ];
}

function requestSeries({ requests }: Meters): Series[] {
  return [
    {
      name: 'signal_ledger_request_duration_seconds',
      help: 'Time of a request, from its headers to the end of its answer',
      type: 'histogram',
      read: () => requests.samples('signal_ledger_request_duration_seconds'),
    },
  ];
}

function viewSeries(lag: ViewLag): Series[] {
  return [
    {
      name: 'signal_ledger_view_lag_events',
      help: `Events that a view has not folded, counted up to ${MOST_COUNTED}; ${MOST_COUNTED + 1} stands for more`,
      type: 'gauge',
      read: async () => ofViews(await lag.lags(), ({ events, more }) => (more ? MOST_COUNTED + 1 : events)),
    },
    {
      name: 'signal_ledger_view_lag_seconds',
      help: 'Age of the oldest event that a view has not folded; 0 when it is caught up',
      type: 'gauge',
      read: async () => ofViews(await lag.lags(), ({ seconds }) => seconds),
    },
    {
      name: 'signal_ledger_view_parked_streams',
      help: 'Streams that a view could not fold',
      type: 'gauge',
      read: async () => ofViews(await lag.parked(), (count) => count),
    },
  ];
}

function marketSeries({ market }: Meters): Series[] {
  return [
    {
      name: 'signal_ledger_market_leads',
      help: 'Whether this process follows the prices (1) or stands by (0)',
      type: 'gauge',
      read: () => known(market.leads === null ? null : Number(market.leads)),
    },
    {
      name: 'signal_ledger_market_steps_total',
      help: 'Events that prices have made; those of settlements are not among them',
      type: 'counter',
      read: () => [{ value: market.steps }],
    },
    {
      name: 'signal_ledger_market_missed_prices_total',
      help: 'Past prices that were judged late',
      type: 'counter',
      read: () => [{ value: market.missed }],
    },
    {
      name: 'signal_ledger_market_troubles_total',
      help: 'Times that a venue or a store could not be asked by the market role',
      type: 'counter',
      read: () => [{ value: market.troubles }],
    },
    {
      name: 'signal_ledger_market_price_age_seconds',
      help: 'Time since a price of this venue was last heard of',
      type: 'gauge',
      read: () => [...market.heardAt].map(([venue, at]) => ({ labels: { venue }, value: since(at) })),
    },
  ];
}

/** What is not known has no line: a number would be a lie. */
function known(value: number | null): Sample[] {
  return value === null ? [] : [{ value }];
}

function ofViews<Of>(of: ReadonlyMap<string, Of>, valueOf: (one: Of) => number | null): Sample[] {
  return [...of].flatMap(([view, one]) => known(valueOf(one)).map(({ value }) => ({ labels: { view }, value })));
}

function since(at: number): number {
  return Math.max(0, Date.now() - at) / 1_000;
}
