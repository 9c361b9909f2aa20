/** Moments and periods in query strings. Each throws `Fault` `invalid` naming the parameter. */
import { Fault } from '../http/fault.ts';
import { type Query, single } from '../http/query.ts';
import type { SignalFilter } from './reader.ts';

/** Signals created from `from` to `to`, both included. */
export function periodOf(query: Query): Pick<SignalFilter, 'from' | 'to'> {
  const from = moment(query, 'from');
  const to = moment(query, 'to');
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;
const EPOCH_MS = /^\d{12,14}$/;

/** ISO 8601 with a zone, a date, or milliseconds since 1970; answered as ISO in UTC with milliseconds. */
export function moment(query: Query, name: string): string | undefined {
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
