/** The published bodies and answers (traderz.txt), and those of what the document leaves open. */
export const SIGNAL_ID = '019ebac868e4b0d9db93cc0daccca63d';
const CLOSE_ID = '019ebacb2f8c7a41b0c3d2e4f5a60718';

const RECEIVED_AT = 1_781_250_156_772;

export const full = {
  source: 'binance',
  type: 'crypto',
  symbol: 'ETH/USDT',
  side: 'open',
  direction: 'long',
  price: 3450.5,
  quantity: 1.5,
  signal_time: 1_716_500_000_000,
  client_signal_id: 'abc-123',
  metadata: { tp: 3600, sl: 3300 },
};

export const quickstart = {
  source: 'binance',
  type: 'crypto',
  symbol: 'ETH/USDT',
  side: 'open',
  direction: 'long',
  price: 3450.5,
};

export const least = { source: 'ibkr', type: 'stock', symbol: 'TSLA', side: 'open' };

export const prediction = {
  source: 'polymarket',
  type: 'prediction_market',
  symbol: 'BTC 15min',
  side: 'open',
  direction: 'buy',
  price: 0.45,
};

export const close = {
  ...quickstart,
  side: 'close',
  direction: 'sell',
  price: 3590,
  client_signal_id: 'abc-123-close',
};

export const stored = { id: SIGNAL_ID, received_at: RECEIVED_AT, deduped: false };

export const deduped = { id: SIGNAL_ID, deduped: true };

export const invalid = {
  error: 'validation_failed',
  fields: { source: 'is required', side: 'must be one of: open, close' },
};

export const priceOfPrediction = {
  error: 'validation_failed',
  fields: { price: 'must be below 1 for a prediction_market' },
};

export const keyReused = {
  error: 'validation_failed',
  fields: { 'Idempotency-Key': 'this idempotency key was used before with another request' },
};

export const badQuery = {
  error: 'validation_failed',
  fields: { source: 'must be one of: polymarket, binance, ibkr', limit: 'must be an integer from 1 to 100' },
};

export const badGrouping = {
  error: 'validation_failed',
  fields: { by: 'must be one of month, instrument, dialect, strategy' },
};

export const badJson = { error: 'bad_request', message: 'the body is not valid JSON' };

export const noObject = { error: 'bad_request', message: 'the body must be a JSON object' };

export const tooLarge = { error: 'bad_request', message: 'the body is larger than 64 KiB' };

export const unsupported = { error: 'bad_request', message: 'the body must be application/json' };

export const unauthorized = { error: 'unauthorized', message: 'invalid api key' };

export const readOnly = { error: 'unauthorized', message: 'this key may only read' };

export const suspended = { error: 'unauthorized', message: 'the channel is suspended: its keys may only read' };

export const notFound = { error: 'not_found', message: 'there is no such signal' };

export const internal = { error: 'internal_error', message: 'an internal error; it was logged' };

export const unavailable = {
  error: 'service_unavailable',
  message: 'the ledger takes no writes right now; nothing was stored, try again',
};

/** `full`, once it was closed. */
export const found = {
  id: SIGNAL_ID,
  received_at: RECEIVED_AT,
  status: 'registered',
  sandbox: false,
  tracking: 'no_venue',
  ...full,
  closes_signal_id: null,
  closed_by_signal_id: CLOSE_ID,
  matched_at: null,
  settled_at: null,
  result_pct: null,
  result_r: null,
  settlement: null,
};

/** The same once its close was carried out, where no venue told a price. */
export const foundSettled = {
  ...found,
  status: 'win',
  matched_at: 1_781_250_338_700,
  settled_at: 1_781_250_338_700,
  result_pct: 4.04289233,
  settlement: {
    result: 'win',
    by: 'closed',
    price: 3590,
    entry_price: 3450.5,
    decided_by: 'reported',
    source: 'provider',
    late: false,
    reported: true,
  },
};

export const foundClose = {
  ...found,
  id: CLOSE_ID,
  received_at: 1_781_250_338_700,
  ...close,
  direction: 'short',
  quantity: null,
  signal_time: null,
  metadata: null,
  closes_signal_id: SIGNAL_ID,
  closed_by_signal_id: null,
};

export const page = { signals: [foundClose, found], next_cursor: null };
