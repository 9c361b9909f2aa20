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

export const SIGNAL = exactly('TraderzSignal', {
  id: ID,
  received_at: RECEIVED_AT,
  status: { type: 'string', enum: SIGNAL_STATUSES },
  sandbox: { type: 'boolean', description: 'Made by a sandbox desk: its prices may be simulated' },
  tracking: { type: 'string', enum: ['no_venue'], description: 'No venue follows this signal yet' },
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
});

export const SIGNAL_PAGE = exactly('TraderzSignalPage', {
  signals: { type: 'array', items: SIGNAL },
  next_cursor: { ...TEXT_OR_NULL, description: 'Null on the last page' },
});
