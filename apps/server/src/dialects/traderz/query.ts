/** The query string of the list. Pure. */
import { type Side, SIGNAL_STATUSES, type SignalStatus } from '#libs/signal';
import type { SignalFilter } from '../../signals/reader.ts';
import { MAX_SYMBOL, SIDES, SOURCES } from './dto.ts';
import { InvalidFields } from './render.ts';

export const DEFAULT_LIMIT = 20;
export const MAX_LIMIT = 100;

type Wrong = (value: string) => string | null;

const RULES: Readonly<Record<string, Wrong>> = {
  source: oneOf(SOURCES),
  symbol: (value) => (value.length <= MAX_SYMBOL ? null : `must be at most ${MAX_SYMBOL} characters`),
  status: oneOf(SIGNAL_STATUSES),
  side: oneOf(SIDES),
  limit: (value) =>
    /^\d{1,9}$/.test(value) && Number(value) >= 1 && Number(value) <= MAX_LIMIT
      ? null
      : `must be an integer from 1 to ${MAX_LIMIT}`,
  cursor: (value) => (/^\d{1,18}$/.test(value) ? null : 'must be a next_cursor that a list answered'),
};

/** The filters asked for. Throws `InvalidFields` with every parameter that is wrong. */
export function filterOf(query: Readonly<Record<string, unknown>>): SignalFilter {
  const wrong: Record<string, string> = {};
  const given: Record<string, string> = {};
  for (const [name, rule] of Object.entries(RULES)) {
    const value = query[name];
    if (value === undefined) continue;
    const reason = typeof value !== 'string' ? 'must be given once' : value === '' ? 'must not be empty' : rule(value);
    if (reason !== null) wrong[name] = reason;
    else given[name] = value as string;
  }
  if (Object.keys(wrong).length > 0) throw new InvalidFields(wrong);
  const { source, symbol, status, side, limit, cursor } = given;
  return {
    ...(source !== undefined && { venue: source }),
    ...(symbol !== undefined && { symbol }),
    ...(status !== undefined && { status: status as SignalStatus }),
    ...(side !== undefined && { side: side as Side }),
    ...(cursor !== undefined && { before: BigInt(cursor) }),
    limit: limit === undefined ? DEFAULT_LIMIT : Number(limit),
  };
}

function oneOf(allowed: readonly string[]): Wrong {
  return (value) => (allowed.includes(value) ? null : `must be one of: ${allowed.join(', ')}`);
}
