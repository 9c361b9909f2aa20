/** The query string of the list. Pure. */
import { type Side, SIGNAL_STATUSES, type SignalStatus } from '#libs/signal';
import { Fault } from '../../http/fault.ts';
import type { Caller } from '../../http/keys.ts';
import type { SignalFilter } from '../../signals/reader.ts';
import { type RecordRequest, recordRequestOf } from '../../signals/record-query.ts';
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

type Query = Readonly<Record<string, unknown>>;

/** The filters asked for. Throws `InvalidFields` with every parameter that is wrong. */
export function filterOf(query: Query): SignalFilter {
  const { given, wrong } = read(query, Object.keys(RULES));
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

/** The record asked for. Throws `InvalidFields` with every parameter that is wrong. */
export function recordOf(query: Query, caller: Caller): RecordRequest {
  const { given, wrong } = read(query, ['source', 'symbol']);
  const { source, symbol } = given;
  for (const name of Object.keys(query)) {
    const reason = reasonAgainst(() => recordRequestOf({ [name]: query[name] }, caller, {}));
    if (reason !== null) wrong[name] = reason;
  }
  if (Object.keys(wrong).length > 0) throw new InvalidFields(wrong);
  return recordRequestOf(query, caller, {
    ...(source !== undefined && { venue: source }),
    ...(symbol !== undefined && { symbol }),
  });
}

/** The parameters of these names, and what is wrong with them. */
function read(
  query: Query,
  names: readonly string[],
): { readonly given: Record<string, string>; readonly wrong: Record<string, string> } {
  const wrong: Record<string, string> = {};
  const given: Record<string, string> = {};
  for (const name of names) {
    const value = query[name];
    if (value === undefined) continue;
    const reason =
      typeof value !== 'string' ? 'must be given once' : value === '' ? 'must not be empty' : RULES[name]!(value);
    if (reason !== null) wrong[name] = reason;
    else given[name] = value as string;
  }
  return { given, wrong };
}

/** In the words of this dialect, whose reasons follow the name of their field. */
function reasonAgainst(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (!(error instanceof Fault) || error.field === undefined) throw error;
    return error.message.replace(`${error.field} `, '');
  }
}

function oneOf(allowed: readonly string[]): Wrong {
  return (value) => (allowed.includes(value) ? null : `must be one of: ${allowed.join(', ')}`);
}
