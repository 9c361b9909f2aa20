/** Query strings of the list. Pure. */
import type { SignalStatus } from '#libs/signal';
import { Fault } from '../../http/fault.ts';
import type { SignalFilter } from '../../signals/reader.ts';

/** The statuses that the document knows; a signal of this dialect takes no other. */
export const STATUSES = ['registered', 'matched', 'win', 'loss', 'push'] as const satisfies readonly SignalStatus[];

export const DEFAULT_LIMIT = 20;
export const MAX_LIMIT = 100;
const MAX_OFFSET = 999_999_999;

type Query = Readonly<Record<string, unknown>>;

/** The filters and the page asked for. Throws `Fault` `invalid` naming the parameter. */
export function filterOf(query: Query): SignalFilter & { readonly offset: number } {
  const strategyId = single(query, 'strategy_id');
  const status = statusOf(query);
  return {
    ...(strategyId !== undefined && { strategyId }),
    ...(status !== undefined && { status }),
    limit: wholeNumber(query, 'limit', 1, MAX_LIMIT) ?? DEFAULT_LIMIT,
    offset: wholeNumber(query, 'offset', 0, MAX_OFFSET) ?? 0,
  };
}

function statusOf(query: Query): SignalStatus | undefined {
  const text = single(query, 'status');
  if (text === undefined) return undefined;
  const status = STATUSES.find((one) => one === text);
  if (status === undefined)
    throw new Fault('invalid', `status must be one of ${STATUSES.join(', ')}`, { field: 'status' });
  return status;
}

function single(query: Query, name: string): string | undefined {
  const value = query[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '')
    throw new Fault('invalid', `${name} is given once and not empty`, { field: name });
  return value;
}

function wholeNumber(query: Query, name: string, least: number, most: number): number | undefined {
  const value = single(query, name);
  if (value === undefined) return undefined;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= least && number <= most))
    throw new Fault('invalid', `${name} must be a whole number from ${least} to ${most}`, { field: name });
  return number;
}
