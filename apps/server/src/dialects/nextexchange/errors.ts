/**
 * Every error of the NEXT.exchange dialect. Its document shows none; codes and statuses are those of the page that
 * settles what it leaves open ("Errors"), `registration_closed`, `not_found`, `order_unresolved`, `not_modifiable`,
 * `too_many_orders` and `internal_error` are for what that page does not name.
 */
import type { Permission, Refusal } from '#libs/account';
import { Fault, type FaultKind } from '../../http/fault.ts';

const ERRORS = {
  missing_field: [400, 'missing', 'The field is required'],
  invalid_field: [400, 'invalid', 'The field is invalid'],
  invalid_json: [400, 'invalid', 'The body is not valid JSON'],
  invalid_key: [401, 'unauthorized', 'The key in X-NX-Key is missing, unknown or revoked'],
  missing_signature: [401, 'unauthorized', 'A live agent signs each request: X-NX-Signature and X-NX-Timestamp'],
  invalid_signature: [401, 'unauthorized', 'The signature is not that of this request'],
  timestamp_out_of_window: [401, 'unauthorized', 'X-NX-Timestamp is 13 digits and within 30 seconds of our clock'],
  replayed_signature: [401, 'unauthorized', 'The signature was used before: each write is signed anew'],
  permission_missing: [403, 'forbidden', 'The agent was registered without this permission'],
  not_approved: [403, 'forbidden', 'The agent waits for the approval of the operator'],
  paused: [403, 'forbidden', 'The agent is paused'],
  registration_closed: [403, 'forbidden', 'Agents can not be registered here at present'],
  not_found: [404, 'not_found', 'There is nothing at this path'],
  order_not_found: [404, 'not_found', 'There is no such order'],
  signal_not_found: [404, 'not_found', 'There is no such signal'],
  order_finished: [409, 'invalid', 'The order is over: it can no longer be changed'],
  order_unresolved: [409, 'invalid', 'It is not known whether the venue has the order'],
  not_modifiable: [409, 'invalid', 'Only a resting limit order on paper can be changed'],
  idempotency_key_reused: [409, 'invalid', 'This Idempotency-Key was used before with another request'],
  too_large: [413, 'too_large', 'The body is larger than 64 KiB'],
  unsupported_media_type: [415, 'unsupported_media_type', 'The body must be application/json'],
  insufficient_balance: [422, 'invalid', 'Too few US dollars are free'],
  insufficient_holdings: [422, 'invalid', 'Too little of it is free'],
  quote_unavailable: [422, 'invalid', 'There is no price to go by'],
  circuit_breaker: [422, 'invalid', 'A circuit breaker stands against it'],
  too_many_orders: [422, 'invalid', 'The agent has as many open orders, or coins, as it may have'],
  rate_limited: [429, 'rate_limited', 'Too many requests'],
  internal_error: [500, 'internal', 'An internal error; it was logged'],
  broker_unavailable: [503, 'unavailable', 'No broker takes live orders at present; nothing was sent'],
  service_unavailable: [503, 'unavailable', 'Nothing was stored; try again'],
} as const satisfies Record<string, readonly [status: number, kind: FaultKind, message: string]>;

export type ErrorCode = keyof typeof ERRORS;

export const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[];

/** What an error says beside its code. */
interface Details {
  readonly message?: string;
  /** The field at fault, in the caller's words. */
  readonly field?: string;
  /** With `permission_missing`. */
  readonly permission?: Permission;
  /** With `circuit_breaker`. */
  readonly breaker?: Breaker;
  /** Seconds. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

export type Breaker = 'daily_loss' | 'position_cap';

/** A fault whose code of this dialect is known where it is made. */
export class AgentFault extends Fault {
  readonly code: ErrorCode;
  readonly permission: Permission | undefined;
  readonly breaker: Breaker | undefined;

  constructor(code: ErrorCode, { message, permission, breaker, ...details }: Details = {}) {
    super(ERRORS[code][1], message ?? ERRORS[code][2], details);
    this.code = code;
    this.permission = permission;
    this.breaker = breaker;
  }
}

export function statusOf(code: ErrorCode): number {
  return ERRORS[code][0];
}

/** The code of a fault that was made where dialects are not known. */
export function codeOf(fault: Fault): ErrorCode {
  if (fault instanceof AgentFault) return fault.code;
  return fault.kind === 'invalid' && fault.field !== 'body' ? 'invalid_field' : CODES[fault.kind];
}

const CODES: Record<FaultKind, ErrorCode> = {
  missing: 'missing_field',
  invalid: 'invalid_json',
  unauthorized: 'invalid_key',
  forbidden: 'permission_missing',
  not_found: 'not_found',
  too_large: 'too_large',
  unsupported_media_type: 'unsupported_media_type',
  rate_limited: 'rate_limited',
  unavailable: 'service_unavailable',
  internal: 'internal_error',
};

/** The domain's refusals that have a code of this dialect; what is missing and invalid follows from their kind. */
const REFUSALS: Readonly<Record<string, ErrorCode>> = {
  paused: 'paused',
  paused_by_operator: 'paused',
  not_approved: 'not_approved',
  account_closed: 'invalid_key',
  account_not_found: 'invalid_key',
  order_not_found: 'order_not_found',
  order_finished: 'order_finished',
  order_unresolved: 'order_unresolved',
  not_modifiable: 'not_modifiable',
  insufficient_balance: 'insufficient_balance',
  insufficient_holdings: 'insufficient_holdings',
  quote_unavailable: 'quote_unavailable',
  idempotency_key_reused: 'idempotency_key_reused',
  too_many_orders: 'too_many_orders',
  too_many_coins: 'too_many_orders',
  other_broker: 'broker_unavailable',
  other_prices: 'quote_unavailable',
};

/** The domain's names of fields that the wire has other names for. */
const FIELDS: Readonly<Record<string, string>> = { orderType: 'type', idempotencyKey: 'Idempotency-Key' };

/** Of the domain's, those that no body names. */
const NO_FIELDS: ReadonlySet<string> = new Set(['accountId', 'orderId']);

/** What the domain refused, in the words of this dialect. */
export function faultOfRefusal({ code, kind, message, field }: Refusal): AgentFault {
  const named = field === undefined || NO_FIELDS.has(field) ? undefined : (FIELDS[field] ?? field);
  const details = { message, ...(named !== undefined && { field: named }) };
  if (code === 'daily_loss' || code === 'position_cap')
    return new AgentFault('circuit_breaker', { ...details, breaker: code });
  const known = REFUSALS[code];
  if (known !== undefined) return new AgentFault(known, details);
  return new AgentFault(kind === 'missing' ? 'missing_field' : 'invalid_field', details);
}
