/** From outcomes, refusals and faults to Anny's envelope. Pure. */
import type { Refusal } from '#libs/sourcing';
import type { Fault, FaultKind, Rendered } from '../../http/fault.ts';

type ResultType =
  'OPERATION_PERFORMED' | 'INVALID_INPUT_MISSING' | 'INVALID_INPUT_CONTENT' | 'UNAUTHORIZED' | 'CRITICAL';

/** The words of one route for the domain's fields; `*` stands for a number. */
export type FieldNames = Readonly<Record<string, string>>;

const COMMON: FieldNames = { signalId: 'parent_signal_id', idempotencyKey: 'Idempotency-Key' };

const TRAILING: FieldNames = {
  'trailing.trigger': 'trailing_stop_price',
  'trailing.limit': 'trailing_stop_limit_price',
};

export const FIELDS = {
  createV1: {
    entry: 'buy_price_max',
    'entry.min': 'buy_price_min',
    'entry.max': 'buy_price_max',
    'targets.*': 'sell_price_*',
    stop: 'stop_loss',
    size: 'invest',
    expiresAt: 'ttl_buy_order',
  },
  createV2: {
    entry: 'entry_price_max',
    'entry.min': 'entry_price_min',
    'entry.mid': 'entry_price_mid',
    'entry.max': 'entry_price_max',
    'split.min': 'invest_entry_min',
    'split.mid': 'invest_entry_mid',
    'split.max': 'invest_entry_max',
    'targets.*': 'exit_price_*',
    stop: 'stop_loss',
    size: 'invest',
    leverage: 'leverage',
    marginType: 'margin_type',
    expiresAt: 'ttl_buy_order',
  },
  takeProfit: { orderType: 'order_type', price: 'sell_price', share: 'sell_amount_relative', ...TRAILING },
  trailingStop: TRAILING,
  rebuy: { min: 'buy_price_min', max: 'buy_price_max', invest: 'invest', ...TRAILING },
  dca: { price: 'buy_price', multiplier: 'multiplier' },
  updatePrice: {
    prices: 'entry_price_min',
    'entry.min': 'entry_price_min',
    'entry.mid': 'entry_price_min',
    'entry.max': 'entry_price_max',
    'targets.*': 'exit_price_*',
    stop: 'stop_loss',
  },
  cancel: {},
} as const satisfies Record<string, FieldNames>;

/** The wire's name of a domain field. */
function wireField(names: FieldNames, field: string): string {
  const direct = names[field] ?? COMMON[field];
  if (direct !== undefined) return direct;
  const [, stem, place] = /^(.*\.)(\d+)$/.exec(field) ?? [];
  const pattern = stem === undefined ? undefined : names[`${stem}*`];
  return pattern === undefined ? field : pattern.replace('*', place!);
}

function envelope(status: number, type: ResultType, payload: object, headers?: Rendered['headers']): Rendered {
  return { status, body: JSON.stringify({ result: { type }, payload }), ...(headers && { headers }) };
}

/** A success that names its signal: every write but a cancel, whose published answer has no id. */
export function renderDone(signalId: string): Rendered {
  return envelope(200, 'OPERATION_PERFORMED', { parent_signal_id: signalId, result: 'success' });
}

export function renderCancelled(): Rendered {
  return envelope(200, 'OPERATION_PERFORMED', { result: 'success' });
}

/** What a read found. */
export function renderFound(payload: object, headers?: Rendered['headers']): Rendered {
  return envelope(200, 'OPERATION_PERFORMED', payload, headers);
}

/** Anny knows two kinds of "no": something is missing, or something is wrong. */
export function renderRefusal(refusal: Refusal, names: FieldNames): Rendered {
  if (refusal.kind === 'forbidden') return failed(403, 'UNAUTHORIZED', undefined, refusal.message);
  const type = refusal.kind === 'missing' ? 'INVALID_INPUT_MISSING' : 'INVALID_INPUT_CONTENT';
  return failed(400, type, refusal.field === undefined ? undefined : wireField(names, refusal.field), refusal.message);
}

const FAULTS: Record<FaultKind, readonly [status: number, type: ResultType]> = {
  unauthorized: [403, 'UNAUTHORIZED'],
  forbidden: [403, 'UNAUTHORIZED'],
  missing: [400, 'INVALID_INPUT_MISSING'],
  invalid: [400, 'INVALID_INPUT_CONTENT'],
  too_large: [413, 'INVALID_INPUT_CONTENT'],
  unsupported_media_type: [415, 'INVALID_INPUT_CONTENT'],
  not_found: [404, 'INVALID_INPUT_CONTENT'],
  rate_limited: [429, 'INVALID_INPUT_CONTENT'],
  unavailable: [503, 'CRITICAL'],
  internal: [500, 'CRITICAL'],
};

export function renderFault(fault: Fault): Rendered {
  const [status, type] = FAULTS[fault.kind];
  const headers = fault.retryAfter === undefined ? undefined : { 'retry-after': String(fault.retryAfter) };
  return failed(status, type, fault.field, fault.message, headers);
}

function failed(
  status: number,
  type: ResultType,
  field: string | undefined,
  message: string,
  headers?: Rendered['headers'],
): Rendered {
  return envelope(status, type, { result: 'failed', ...(field !== undefined && { field }), message }, headers);
}
