/** Query strings of the reading routes. Pure. */
import { type Dialect, SIGNAL_STATUSES } from '#libs/signal';
import { Fault } from '../../http/fault.ts';
import { oneOf, type Query, single, wholeNumber } from '../../http/query.ts';
import type { SignalFilter } from '../../signals/reader.ts';

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
  const from = moment(query, 'from');
  const to = moment(query, 'to');
  const before = cursorOf(query);
  return {
    ...(status && { status }),
    ...(direction && { direction }),
    ...(coin !== undefined && { coin }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(before !== undefined && { before }),
    limit: wholeNumber(query, 'limit', 1, MAX_LIMIT) ?? DEFAULT_LIMIT,
  };
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

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;
const EPOCH_MS = /^\d{12,14}$/;

/** ISO 8601 with a zone, a date, or milliseconds since 1970; answered as ISO in UTC with milliseconds. */
function moment(query: Query, name: string): string | undefined {
  // In a query string a plus sign means a space: a zone written +02:00 arrives as one.
  const text = single(query, name)?.replace(' ', '+');
  if (text === undefined) return undefined;
  const time = EPOCH_MS.test(text) ? Number(text) : ISO.test(text) && isDay(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new Fault('invalid', `${name} must be a moment such as 2026-04-04T19:12:07.572Z`, { field: name });
  return new Date(time).toISOString();
}

/** Whether the calendar has the day: `Date.parse` reads 30 February as 2 March. */
function isDay(text: string): boolean {
  const day = text.slice(0, 10);
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}
