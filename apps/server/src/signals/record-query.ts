/** What a record's query string asks for. */
import { type Grouping, GROUPINGS } from '#libs/views';
import { Fault } from '../http/fault.ts';
import type { Caller } from '../http/keys.ts';
import { oneOf, type Query, single } from '../http/query.ts';
import { periodOf } from './reader-moment.ts';
import type { SignalFilter } from './reader.ts';

/** Which signals a record is of. */
export type RecordFilter = Pick<SignalFilter, 'coin' | 'venue' | 'symbol' | 'strategyId' | 'from' | 'to'>;

export interface RecordRequest {
  readonly filter: RecordFilter;
  readonly by: Grouping | null;
  /** Of invented prices, in place of real ones. */
  readonly simulated: boolean;
  /** Percent of the money of each fill and each exit. */
  readonly feePct: string;
  readonly slippagePct: string;
}

/**
 * The record asked for; `filter` is what the dialect has read of the query. A channel's record is of its own kind of
 * prices; an auditor, who sees every channel, says which kind it wants.
 * @throws Fault `invalid` naming the parameter.
 */
export function recordRequestOf(
  query: Query,
  { channel }: Pick<Caller, 'channel'>,
  filter: RecordFilter,
): RecordRequest {
  const asked = channel === null && oneOf(query, 'simulated', ['true', 'false']) === 'true';
  return {
    filter: { ...filter, ...periodOf(query) },
    by: oneOf(query, 'by', GROUPINGS) ?? null,
    simulated: channel?.sandbox ?? asked,
    feePct: percentage(query, 'fee_pct'),
    slippagePct: percentage(query, 'slippage_pct'),
  };
}

function percentage(query: Query, name: string): string {
  const text = single(query, name);
  if (text === undefined) return '0';
  if (!/^\d{1,2}(\.\d{1,8})?$/.test(text))
    throw new Fault('invalid', `${name} must be a percentage below 100 with at most 8 decimals, such as 0.1`, {
      field: name,
    });
  return text;
}
