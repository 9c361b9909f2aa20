/** The shapes of what the Anny dialect answers, as JSON Schema: the API documents show them, tests hold answers to them. */
import { SIGNAL_STATUSES } from '#libs/signal';
import { exactly, type JsonSchema, listOf, orNull } from '../../http/json-schema.ts';
import { RECORD } from '../../signals/record-docs.ts';
import { DIALECTS } from './query.ts';

const TEXT = { type: 'string' };
const NUMBER = { type: 'number' };
const ID = { type: 'string', pattern: '^[0-9a-f]{32}$', description: 'Its first 12 digits are the moment of receipt' };
const MOMENT = { type: 'string', format: 'date-time' };
const PRICE = { type: 'string', description: 'A decimal' };
const SHARE = { type: 'number', description: 'Percent' };

const TRAILING = { trailing_stop_price: orNull(PRICE), trailing_stop_limit_price: orNull(PRICE) };

const DECIMAL = { type: 'string', description: 'A signed decimal of at most 8 places' };

const EVIDENCE = {
  decided_by: {
    type: 'string',
    enum: ['tick', 'candle', 'order-rule', 'settlement', 'operator', 'reported'],
    description: '`order-rule`: a candle left the order of two levels open; `reported`: a price of the provider',
  },
  source: { type: 'string', description: 'Who told: a venue, `simulated`, `operator`, `provider`' },
  late: { type: 'boolean', description: 'The price was missed first and fetched afterwards' },
};

const ADDED_FILL = {
  filled_at: { ...orNull(MOMENT), description: 'Null while it waits' },
  fill_price: orNull(PRICE),
};

const FILL = exactly('AnnyFill', {
  kind: { type: 'string', enum: ['entry', 'dca', 'rebuy'] },
  part: { ...orNull({ type: 'string', enum: ['min', 'mid', 'max'] }), description: 'Of an entry that is split' },
  place: { ...orNull({ type: 'integer' }), description: 'Among its kind, from 1; null for an entry' },
  price: PRICE,
  share: { type: 'number', description: 'Percent of the original investment' },
  at: MOMENT,
  ...EVIDENCE,
});

const EXIT = exactly('AnnyExit', {
  kind: { type: 'string', enum: ['target', 'take_profit', 'stop', 'trailing', 'break-even'] },
  place: { ...orNull({ type: 'integer' }), description: 'Among its kind, from 1; null for a stop' },
  price: PRICE,
  share: { type: 'number', description: 'Percent of the position' },
  at: MOMENT,
  ...EVIDENCE,
});

const SETTLEMENT = exactly(
  'AnnySettlement',
  {
    result: { type: 'string', enum: ['win', 'loss', 'push'] },
    by: {
      type: 'string',
      enum: ['exits', 'cancelled', 'closed', 'resolved', 'void', 'operator'],
      description: 'What ended it: its own exits, a cancel or a close, its market, or the operator',
    },
    price: { ...orNull(PRICE), description: 'What the rest was closed at; null where exits had closed all' },
    share: { type: 'number', description: 'Percent of the position that this closed' },
    entry_price: { ...orNull(PRICE), description: 'Average of everything bought' },
    result_pct: orNull({ ...DECIMAL, description: 'Profit over all money put in, percent, without leverage' }),
    result_r: orNull({ ...DECIMAL, description: 'Profit over the risk at the match; null without a stop then' }),
    result_money: orNull({
      ...DECIMAL,
      description:
        'Profit in dollars, without leverage: money put in × `result_pct` ÷ 100; null where the size is no money',
    }),
    reason: orNull(TEXT),
    closed_by_signal_id: orNull(ID),
    evidence_text: { ...orNull(TEXT), description: 'What the operator rests it on, in words' },
    at: MOMENT,
    ...EVIDENCE,
    simulated: { type: 'boolean', enum: [true], description: 'The result of invented prices' },
  },
  ['simulated'],
);

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
  tracking: {
    type: 'string',
    description:
      'Who follows its prices: `simulated`, a venue such as `kalshi` or `ccxt:binance`; or why nobody does: `no_venue`, `unknown_instrument`, `no_direction`',
  },
  coin: TEXT,
  trade_market: orNull(TEXT),
  exchange: TEXT,
  type: { ...orNull(TEXT), description: '`long` or `short`; `yes` or `no` on a prediction market' },
  account: orNull(TEXT),
  leverage: { ...orNull(NUMBER), description: 'In no figure: results are without it' },
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
        hit_at: { ...orNull(MOMENT), description: 'Null while it waits' },
        hit_price: orNull(PRICE),
      }),
    ),
    description: 'The plan of exits: what was sold where, and what is to be',
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
    exactly(null, {
      buy_price_min: PRICE,
      buy_price_max: PRICE,
      invest: orNull(SHARE),
      ...TRAILING,
      added_at: MOMENT,
      ...ADDED_FILL,
    }),
  ),
  dcas: listOf(
    exactly(null, { buy_price: PRICE, multiplier: NUMBER, invest: orNull(SHARE), added_at: MOMENT, ...ADDED_FILL }),
  ),
  matched_at: { ...orNull(MOMENT), description: 'By the prices: when the entry was met first' },
  entry_price: { ...orNull(PRICE), description: 'Average of everything bought; null before the match' },
  fills: { ...listOf(FILL), description: 'What was bought, in order' },
  exits: { ...listOf(EXIT), description: 'What was sold, in order, but for what the settlement closed' },
  open_share: { ...orNull(SHARE), description: 'Percent of the position that is still open; null before the match' },
  settlement: { oneOf: [SETTLEMENT, { type: 'null' }], description: 'The settlement in force' },
  corrections: { ...listOf(SETTLEMENT), description: 'Settlements that were corrected since, oldest first' },
  strategy_id: orNull(TEXT),
  closes_signal_id: orNull(ID),
  attachment_description: orNull(TEXT),
  metadata: { type: ['object', 'null'], additionalProperties: true, description: 'As it was sent' },
  expires_at: orNull(MOMENT),
  created_at: MOMENT,
  updated_at: MOMENT,
  cancelled_at: orNull(MOMENT),
  expired_at: { ...orNull(MOMENT), description: 'Never entered in its time' },
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

export const RECORD_FOUND = performed('AnnyRecord', RECORD);

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
