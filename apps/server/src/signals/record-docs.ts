/** How the dialects document a track record: its shape, its parameters and an example. */
import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { SIGNAL_STATUSES } from '#libs/signal';
import { GROUPINGS, MAX_GROUPS } from '#libs/views';
import { exactly, type JsonSchema, listOf, orNull } from '../http/json-schema.ts';

export const RECORD_DESCRIPTION =
  'Counts of every status, and what settled signals came to. Each formula stands in docs/track-record.md. A record is ' +
  'of one kind: signals of invented prices are in no figure of a real one. It waits up to two seconds for your own last ' +
  'write; past that it answers with `X-Stale: true`.';

const COUNT: JsonSchema = { type: 'integer', minimum: 0 };
const DECIMAL: JsonSchema = { type: 'string', pattern: '^-?\\d+\\.\\d{8}$' };

const counted = (description: string): JsonSchema => ({ ...COUNT, description });
const decimal = (description: string): JsonSchema => ({ ...DECIMAL, description });
const decimalOrNull = (description: string): JsonSchema => ({ ...orNull(DECIMAL), description });

const FIGURES: Readonly<Record<string, JsonSchema>> = {
  simulated: { type: 'boolean', enum: [true], description: 'A record of invented prices' },
  signals: counted('All of them: the sum of `counts` and `apart`'),
  counts: exactly(null, Object.fromEntries(SIGNAL_STATUSES.map((status) => [status, COUNT]))),
  apart: {
    ...exactly(null, {
      simulated: counted('Of invented prices, in a real record'),
      real: counted('Of real prices, in a simulated record'),
      closing: counted('Closing signals: they end a trade and are none'),
      reported: counted('Settled at prices that only the provider told'),
    }),
    description: 'Signals that are in no other count and in none of the figures',
  },
  unresolved: counted('Of the matched: bets whose market is not decided yet'),
  corrected: counted('Of those counted by status: the result was told otherwise later'),
  by_operator: counted('Of those counted by status: settled by the operator’s hand'),
  win_rate: decimalOrNull('Wins ÷ (wins + losses), 0 to 1'),
  win_rate_ci95: {
    type: ['array', 'null'],
    items: DECIMAL,
    minItems: 2,
    maxItems: 2,
    description: 'Its 95 % Wilson interval',
  },
  with_r: counted('Settled signals whose result is known in R, pushes too'),
  without_r: counted('Settled signals without: no stop at the match, or no price told'),
  average_r: decimalOrNull('`total_r` ÷ `with_r`'),
  total_r: decimal('Sum of R'),
  profit_factor: decimalOrNull('Sum of R above 0 ÷ sum of R below 0, without its sign; null without losses'),
  expectancy_r: decimalOrNull('Mean R of the settled signals that have one'),
  max_drawdown_r: decimal('Deepest fall of the sum of R from a peak, in order of settlement'),
  average_result_pct: decimalOrNull('Mean of `result_pct`, percent, without leverage'),
  without_result_pct: counted('Settled signals without: no price told'),
  open: {
    ...exactly(null, {
      marked: counted('At the last price known'),
      unmarked: counted('No last price is known'),
      total_r: decimal('Of the marked'),
      without_r: counted('Of the marked: without an R'),
      average_result_pct: decimalOrNull('Of the marked'),
      oldest_price_at: {
        type: ['string', 'null'],
        format: 'date-time',
        description: 'Time of the oldest price used',
      },
    }),
    description: 'Open positions: in no figure above',
  },
  fee_pct: decimal('As asked for: percent of the money of each fill and exit'),
  slippage_pct: decimal('The same'),
};

const GROUP = exactly('TrackRecordGroup', {
  key: {
    type: ['string', 'null'],
    description: 'Month of creation (UTC), `venue:symbol`, dialect or strategy; null for signals without one',
  },
  rest: { type: 'boolean', description: `True: all signals beyond the first ${MAX_GROUPS} groups` },
  record: exactly('TrackRecordFigures', FIGURES, ['simulated']),
});

export const RECORD = exactly(
  'TrackRecord',
  {
    ...FIGURES,
    by: { type: ['string', 'null'], enum: [...GROUPINGS, null] },
    groups: { ...listOf(GROUP), description: 'In order of key; none where nothing is grouped' },
    position: { type: 'string', description: 'Every event up to here is in it' },
    parked: {
      ...exactly(null, {
        count: COUNT,
        signal_ids: { ...listOf({ type: 'string', pattern: '^[0-9a-f-]{32,36}$' }), maxItems: 20 },
      }),
      description: 'Signals of yours that could not be read on: what they say since is not in it. At most 20 ids',
    },
  },
  ['simulated'],
);

/** The worked example of docs/track-record.md. */
export function recordExample(): object {
  return {
    signals: 12,
    counts: { registered: 1, matched: 1, win: 3, loss: 2, push: 1, cancelled: 1, expired: 1 },
    apart: { simulated: 0, real: 0, closing: 1, reported: 1 },
    unresolved: 0,
    corrected: 0,
    by_operator: 0,
    win_rate: '0.60000000',
    win_rate_ci95: ['0.23072428', '0.88237923'],
    with_r: 5,
    without_r: 1,
    average_r: '0.16000000',
    total_r: '0.80000000',
    profit_factor: '1.36363636',
    expectancy_r: '0.16000000',
    max_drawdown_r: '2.20000000',
    average_result_pct: '22.03703704',
    without_result_pct: 0,
    open: {
      marked: 1,
      unmarked: 0,
      total_r: '0.40000000',
      without_r: 0,
      average_result_pct: '4.00000000',
      oldest_price_at: '2026-04-20T12:00:00.000Z',
    },
    fee_pct: '0.00000000',
    slippage_pct: '0.00000000',
    by: null,
    groups: [],
    position: '4711',
    parked: { count: 0, signal_ids: [] },
  };
}

/** The query parameters that a record takes in every dialect. */
export function recordParameters(): MethodDecorator {
  const moment = (name: string, description: string, example: string): MethodDecorator =>
    ApiQuery({ name, required: false, type: String, description, example });
  const percent = (name: string, description: string): MethodDecorator =>
    ApiQuery({
      name,
      required: false,
      description,
      schema: { type: 'string', pattern: '^\\d{1,2}(\\.\\d{1,8})?$', default: '0' },
      example: '0.1',
    });
  return applyDecorators(
    ApiQuery({ name: 'by', required: false, enum: GROUPINGS, description: 'Also a record of each group' }),
    moment('from', 'Created at or after: ISO 8601, a date, or milliseconds since 1970', '2026-04-01'),
    moment('to', 'Created at or before', '2026-04-30T23:59:59.999Z'),
    percent('fee_pct', 'Fee in percent of the money of each fill and each exit'),
    percent('slippage_pct', 'Slippage, the same way'),
    ApiQuery({
      name: 'simulated',
      required: false,
      enum: ['true', 'false'],
      description: 'For an auditor: a record of invented prices in place of one of real prices',
    }),
  );
}
