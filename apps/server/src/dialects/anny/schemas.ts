/** The shapes of what the Anny dialect answers, as JSON Schema: the API documents show them, tests hold answers to them. */
import { SIGNAL_STATUSES } from '#libs/signal';
import { exactly, type JsonSchema, listOf, orNull } from '../../http/json-schema.ts';
import { DIALECTS } from './query.ts';

const TEXT = { type: 'string' };
const NUMBER = { type: 'number' };
const ID = { type: 'string', pattern: '^[0-9a-f]{32}$', description: 'Its first 12 digits are the moment of receipt' };
const MOMENT = { type: 'string', format: 'date-time' };
const PRICE = { type: 'string', description: 'A decimal' };
const SHARE = { type: 'number', description: 'Percent' };

const TRAILING = { trailing_stop_price: orNull(PRICE), trailing_stop_limit_price: orNull(PRICE) };

const SIGNAL = exactly('AnnySignal', {
  parent_signal_id: ID,
  status: { type: 'string', enum: SIGNAL_STATUSES },
  revision: { type: 'integer', description: 'Of its last event, from 0' },
  dialect: {
    type: 'string',
    enum: DIALECTS.filter((one) => one !== 'all'),
    description: 'The API it was made through',
  },
  sandbox: { type: 'boolean', description: 'Made by a sandbox channel: its prices may be simulated' },
  tracking: { type: 'string', enum: ['no_venue'], description: 'No venue follows this signal yet' },
  coin: TEXT,
  trade_market: orNull(TEXT),
  exchange: TEXT,
  type: { ...orNull(TEXT), description: '`long` or `short`; `yes` or `no` on a prediction market' },
  account: orNull(TEXT),
  leverage: orNull(NUMBER),
  margin_type: orNull(TEXT),
  invest: orNull({ ...SHARE, description: "Percent of each user's funds, where the size is one" }),
  size: {
    ...orNull(
      exactly(null, { kind: { type: 'string', enum: ['percent', 'usd', 'contracts', 'quantity'] }, value: PRICE }),
    ),
    description: 'The size in its own unit',
  },
  entry_mode: orNull(TEXT),
  entry_price_min: orNull(PRICE),
  entry_price_mid: orNull(PRICE),
  entry_price_max: orNull(PRICE),
  invest_entry_min: orNull(SHARE),
  invest_entry_mid: orNull(SHARE),
  invest_entry_max: orNull(SHARE),
  targets: {
    ...listOf(
      exactly(null, {
        kind: { type: 'string', enum: ['take_profit', 'target'] },
        place: { type: 'integer', description: 'Among its kind, from 1' },
        order_type: { type: 'string', enum: ['limit', 'market'] },
        price: orNull(PRICE),
        share: SHARE,
      }),
    ),
    description: 'The plan of exits: what is sold where',
  },
  exit_prices: listOf(PRICE),
  stop_loss: orNull(PRICE),
  trailing_stop: orNull(
    exactly(null, {
      trailing_stop_price: PRICE,
      trailing_stop_limit_price: PRICE,
      reference_price: orNull(PRICE),
      added_at: MOMENT,
    }),
  ),
  take_profits: listOf(
    exactly(null, {
      order_type: { type: 'string', enum: ['limit', 'market'] },
      sell_price: orNull(PRICE),
      sell_amount_relative: SHARE,
      ...TRAILING,
      symbol: orNull(TEXT),
      added_at: MOMENT,
    }),
  ),
  rebuys: listOf(
    exactly(null, { buy_price_min: PRICE, buy_price_max: PRICE, invest: orNull(SHARE), ...TRAILING, added_at: MOMENT }),
  ),
  dcas: listOf(exactly(null, { buy_price: PRICE, multiplier: NUMBER, invest: orNull(SHARE), added_at: MOMENT })),
  strategy_id: orNull(TEXT),
  closes_signal_id: orNull(ID),
  attachment_description: orNull(TEXT),
  metadata: { type: ['object', 'null'], additionalProperties: true, description: 'As it was sent' },
  expires_at: orNull(MOMENT),
  created_at: MOMENT,
  updated_at: MOMENT,
  cancelled_at: orNull(MOMENT),
});

const ENTRY = {
  revision: { type: 'integer' },
  type: { type: 'string', description: 'Of the event' },
  time: MOMENT,
  data: { type: 'object', additionalProperties: true, description: 'The event as it is stored' },
  state: SIGNAL,
};

function performed(title: string, payload: JsonSchema): JsonSchema {
  return exactly(title, {
    result: exactly(null, { type: { type: 'string', enum: ['OPERATION_PERFORMED'] } }),
    payload,
  });
}

const SUCCESS = { type: 'string', enum: ['success'] };

export const DONE = performed('AnnyDone', exactly(null, { parent_signal_id: ID, result: SUCCESS }));

export const CANCELLED = performed('AnnyCancelled', exactly(null, { result: SUCCESS }));

export const FOUND = performed('AnnyFound', SIGNAL);

export const PAGE = performed(
  'AnnyPage',
  exactly(null, {
    signals: listOf(SIGNAL),
    next_cursor: { ...orNull(TEXT), description: 'Null on the last page' },
  }),
);

const HISTORY = exactly('AnnyEvents', { parent_signal_id: ID, events: listOf(exactly('AnnyEvent', ENTRY)) });

const MOMENT_OF_HISTORY = exactly('AnnyEventAsOf', { parent_signal_id: ID, ...ENTRY });

export const HISTORY_FOUND = performed('AnnyHistory', { oneOf: [HISTORY, MOMENT_OF_HISTORY] });

export const REFUSAL = exactly('AnnyRefusal', {
  result: exactly(null, {
    type: { type: 'string', enum: ['INVALID_INPUT_MISSING', 'INVALID_INPUT_CONTENT', 'UNAUTHORIZED', 'CRITICAL'] },
  }),
  payload: exactly(
    null,
    {
      result: { type: 'string', enum: ['failed'] },
      field: { type: 'string', description: 'The field at fault' },
      message: TEXT,
    },
    ['field'],
  ),
});
