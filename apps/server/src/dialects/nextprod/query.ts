/** Query strings of the list. Pure. */
import type { SignalStatus } from '#libs/signal';
import { oneOf, type Query, single, wholeNumber } from '../../http/query.ts';
import type { SignalFilter } from '../../signals/reader.ts';

/** The statuses that the document knows; a signal of this dialect takes no other. */
export const STATUSES = ['registered', 'matched', 'win', 'loss', 'push'] as const satisfies readonly SignalStatus[];

export const DEFAULT_LIMIT = 20;
export const MAX_LIMIT = 100;
const MAX_OFFSET = 999_999_999;

/** The filters and the page asked for. Throws `Fault` `invalid` naming the parameter. */
export function filterOf(query: Query): SignalFilter & { readonly offset: number } {
  const strategyId = single(query, 'strategy_id');
  const status = oneOf(query, 'status', STATUSES);
  return {
    ...(strategyId !== undefined && { strategyId }),
    ...(status !== undefined && { status }),
    limit: wholeNumber(query, 'limit', 1, MAX_LIMIT) ?? DEFAULT_LIMIT,
    offset: wholeNumber(query, 'offset', 0, MAX_OFFSET) ?? 0,
  };
}
