/** The published bodies and answers, with ids in full, and those of what the document leaves open. */
import { AgentFault, type ErrorCode } from './errors.ts';
import { fillModelOf } from './order-view.ts';
import { renderFault } from './render.ts';
import { METHOD } from './sentiment.ts';

const AGENT_ID = 'agent_0198c5f0a3b47c11a9f2000000000001';
export const ORDER_ID = '0198c5f0a3b47c11a9f2000000000002';
const RESTING_ID = '0198c5f0a3b47c11a9f2000000000005';
const SIGNAL_ID = '0198c5f0a3b47c11a9f2000000000003';
const CHANNEL_ID = '0198c5f0a3b47c11a9f2000000000004';

export const register = {
  name: 'My Alpha Bot',
  permissions: ['read:market', 'read:portfolio', 'write:orders'],
  mode: 'sandbox',
};

export const registerLive = { ...register, mode: 'live', dailyLossLimit: 500, maxPositionSize: 10_000 };

const key = 'BSezZJ7HMCTWvd0Q2JHBzF1i0lcqFqY8dFm2wVh4nJzZ8vT0RkQpXo3sLuYbA6eD1rNcM9q';

export const registered = {
  agent: {
    id: AGENT_ID,
    apiKey: `nx_test_${key}`,
    apiSecret: 's3cr3tk3yh3r3JzZ8vT0RkQpXo3sLuYbA6eD1rNcM9q',
    permissions: ['read:market', 'read:portfolio', 'write:orders'],
    mode: 'sandbox',
    rateLimit: '60 requests/min',
  },
};

export const registeredLive = {
  agent: { ...registered.agent, apiKey: `nx_live_${key}`, mode: 'live', status: 'pending' },
};

export const market = {
  data: [
    {
      id: 'bitcoin',
      symbol: 'BTC',
      name: 'Bitcoin',
      price: 67_250.4,
      change24h: 1.82,
      updatedAt: '2026-04-04T19:12:07.572Z',
      source: 'simulated',
    },
  ],
  simulated: true,
};

export const chart = {
  data: [{ time: 1_775_329_200_000, open: 67_100, high: 67_300.5, low: 67_050.1, close: 67_250.4, volume: 12.5 }],
};

export const book = { data: { bids: [[67_250.3, 0.4]], asks: [[67_250.4, 0.25]] } };

export const portfolio = {
  data: {
    totalValue: 99_999.33,
    cash: 99_326.82,
    freeCash: 99_326.82,
    positions: [
      {
        symbol: 'BTC',
        quantity: 0.01,
        free: 0.01,
        averageCost: 67_250.4,
        price: 67_251,
        value: 672.51,
        unrealizedPnl: 0.006,
      },
    ],
    realizedPnl: 0,
    fees: 0.672504,
  },
  simulated: true,
};

export const equity = {
  data: [
    { at: '2026-04-04T19:12:07.572Z', equity: 100_000, why: 'day' },
    { at: '2026-04-05T00:00:00.310Z', equity: 99_999.33, why: 'day' },
  ],
  simulated: true,
};

export const marketOrder = { symbol: 'BTC', side: 'buy', type: 'market', quantity: 0.01, price: null };
export const limitOrder = { symbol: 'bitcoin', side: 'buy', type: 'limit', quantity: 0.01, price: 1_000 };

const filled = {
  orderId: ORDER_ID,
  symbol: 'BTC',
  side: 'buy',
  type: 'market',
  quantity: 0.01,
  price: null,
  status: 'filled',
  filledQuantity: 0.01,
  averagePrice: 67_250.4,
  fee: 0.672504,
  slippage: 0,
  signalId: null,
  createdAt: '2026-04-04T19:12:07.572Z',
};

const resting = {
  ...filled,
  type: 'limit',
  price: 1_000,
  status: 'open',
  filledQuantity: 0,
  averagePrice: null,
  fee: 0,
};

const onPaper = {
  fillModel: fillModelOf({
    liveBroker: 'none',
    exchange: null,
    balance: '100000',
    feeRate: '0.001',
    slippage: '0',
    simulatedPrices: true,
  }),
  simulated: true,
};

export const orderFilled = { order: filled, ...onPaper };
export const orderOpen = { order: resting, ...onPaper };
export const orderChanged = { order: { ...resting, price: 1_100, quantity: 0.02 }, ...onPaper };
export const orderCancelled = { order: { ...resting, status: 'cancelled' }, ...onPaper };
/** At a venue, where prices are real and no fill model fills. */
export const orderCancelRequested = { order: { ...resting, cancelRequested: true } };
export const orderPage = { data: [filled], next_cursor: null, ...onPaper };
export const change = { price: 1_100, quantity: 0.02 };

export const reason = { reason: 'The model is retrained' };
export const closed = {
  orders: [{ ...filled, side: 'sell' }],
  cancelled: [{ ...resting, orderId: RESTING_ID, status: 'cancelled' }],
  cancelledCount: 1,
  ...onPaper,
};
export const closedAtVenue = {
  orders: [{ ...resting, side: 'sell', type: 'market', price: null }],
  cancelled: [{ ...resting, orderId: RESTING_ID, cancelRequested: true }],
  cancelledCount: 1,
};
export const paused = { agent: { id: AGENT_ID, paused: true, by: 'agent', reason: 'The model is retrained' } };
export const resumed = { agent: { id: AGENT_ID, paused: false } };

export const sentiment = { data: [{ symbol: 'BTC', long: 3, short: 1, balance: 0.5 }], method: METHOD };

export const social = {
  data: [
    {
      id: SIGNAL_ID,
      channel: { id: CHANNEL_ID, name: 'Alpha desk' },
      symbol: 'BTC',
      instrument: { class: 'crypto', venue: 'binance', symbol: 'BTC/USDT' },
      side: 'open',
      direction: 'long',
      status: 'matched',
      entry: { min: null, mid: null, max: 67_000 },
      targets: [68_000, 70_000],
      stop: 65_000,
      leverage: null,
      closesSignalId: null,
      createdAt: '2026-04-04T19:12:07.572Z',
      updatedAt: '2026-04-04T19:15:00.120Z',
      matchedAt: '2026-04-04T19:14:58.000Z',
      resultPct: null,
      cursor: '1842',
    },
  ],
  next_cursor: null,
};

/** What an error looks like, in the very words of the server. */
export function error(code: ErrorCode, details: ConstructorParameters<typeof AgentFault>[1] = {}): object {
  return JSON.parse(renderFault(new AgentFault(code, details)).body) as object;
}
