/**
 * Every error of the NextProd dialect. Codes, statuses and messages are those of the table in its document ("What to
 * do"); `market_not_found` says what the document's example says. The last five codes are ours, for what it leaves open.
 */
import type { Refusal } from '#libs/sourcing';
import type { Fault, FaultKind } from '../../http/fault.ts';

const ERRORS = {
  unauthorized: [401, 'Check your API key is valid and active'],
  missing_required_field: [400, 'Include the indicated field'],
  invalid_direction: [400, 'Must be "YES" or "NO"'],
  market_not_found: [400, 'Could not resolve market ticker'],
  strategy_not_found: [404, 'Check strategy_id from GET /me'],
  strategy_exchange_mismatch: [400, 'Signal exchange must match strategy'],
  duplicate_signal: [409, 'Safe to ignore — idempotency key already used'],
  rate_limit_exceeded: [429, 'Wait and retry'],
  invalid_field: [400, 'The field is invalid'],
  invalid_json: [400, 'The body is not valid JSON'],
  signal_not_found: [404, 'There is no such signal'],
  internal_error: [500, 'An internal error; it was logged'],
  service_unavailable: [503, 'Nothing was stored; try again'],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type ErrorCode = keyof typeof ERRORS;

export const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[];

/** An error as it is answered: on its own, or as one element of a batch. */
export interface SignalError {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
  /** With `duplicate_signal`: the signal that the key made first, dashed. */
  readonly signalId?: string;
}

export function errorOf(
  code: ErrorCode,
  details: { readonly field?: string; readonly message?: string; readonly signalId?: string } = {},
): SignalError {
  const [status, message] = ERRORS[code];
  return { status, code, message, ...details };
}

/** A fault has no code of this dialect: it follows from its kind, and for what is invalid from the field. */
export function errorOfFault({ kind, field, message }: Fault): SignalError {
  const where = field === undefined ? {} : { field };
  switch (kind) {
    case 'missing':
      return errorOf('missing_required_field', where);
    case 'invalid':
      if (field === 'direction') return errorOf('invalid_direction', where);
      return errorOf(field === 'body' ? 'invalid_json' : 'invalid_field', { ...where, message });
    case 'unauthorized':
      return errorOf('unauthorized');
    default:
      return { ...errorOf(CODES[kind], { ...where, message }), ...STATUSES[kind] };
  }
}

const CODES: Record<Exclude<FaultKind, 'missing' | 'invalid' | 'unauthorized'>, ErrorCode> = {
  forbidden: 'unauthorized',
  too_large: 'invalid_field',
  unsupported_media_type: 'invalid_json',
  not_found: 'signal_not_found',
  rate_limited: 'rate_limit_exceeded',
  unavailable: 'service_unavailable',
  internal: 'internal_error',
};

/** Where HTTP has a better status than the code's own. */
const STATUSES: Partial<Record<FaultKind, { readonly status: number }>> = {
  too_large: { status: 413 },
  unsupported_media_type: { status: 415 },
};

const FIELDS: Readonly<Record<string, string>> = {
  'entry.max': 'entry_price',
  entry: 'entry_price',
  size: 'size',
  idempotencyKey: 'Idempotency-Key',
};

/** What the domain refused, in the words of this dialect. */
export function errorOfRefusal({ kind, field, message }: Refusal): SignalError {
  const named = field === undefined ? undefined : (FIELDS[field] ?? field);
  const where = named === undefined ? {} : { field: named };
  return kind === 'missing'
    ? errorOf('missing_required_field', where)
    : errorOf('invalid_field', { ...where, message });
}
