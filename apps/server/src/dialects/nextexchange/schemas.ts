/** The shapes of what the NEXT.exchange dialect answers, as JSON Schema: the API documents show them, tests hold answers to them. */
import { ORDER_STATUSES, PERMISSIONS } from '#libs/account';
import { SIGNAL_STATUSES } from '#libs/signal';
import { MOST_CANCELLED_TOLD } from '../../accounts/closed-all.ts';
import { exactly, type JsonSchema, listOf, orNull } from '../../http/json-schema.ts';
import { ERROR_CODES } from './errors.ts';

const TEXT = { type: 'string' };
const NUMBER = { type: 'number' };
const TIME = { type: 'string', format: 'date-time' };
const AGENT_ID = { type: 'string', pattern: '^agent_[0-9a-f]{32}$' };
const ID = { type: 'string', pattern: '^[0-9a-f]{32}$' };
const SIMULATED = { type: 'boolean', enum: [true], description: 'There where the answer rests on simulated prices' };
const NEXT_CURSOR = orNull({ ...TEXT, description: 'Null on the last page' });

/** An answer that says so where it rests on simulated prices. */
function told(
  title: string,
  properties: Readonly<Record<string, JsonSchema>>,
  optional: readonly string[] = [],
): JsonSchema {
  return exactly(title, { ...properties, simulated: SIMULATED }, [...optional, 'simulated']);
}

export const REGISTERED = exactly('AgentRegistered', {
  agent: exactly(
    null,
    {
      id: AGENT_ID,
      apiKey: { ...TEXT, description: '`nx_test_…` or `nx_live_…`. Shown once' },
      apiSecret: { ...TEXT, description: 'What a live agent signs with. Shown once' },
      permissions: listOf({ type: 'string', enum: [...PERMISSIONS] }),
      mode: { type: 'string', enum: ['sandbox', 'live'] },
      rateLimit: { ...TEXT, description: 'Such as `60 requests/min`' },
      status: { type: 'string', enum: ['pending'], description: 'Of a live agent, until the operator approves it' },
    },
    ['status'],
  ),
});

export const MARKET = told('AgentMarket', {
  data: listOf(
    exactly(null, {
      id: { ...TEXT, description: "CoinGecko's id" },
      symbol: TEXT,
      name: TEXT,
      price: { ...NUMBER, description: 'US dollars' },
      change24h: { ...NUMBER, description: 'Percent; 0 where the source does not tell it' },
      updatedAt: { ...TIME, description: 'When the source had the price' },
      source: { ...TEXT, description: 'Such as `simulated` or `ccxt:binance`' },
    }),
  ),
});

export const CHART = told('AgentChart', {
  data: listOf(
    exactly(null, {
      time: { type: 'integer', description: 'When it opened, milliseconds since 1970' },
      open: NUMBER,
      high: NUMBER,
      low: NUMBER,
      close: NUMBER,
      volume: { ...orNull(NUMBER), description: 'Pieces; null where it is not known' },
    }),
  ),
});

const LEVELS = listOf({ ...listOf(NUMBER), minItems: 2, maxItems: 2, description: 'Price and quantity' });

export const BOOK = told('AgentOrderBook', { data: exactly(null, { bids: LEVELS, asks: LEVELS }) });

const NO_PRICE = 'null where there is no price to go by';

export const PORTFOLIO = told('AgentPortfolio', {
  data: exactly(null, {
    totalValue: {
      ...NUMBER,
      description: 'Cash and positions, US dollars; a position without a price at what it cost',
    },
    cash: NUMBER,
    freeCash: { ...NUMBER, description: 'What open buys do not keep back' },
    positions: listOf(
      exactly(null, {
        symbol: TEXT,
        quantity: NUMBER,
        free: { ...NUMBER, description: 'What open sells do not keep back' },
        averageCost: NUMBER,
        price: { ...orNull(NUMBER), description: `The last price; ${NO_PRICE}` },
        value: { ...orNull(NUMBER), description: NO_PRICE },
        unrealizedPnl: { ...orNull(NUMBER), description: NO_PRICE },
      }),
    ),
    realizedPnl: { ...NUMBER, description: 'Without fees' },
    fees: NUMBER,
  }),
});

export const EQUITY = told('AgentEquity', {
  data: listOf(
    exactly(null, {
      at: { ...TIME, description: 'When it was judged' },
      equity: { ...NUMBER, description: 'Cash and holdings at the prices of that moment, US dollars' },
      why: {
        type: 'string',
        enum: ['day', 'trip', 'reset'],
        description: 'A UTC day began, its breaker tripped, or the operator reset it',
      },
    }),
  ),
});

const ORDER = exactly(
  'AgentOrder',
  {
    orderId: ID,
    symbol: TEXT,
    side: { type: 'string', enum: ['buy', 'sell'] },
    type: { type: 'string', enum: ['market', 'limit'] },
    quantity: { ...NUMBER, description: 'The total, what is filled included' },
    price: { ...orNull(NUMBER), description: 'Of a limit order' },
    status: { type: 'string', enum: [...ORDER_STATUSES], description: '`unresolved`: the venue may have it or not' },
    filledQuantity: NUMBER,
    averagePrice: { ...orNull(NUMBER), description: 'Null while nothing is filled' },
    fee: { ...NUMBER, description: 'US dollars in all' },
    slippage: {
      ...NUMBER,
      description: 'What the slippage of the fill model cost, US dollars in all; it is in the average price',
    },
    signalId: orNull(TEXT),
    createdAt: TIME,
    cancelRequested: {
      type: 'boolean',
      enum: [true],
      description: 'There from when the venue is to cancel it until the order is over; it may still fill',
    },
    reason: { ...TEXT, description: 'Why it was rejected, is unresolved, or was cancelled by another than the agent' },
  },
  ['cancelRequested', 'reason'],
);

const FILL_MODEL = exactly('AgentFillModel', {
  name: TEXT,
  market: { ...TEXT, description: 'How a market order fills' },
  limit: { ...TEXT, description: 'How a limit order fills' },
  fee: { ...NUMBER, description: 'Share of the value of each fill' },
  slippage: { ...NUMBER, description: 'Share of the price of a market order' },
});

export const ORDER_ANSWER = told('AgentOrderAnswer', { order: ORDER, fillModel: FILL_MODEL }, ['fillModel']);

export const ORDER_PAGE = told(
  'AgentOrderPage',
  { data: listOf(ORDER), next_cursor: NEXT_CURSOR, fillModel: FILL_MODEL },
  ['fillModel'],
);

export const CLOSED = told(
  'AgentClosed',
  {
    orders: { ...listOf(ORDER), description: 'Those that sell' },
    cancelled: {
      ...listOf(ORDER),
      maxItems: MOST_CANCELLED_TOLD,
      description: 'Those that were cancelled, or that the venue was asked to cancel, the oldest first',
    },
    cancelledCount: { type: 'integer', description: 'How many those are in all' },
    fillModel: FILL_MODEL,
  },
  ['fillModel'],
);

export const STATE = exactly('AgentState', {
  agent: exactly(
    null,
    { id: AGENT_ID, paused: { type: 'boolean' }, by: { type: 'string', enum: ['agent', 'operator'] }, reason: TEXT },
    ['by', 'reason'],
  ),
});

export const SENTIMENT = told('AgentSentiment', {
  data: listOf(
    exactly(null, {
      symbol: TEXT,
      long: { type: 'integer' },
      short: { type: 'integer' },
      balance: { ...NUMBER, minimum: -1, maximum: 1 },
    }),
  ),
  method: { ...TEXT, description: 'How it was counted' },
});

const ENTRY = exactly(null, { min: orNull(NUMBER), mid: orNull(NUMBER), max: orNull(NUMBER) });

export const SOCIAL = told('AgentSocial', {
  data: listOf(
    told('AgentPublicSignal', {
      id: ID,
      channel: exactly(null, { id: ID, name: TEXT }),
      symbol: TEXT,
      instrument: exactly(null, {
        class: { type: 'string', enum: ['crypto', 'stock', 'prediction'] },
        venue: TEXT,
        symbol: TEXT,
      }),
      side: { type: 'string', enum: ['open', 'close'] },
      direction: orNull({ type: 'string', enum: ['long', 'short', 'yes', 'no'] }),
      status: { type: 'string', enum: [...SIGNAL_STATUSES] },
      entry: { oneOf: [ENTRY, { type: 'null' }] },
      targets: listOf(NUMBER),
      stop: orNull(NUMBER),
      leverage: orNull(NUMBER),
      closesSignalId: orNull(TEXT),
      createdAt: TIME,
      updatedAt: TIME,
      matchedAt: orNull(TIME),
      resultPct: orNull(NUMBER),
      cursor: { ...TEXT, description: 'Where a follower goes on after it' },
    }),
  ),
  next_cursor: NEXT_CURSOR,
});

export const ERROR = exactly('AgentError', {
  error: exactly(
    null,
    {
      code: { type: 'string', enum: [...ERROR_CODES] },
      message: TEXT,
      field: { ...TEXT, description: 'The field at fault' },
      permission: { type: 'string', enum: [...PERMISSIONS], description: 'With `permission_missing`' },
      breaker: { type: 'string', enum: ['daily_loss', 'position_cap'], description: 'With `circuit_breaker`' },
    },
    ['field', 'permission', 'breaker'],
  ),
});
