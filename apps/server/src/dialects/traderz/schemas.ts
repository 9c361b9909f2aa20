/** The shapes of what the Traderz dialect answers, as JSON Schema: the API documents show them, tests hold answers to them. */
import { SIGNAL_STATUSES } from '#libs/signal';
import { exactly } from '../../http/json-schema.ts';
import { SIDES, SOURCES, TYPES } from './dto.ts';

const ID = {
  type: 'string',
  pattern: '^[0-9a-f]{32}$',
  description: 'Time-sortable: its first 12 digits are `received_at`',
};
const RECEIVED_AT = { type: 'integer', description: 'Server receive time, epoch milliseconds' };
const TEXT_OR_NULL = { type: ['string', 'null'] };
const NUMBER_OR_NULL = { type: ['number', 'null'] };

export const STORED = exactly('TraderzStored', {
  id: ID,
  received_at: RECEIVED_AT,
  deduped: { type: 'boolean', enum: [false] },
});

export const DEDUPED = exactly('TraderzDeduped', { id: ID, deduped: { type: 'boolean', enum: [true] } });

export const ERROR = exactly('TraderzError', {
  error: {
    type: 'string',
    enum: ['bad_request', 'unauthorized', 'not_found', 'rate_limited', 'internal_error', 'service_unavailable'],
  },
  message: { type: 'string' },
});

export const FIELD_ERRORS = exactly('TraderzFieldErrors', {
  error: { type: 'string', enum: ['validation_failed'] },
  fields: { type: 'object', minProperties: 1, additionalProperties: { type: 'string' } },
});

const TIME_OR_NULL = { type: ['integer', 'null'], description: 'Epoch milliseconds' };

const SETTLEMENT = exactly(
  'TraderzSettlement',
  {
    result: { type: 'string', enum: ['win', 'loss', 'push'] },
    by: {
      type: 'string',
      enum: ['exits', 'cancelled', 'closed', 'resolved', 'void', 'operator'],
      description: 'What ended it: `closed` by a closing signal, `resolved` or `void` by its market',
    },
    price: { ...NUMBER_OR_NULL, description: 'What it was left at' },
    entry_price: { ...NUMBER_OR_NULL, description: 'Average of everything bought' },
    decided_by: {
      type: 'string',
      enum: ['tick', 'candle', 'order-rule', 'settlement', 'operator', 'reported'],
    },
    source: { type: 'string', description: 'Who told: a venue, `simulated`, `operator`, `provider`' },
    late: { type: 'boolean', description: 'The price was missed first and fetched afterwards' },
    reported: { type: 'boolean', description: 'True: at the prices that the desk gave; no venue told them' },
    simulated: { type: 'boolean', enum: [true], description: 'The result of invented prices' },
  },
  ['simulated'],
);

export const SIGNAL = exactly('TraderzSignal', {
  id: ID,
  received_at: RECEIVED_AT,
  status: { type: 'string', enum: SIGNAL_STATUSES },
  sandbox: { type: 'boolean', description: 'Made by a sandbox desk: its prices may be simulated' },
  tracking: {
    type: 'string',
    description:
      'Who follows its prices: `simulated`, a venue such as `ccxt:binance`; or why nobody does: `no_venue`, `unknown_instrument`, `no_direction`',
  },
  source: { type: 'string', enum: SOURCES },
  type: { type: 'string', enum: TYPES },
  symbol: { type: 'string' },
  side: { type: 'string', enum: SIDES },
  direction: { type: ['string', 'null'], enum: ['long', 'short', null] },
  price: NUMBER_OR_NULL,
  quantity: NUMBER_OR_NULL,
  signal_time: { type: ['integer', 'null'] },
  client_signal_id: TEXT_OR_NULL,
  metadata: { type: ['object', 'null'], additionalProperties: true },
  closes_signal_id: { ...TEXT_OR_NULL, description: 'The open signal that this one closes' },
  closed_by_signal_id: { ...TEXT_OR_NULL, description: 'The signal that closed this one' },
  matched_at: { ...TIME_OR_NULL, description: 'When its entry was met, epoch milliseconds' },
  settled_at: { ...TIME_OR_NULL, description: 'When its result was decided, epoch milliseconds' },
  result_pct: { ...NUMBER_OR_NULL, description: 'Profit over all money put in, percent, without leverage' },
  result_r: { ...NUMBER_OR_NULL, description: 'Profit over the risk at the match; null without a stop' },
  settlement: { oneOf: [SETTLEMENT, { type: 'null' }], description: 'The settlement in force' },
});

export const SIGNAL_PAGE = exactly('TraderzSignalPage', {
  signals: { type: 'array', items: SIGNAL },
  next_cursor: { ...TEXT_OR_NULL, description: 'Null on the last page' },
});
