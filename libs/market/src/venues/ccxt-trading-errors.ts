/**
 * What an error of ccxt proves of an order that was sent. A list of proofs, not of doubts: what is not on it proves
 * nothing. Classes that ccxt derives from a bare HTTP status are not on it, but for the rate limit, whose answer comes
 * before the order is looked at.
 */
import {
  ArgumentsRequired,
  AuthenticationError,
  BadRequest,
  BadSymbol,
  BaseError,
  DuplicateOrderId,
  InsufficientFunds,
  InvalidNonce,
  InvalidOrder,
  NotSupported,
  OperationFailed,
  OperationRejected,
  OrderImmediatelyFillable,
  OrderNotCached,
  OrderNotFillable,
  OrderNotFound,
  RateLimitExceeded,
} from 'ccxt';

/** `code`: why it is surely not at the venue; null: it may be there. */
export interface Proof {
  readonly code: string | null;
}

const UNPROVEN: Proof = { code: null };

type Class = abstract new (...args: never[]) => Error;

/** First match decides. */
const REFUSALS: readonly (readonly [Class, string])[] = [
  [InsufficientFunds, 'insufficient_funds'],
  [BadSymbol, 'unknown_pair'],
  [ArgumentsRequired, 'bad_request'],
  [NotSupported, 'not_supported'],
  [AuthenticationError, 'not_permitted'],
  [OrderImmediatelyFillable, 'would_trade_at_once'],
  [OrderNotFillable, 'not_fillable'],
  [RateLimitExceeded, 'rate_limited'],
  [InvalidNonce, 'clock_differs'],
];

/** Refusals too, unless they are about an id that the venue has already: that proves that the order is there. */
const UNLESS_DUPLICATE: readonly (readonly [Class, string])[] = [
  [InvalidOrder, 'invalid_order'],
  [BadRequest, 'bad_request'],
  [OperationRejected, 'refused'],
];

/** The order exists, or is said not to: neither is an answer to a request that places it. */
const CONTRADICTIONS: readonly Class[] = [DuplicateOrderId, OrderNotFound, OrderNotCached];

/** As exchanges say that a client order id was used before, in words or by their codes of OKX, Bybit and Gate. */
const DUPLICATE =
  /duplicat|repeat(?:ed)? (?:client|order)|already (?:been )?(?:exist|used|accepted)|exist(?:s|ed)? already|not unique|(?:cl|client|link)\w*[ _-]?(?:order)?[ _-]?(?:l?id|oid)\b[^.]*\bexists?\b|\b(?:51016|110072|170141|ORDER_EXISTS)\b/i;

/** What an error proves that a request to place an order ended with. */
export function proofOf(error: unknown): Proof {
  if (!(error instanceof BaseError)) return UNPROVEN;
  if (CONTRADICTIONS.some((one) => error instanceof one)) return UNPROVEN;
  for (const [one, code] of REFUSALS) if (error instanceof one) return { code };
  if (error instanceof OperationFailed) return UNPROVEN;
  for (const [one, code] of UNLESS_DUPLICATE)
    if (error instanceof one) return DUPLICATE.test(error.message) ? UNPROVEN : { code };
  return UNPROVEN;
}

/** The venue says that it knows no such order. */
export function isMissing(error: unknown): boolean {
  return error instanceof OrderNotFound;
}
