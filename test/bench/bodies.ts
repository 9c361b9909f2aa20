/** The bodies that the bench sends, and the requests around them. */

/** Prices vary, lengths do not: a request is then put together without counting. */
export function createBody(n: number): string {
  return JSON.stringify({
    coin: 'BTC',
    trade_market: 'USDT',
    exchange: 'BINANCE',
    invest: 10,
    entry_price_min: String(65_000 + (n % 500)),
    entry_price_max: String(66_000 + (n % 500)),
    exit_price_1: String(70_000 + (n % 500)),
    exit_price_2: String(75_000 + (n % 500)),
    stop_loss: String(62_000 + (n % 500)),
    type: 'long',
  });
}

/** An ajv schema of the v2 body, as the bare routes have it. */
export const CREATE_SCHEMA = {
  type: 'object',
  required: ['coin', 'trade_market', 'exchange', 'invest', 'entry_price_max', 'exit_price_1'],
  properties: {
    coin: { type: 'string', minLength: 1, maxLength: 40 },
    trade_market: { type: 'string', minLength: 1, maxLength: 40 },
    exchange: { type: 'string', minLength: 1, maxLength: 40 },
    invest: { type: 'number', exclusiveMinimum: 0, maximum: 100 },
    ...Object.fromEntries(
      ['entry_price_min', 'entry_price_mid', 'entry_price_max', 'stop_loss'].map((name) => [name, price()]),
    ),
    ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((place) => [`exit_price_${place}`, price()])),
    type: { type: 'string', enum: ['long', 'short'] },
    account: { type: 'string', enum: ['SPOT', 'MARGIN', 'FUTURES'] },
    leverage: { type: 'number', minimum: 1 },
    margin_type: { type: 'string', enum: ['ISOLATED', 'CROSS'] },
    entry_mode: { type: 'string' },
    invest_entry_min: { type: 'number' },
    invest_entry_mid: { type: 'number' },
    invest_entry_max: { type: 'number' },
    ttl_buy_order: { type: 'number', exclusiveMinimum: 0 },
    attachment_image1_url: { type: 'string' },
    attachment_image2_url: { type: 'string' },
    attachment_description: { type: 'string', maxLength: 1_000 },
  },
} as const;

function price(): object {
  return { type: 'string', pattern: '^\\d{1,20}(\\.\\d{1,20})?$' };
}

export type Headers = Readonly<Record<string, string>>;

/** An HTTP request as it travels. The body is ASCII. */
export function httpRequest(method: string, path: string, headers: Headers, body: string): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n${lines.join('')}\r\n${body}`;
}

/** Steps of the price that an update moves; each differs from the last some hundred thousand. */
const PRICE_STEPS = 490_000;

/** An update that differs from whatever another one has set: each adds an event. */
export function updateBody(signalId: string, n: number): string {
  const cents = 7_050_000 + (n % PRICE_STEPS) / 1.1;
  return `{"parent_signal_id":"${signalId}","exit_price_1":"${(cents / 100).toFixed(4)}"}`;
}
