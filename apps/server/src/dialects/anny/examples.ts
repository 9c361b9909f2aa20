/** The published bodies and answers, and those of what the published documents leave open. */
export const SIGNAL_ID = '019ebac868e47b0d9db93cc0daccca63';

export const createV1 = {
  coin: 'ETH',
  trade_market: 'USDT',
  exchange: 'BINANCE',
  buy_price_min: '3800',
  buy_price_max: '3850',
  sell_price_1: '4000',
  sell_price_2: '4200',
  sell_price_3: '4500',
  stop_loss: '3600',
  type: 'long',
  invest: 10,
  attachment_description: 'ETH breaking out of resistance',
};

export const createV2Spot = {
  coin: 'BTC',
  trade_market: 'USDT',
  exchange: 'BINANCE',
  invest: 10,
  entry_price_min: '65000',
  entry_price_max: '66000',
  exit_price_1: '70000',
  exit_price_2: '75000',
  stop_loss: '62000',
  type: 'long',
};

export const createV2Futures = {
  coin: 'ETH',
  trade_market: 'USDT',
  exchange: 'BYBIT',
  invest: 5,
  account: 'FUTURES',
  leverage: 10,
  margin_type: 'ISOLATED',
  entry_price_max: '3800',
  exit_price_1: '4000',
  stop_loss: '3650',
  type: 'long',
};

export const createV2Least = {
  coin: 'BTC',
  trade_market: 'USDT',
  exchange: 'BINANCE',
  invest: 10,
  entry_price_max: '68000',
  exit_price_1: '72000',
};

export const takeProfitLimit = {
  parent_signal_id: SIGNAL_ID,
  order_type: 'limit',
  sell_price: '72000',
  sell_amount_relative: 50,
  trailing_stop_price: '68000',
  trailing_stop_limit_price: '67500',
};

export const takeProfitMarket = { parent_signal_id: SIGNAL_ID, order_type: 'market', sell_amount_relative: 100 };

export const trailingStop = {
  parent_signal_id: SIGNAL_ID,
  trailing_stop_price: '64000',
  trailing_stop_limit_price: '63500',
};

export const rebuy = {
  parent_signal_id: SIGNAL_ID,
  buy_price_min: '60000',
  buy_price_max: '61000',
  invest: 5,
  trailing_stop_price: '58000',
  trailing_stop_limit_price: '57500',
};

export const dca = { parent_signal_id: SIGNAL_ID, buy_price: '58000', multiplier: 1.5 };

export const updatePrice = { parent_signal_id: SIGNAL_ID, exit_price_1: '73000', stop_loss: '63000' };

export const cancel = { parent_signal_id: SIGNAL_ID };

export const done = {
  result: { type: 'OPERATION_PERFORMED' },
  payload: { parent_signal_id: SIGNAL_ID, result: 'success' },
};

export const cancelled = { result: { type: 'OPERATION_PERFORMED' }, payload: { result: 'success' } };

export const missing = failed('INVALID_INPUT_MISSING', 'coin is required', 'coin');

export const wrong = failed(
  'INVALID_INPUT_CONTENT',
  'stop_loss must be a string holding a decimal above 0, such as "65000.5"',
  'stop_loss',
);

export const unknownSignal = failed('INVALID_INPUT_CONTENT', 'There is no such signal.', 'parent_signal_id');

export const badStatus = failed(
  'INVALID_INPUT_CONTENT',
  'status must be one of registered, matched, win, loss, push, cancelled, expired',
  'status',
);

export const badGrouping = failed(
  'INVALID_INPUT_CONTENT',
  'by must be one of month, instrument, dialect, strategy',
  'by',
);

export const tooLarge = failed('INVALID_INPUT_CONTENT', 'the body is larger than 64 KiB', 'body');

export const unsupported = failed('INVALID_INPUT_CONTENT', 'the body must be application/json', 'body');

export const unauthorized = failed('UNAUTHORIZED', 'anny-api-key and anny-api-secret are missing, wrong or revoked');

export const critical = failed('CRITICAL', 'an internal error; it was logged');

export const unavailable = failed('CRITICAL', 'the ledger takes no writes right now; nothing was stored, try again');

const signal = {
  parent_signal_id: SIGNAL_ID,
  status: 'registered',
  revision: 0,
  dialect: 'anny',
  sandbox: false,
  tracking: 'no_venue',
  coin: 'BTC',
  trade_market: 'USDT',
  exchange: 'BINANCE',
  type: 'long',
  account: 'SPOT',
  leverage: 1,
  margin_type: 'ISOLATED',
  invest: 10,
  size: { kind: 'percent', value: '10' },
  entry_mode: 'range',
  entry_price_min: '65000',
  entry_price_mid: null,
  entry_price_max: '66000',
  invest_entry_min: null,
  invest_entry_mid: null,
  invest_entry_max: null,
  targets: [
    { kind: 'target', place: 1, order_type: 'limit', price: '70000', share: 50, hit_at: null, hit_price: null },
    { kind: 'target', place: 2, order_type: 'limit', price: '75000', share: 50, hit_at: null, hit_price: null },
  ],
  exit_prices: ['70000', '75000'],
  stop_loss: '62000',
  trailing_stop: null,
  take_profits: [],
  rebuys: [],
  dcas: [],
  matched_at: null,
  entry_price: null,
  fills: [],
  exits: [],
  open_share: null,
  settlement: null,
  corrections: [],
  strategy_id: null,
  closes_signal_id: null,
  attachment_description: null,
  metadata: null,
  expires_at: null,
  created_at: '2026-06-12T07:42:36.772Z',
  updated_at: '2026-06-12T07:42:36.772Z',
  cancelled_at: null,
  expired_at: null,
};

export const performed = (payload: object): object => ({ result: { type: 'OPERATION_PERFORMED' }, payload });

export const found = performed(signal);

const MATCHED_AT = '2026-06-12T08:15:00.000Z';
const HIT_AT = '2026-06-13T10:30:00.000Z';
const STOPPED_AT = '2026-06-14T02:45:00.000Z';

const told = { decided_by: 'candle', source: 'ccxt:binance', late: false };

/** Entered, half of it sold at the first target, the rest at the stop. */
export const foundSettled = performed({
  ...signal,
  status: 'win',
  revision: 5,
  tracking: 'ccxt:binance',
  targets: [
    { kind: 'target', place: 1, order_type: 'limit', price: '70000', share: 50, hit_at: HIT_AT, hit_price: '70000' },
    { kind: 'target', place: 2, order_type: 'limit', price: '75000', share: 50, hit_at: null, hit_price: null },
  ],
  matched_at: MATCHED_AT,
  entry_price: '66000',
  fills: [{ kind: 'entry', part: null, place: null, price: '66000', share: 100, at: MATCHED_AT, ...told }],
  exits: [
    { kind: 'target', place: 1, price: '70000', share: 50, at: HIT_AT, ...told },
    { kind: 'stop', place: null, price: '62500', share: 50, at: STOPPED_AT, ...told },
  ],
  open_share: 0,
  settlement: {
    result: 'win',
    by: 'exits',
    price: null,
    share: 0,
    entry_price: '66000',
    result_pct: '0.37878788',
    result_r: '0.0625',
    result_money: null,
    reason: null,
    closed_by_signal_id: null,
    evidence_text: null,
    at: STOPPED_AT,
    ...told,
  },
  stop_loss: '62500',
  updated_at: '2026-06-14T02:45:01.113Z',
});

export const page = performed({ signals: [signal], next_cursor: null });

const created = {
  revision: 0,
  type: 'SignalCreated',
  time: '2026-06-12T07:42:36.772Z',
  data: {
    channelId: '019ebac0-0000-7000-8000-000000000000',
    dialect: 'anny',
    sandbox: false,
    instrument: {
      class: 'crypto',
      venue: 'BINANCE',
      symbol: 'BTC/USDT',
      base: 'BTC',
      quote: 'USDT',
      account: 'SPOT',
    },
    side: 'open',
    direction: 'long',
    entry: { min: '65000', max: '66000', mode: 'range' },
    targets: ['70000', '75000'],
    stop: '62000',
    size: { kind: 'percent', value: '10' },
    leverage: '1',
    marginType: 'ISOLATED',
  },
  state: signal,
};

export const history = performed({ parent_signal_id: SIGNAL_ID, events: [created] });

export const historyAsOf = performed({ parent_signal_id: SIGNAL_ID, ...created });

function failed(type: string, message: string, field?: string): object {
  return { result: { type }, payload: { result: 'failed', ...(field !== undefined && { field }), message } };
}
