/** Query strings of the reading routes. Pure. */
import { type Dialect, SIGNAL_STATUSES } from '#libs/signal';
import { Fault } from '../../http/fault.ts';
import type { Caller } from '../../http/keys.ts';
import { oneOf, type Query, single, wholeNumber } from '../../http/query.ts';
import { moment, periodOf } from '../../signals/reader-moment.ts';
import type { SignalFilter } from '../../signals/reader.ts';
import { type RecordRequest, recordRequestOf } from '../../signals/record-query.ts';

export const DIALECTS = ['anny', 'nextprod', 'traderz', 'nextexchange', 'all'] as const;

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 500;

/** Whose signals are meant: those made through Anny, unless another dialect or all are asked for. */
export function dialectOf(query: Query, fallback: Dialect | null): Dialect | null {
  const dialect = oneOf(query, 'dialect', DIALECTS);
  if (dialect === undefined) return fallback;
  return dialect === 'all' ? null : dialect;
}

/** The filters of the list. Throws `Fault` `invalid` naming the parameter. */
export function filterOf(query: Query): SignalFilter {
  const status = oneOf(query, 'status', SIGNAL_STATUSES);
  const direction = oneOf(query, 'type', ['long', 'short'] as const);
  const coin = single(query, 'coin');
  const before = cursorOf(query);
  return {
    ...(status && { status }),
    ...(direction && { direction }),
    ...(coin !== undefined && { coin }),
    ...periodOf(query),
    ...(before !== undefined && { before }),
    limit: wholeNumber(query, 'limit', 1, MAX_LIMIT) ?? DEFAULT_LIMIT,
  };
}

/** The record asked for, of one coin where one is named. Throws `Fault` `invalid` naming the parameter. */
export function recordOf(query: Query, caller: Caller): RecordRequest {
  const coin = single(query, 'coin');
  return recordRequestOf(query, caller, coin === undefined ? {} : { coin });
}

/** The state asked for: a revision, or a moment. */
export type AsOf = { readonly revision: number } | { readonly time: string };

/** `as_of` is a revision (a small whole number) or an ISO moment. */
export function asOf(query: Query): AsOf | null {
  const text = single(query, 'as_of');
  if (text === undefined) return null;
  if (/^\d{1,9}$/.test(text)) return { revision: Number(text) };
  const time = moment(query, 'as_of');
  return { time: time! };
}

function cursorOf(query: Query): bigint | undefined {
  const text = single(query, 'cursor');
  if (text === undefined) return undefined;
  if (!/^\d{1,18}$/.test(text))
    throw new Fault('invalid', 'cursor is a next_cursor that a list answered', { field: 'cursor' });
  return BigInt(text);
}
