/** The published bodies and answers, with ids in full, and those of what the document leaves open. */
export const SIGNAL_ID = '629229ed-2328-46a7-a9ee-6f99a534bcb3';

const STRATEGY_ID = 'your_strategy_id';

export const least = {
  strategy_id: STRATEGY_ID,
  market: 'KXMLBGAME-26APR041905MIANYY-NYY',
  direction: 'YES',
  size: 300,
};

export const full = { ...least, entry_price: 0.45, rationale: 'Model triggered on momentum signal' };

export const contracts = {
  strategy_id: STRATEGY_ID,
  market: 'KXMLBGAME-26APR041905MIANYY-NYY',
  direction: 'NO',
  size: 200,
  size_type: 'contracts',
  entry_price: 0.55,
  exchange: 'kalshi',
  idempotency_key: 'mlb-2026-04-04-nyy-1',
};

export const batch = {
  signals: [
    { strategy_id: STRATEGY_ID, market: 'KXMLBGAME-...-NYY', direction: 'YES', size: 300 },
    { strategy_id: STRATEGY_ID, market: 'KXMLBGAME-...-BOS', direction: 'NO', size: 150 },
  ],
};

const published = {
  signal_id: SIGNAL_ID,
  timestamp: '2026-04-04T19:12:07.572Z',
  status: 'registered',
  market_resolved: 'KXMLBGAME-26APR041905MIANYY-NYY',
  entry_price: 0.45,
  size_usd: 300,
  direction: 'YES',
  exchange: 'KALSHI',
};

export const registered = { ...published, tracking: 'no_venue' };
export const registeredSandbox = { ...published, sandbox: true };

const SECOND_ID = '0195f0ab-11c2-7d3e-8a77-0d4c5b6a7988';

export const batchDone = {
  results: [
    { index: 0, status: 'registered', signal_id: SIGNAL_ID, timestamp: '2026-04-04T19:12:07.572Z' },
    { index: 1, status: 'registered', signal_id: SECOND_ID, timestamp: '2026-04-04T19:12:07.572Z' },
  ],
  summary: { registered: 2, failed: 0 },
  sandbox: true,
};

export const unknownMarket = error('market_not_found', 'Could not resolve market ticker', 'market');

export const batchMixed = {
  results: [
    { index: 0, status: 'registered', signal_id: SIGNAL_ID, timestamp: '2026-04-04T19:12:07.572Z' },
    { index: 1, status: 'failed', ...unknownMarket },
  ],
  summary: { registered: 1, failed: 1 },
  sandbox: true,
};

export const found = {
  ...published,
  strategy_id: STRATEGY_ID,
  size: 300,
  size_type: 'dollars',
  rationale: 'Model triggered on momentum signal',
  matched_at: null,
  settled_at: null,
  settlement_price: null,
  result_pct: null,
  settled_by: null,
  updated_at: '2026-04-04T19:12:07.572Z',
  tracking: 'no_venue',
};

export const foundSettled = {
  ...found,
  status: 'win',
  matched_at: '2026-04-04T19:14:02.000Z',
  settled_at: '2026-04-05T02:31:40.000Z',
  settlement_price: 1,
  result_pct: 122.22222222,
  settled_by: 'settlement',
  updated_at: '2026-04-05T02:31:41.204Z',
  tracking: 'kalshi',
};

export const page = { signals: [found], total: 1, limit: 20, offset: 0 };

export const me = {
  pm_id: '847b0d6c-3c1f-4e27-9a50-5d2f4b1c8e90',
  name: 'Your Name',
  strategies: [
    {
      strategy_id: STRATEGY_ID,
      name: 'MLB Moneyline Momentum',
      exchange: 'kalshi',
      signal_count: 42,
      subscriber_count: 0,
    },
  ],
};

export const unauthorized = error('unauthorized', 'Check your API key is valid and active');
export const missing = error('missing_required_field', 'Include the indicated field', 'market');
export const missingSignals = error('missing_required_field', 'Include the indicated field', 'signals');
export const badDirection = error('invalid_direction', 'Must be "YES" or "NO"', 'direction');
export const mismatch = error('strategy_exchange_mismatch', 'Signal exchange must match strategy', 'exchange');
export const badField = error('invalid_field', 'size must be a number above 0', 'size');
export const badJson = error('invalid_json', 'the body is not valid JSON', 'body');
export const badBatch = error('invalid_field', 'signals must contain no more than 50 elements', 'signals');
export const badStatus = error('invalid_field', 'status must be one of registered, matched, win, loss, push', 'status');
export const badGrouping = error('invalid_field', 'by must be one of month, instrument, dialect, strategy', 'by');
export const badPosition = error(
  'invalid_field',
  'X-Wait-Position is a position that a write answered in X-Position',
  'X-Wait-Position',
);
export const unknownStrategy = error('strategy_not_found', 'Check strategy_id from GET /me', 'strategy_id');
export const unknownSignal = error('signal_not_found', 'There is no such signal', 'signal_id');
export const duplicate = {
  error: {
    code: 'duplicate_signal',
    message: 'Safe to ignore — idempotency key already used',
    field: 'idempotency_key',
    signal_id: SIGNAL_ID,
  },
};
export const tooLarge = error('invalid_field', 'the body is larger than 64 KiB', 'body');
export const unsupported = error('invalid_json', 'the body must be application/json', 'body');
export const exceeded = error('rate_limit_exceeded', 'Wait and retry. 100 signals/hour limit.');
export const internal = error('internal_error', 'an internal error; it was logged');
export const unavailable = error(
  'service_unavailable',
  'the ledger takes no writes right now; nothing was stored, try again',
);

function error(code: string, message: string, field?: string): { readonly error: object } {
  return { error: { code, message, ...(field !== undefined && { field }) } };
}
