/**
 * Two signals of the demo: each a create and every call on it, with what must come back. Their instruments are ones that
 * no venue tells, so that every answer is the same whatever the prices do.
 */

/** What an answer must be. `repeat`: byte for byte that of the step before. */
export type Expected = 'done' | 'refused' | 'repeat';

export interface Step {
  readonly about: string;
  readonly method: 'POST' | 'PUT' | 'DELETE';
  /** After `/v1/signal/ID`; a create's whole path. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly expected: Expected;
  /** Sent as Idempotency-Key, made unique for the run. */
  readonly key?: string;
}

export interface Scene {
  readonly title: string;
  readonly create: Step;
  readonly calls: readonly Step[];
  /** Types of the events that are in the history afterwards. */
  readonly history: readonly string[];
}

function call(about: string, name: string, body: Step['body'], rest: Partial<Step> = {}): Step {
  return { about, method: 'POST', path: `/call/${name}`, body, expected: 'done', ...rest };
}

const cancel = (about: string): Step => ({ about, method: 'DELETE', path: '/cancel', body: {}, expected: 'done' });

const trailing = (trigger: string, limit: string): Step['body'] => ({
  trailing_stop_price: trigger,
  trailing_stop_limit_price: limit,
});

export const long: Scene = {
  title: 'A long signal, created with /v2, on an instrument that no venue tells: no price moves it',
  create: {
    about: 'create',
    method: 'POST',
    path: '/v2/signal',
    body: {
      coin: 'DEMO1',
      trade_market: 'USDT',
      exchange: 'BINANCE',
      invest: 10,
      entry_price_min: '65000',
      entry_price_max: '66000',
      exit_price_1: '70000',
      exit_price_2: '75000',
      stop_loss: '62000',
      type: 'long',
    },
    expected: 'done',
  },
  calls: [
    call('take profit: a limit for half of it; the rest is protected', 'takeprofit', {
      order_type: 'limit',
      sell_price: '72000',
      sell_amount_relative: 50,
      ...trailing('68000', '67500'),
    }),
    call('trailing stop', 'trailingstop', trailing('68500', '68000')),
    call('refused: a trailing stop of a long signal never moves down', 'trailingstop', trailing('64000', '63500'), {
      expected: 'refused',
    }),
    call('rebuy', 'rebuy', { buy_price_min: '60000', buy_price_max: '61000', invest: 5 }),
    call('DCA: half as much again as the first investment', 'dca', { buy_price: '58000', multiplier: 1.5 }),
    {
      about: 'update prices: the stop goes up to break-even',
      method: 'PUT',
      path: '/updateprice',
      body: { exit_price_1: '73000', stop_loss: '66000' },
      expected: 'done',
    },
    call(
      'take profit at the market, with an Idempotency-Key',
      'takeprofit',
      { order_type: 'market', sell_amount_relative: 25, ...trailing('69000', '68500') },
      { key: 'tp' },
    ),
    call(
      'the same again, as after a lost answer: answered alike, nothing added',
      'takeprofit',
      { order_type: 'market', sell_amount_relative: 25, ...trailing('69000', '68500') },
      { key: 'tp', expected: 'repeat' },
    ),
    cancel('cancel'),
    cancel('cancel again: a success that adds nothing'),
    call(
      'refused: a cancelled signal takes no more calls',
      'dca',
      { buy_price: '57000', multiplier: 1 },
      { expected: 'refused' },
    ),
  ],
  history: [
    'SignalCreated',
    'TakeProfitAdded',
    'TrailingStopAdded',
    'RebuyAdded',
    'DcaAdded',
    'PricesUpdated',
    'TakeProfitAdded',
    'Cancelled',
  ],
};

export const short: Scene = {
  title: 'A short signal, created with /v1, on such an instrument too: every rule mirrored',
  create: {
    about: 'create',
    method: 'POST',
    path: '/v1/signal',
    body: {
      coin: 'DEMO2',
      trade_market: 'USDT',
      exchange: 'BYBIT',
      buy_price_min: '3800',
      buy_price_max: '3850',
      sell_price_1: '3600',
      sell_price_2: '3400',
      sell_price_3: '3200',
      stop_loss: '4000',
      type: 'short',
      invest: 10,
      attachment_description: 'rejected at resistance',
    },
    expected: 'done',
  },
  calls: [
    call('take profit: a limit below the entry', 'takeprofit', {
      order_type: 'limit',
      sell_price: '3500',
      sell_amount_relative: 40,
      ...trailing('3700', '3720'),
    }),
    call('trailing stop', 'trailingstop', trailing('3680', '3700')),
    call('refused: a trailing stop of a short signal never moves up', 'trailingstop', trailing('3900', '3920'), {
      expected: 'refused',
    }),
    call('rebuy, with a trailing pair for the combined position', 'rebuy', {
      buy_price_min: '4050',
      buy_price_max: '4100',
      invest: 5,
      ...trailing('3670', '3690'),
    }),
    call('DCA, above the entry', 'dca', { buy_price: '4150', multiplier: 2 }),
    {
      about: 'update prices',
      method: 'PUT',
      path: '/updateprice',
      body: { exit_price_1: '3550', stop_loss: '3800' },
      expected: 'done',
    },
    call('take profit at the market, for all that is left', 'takeprofit', {
      order_type: 'market',
      sell_amount_relative: 60,
      ...trailing('3660', '3680'),
    }),
    cancel('cancel'),
    cancel('cancel again: a success that adds nothing'),
  ],
  history: [
    'SignalCreated',
    'TakeProfitAdded',
    'TrailingStopAdded',
    'RebuyAdded',
    'DcaAdded',
    'PricesUpdated',
    'TakeProfitAdded',
    'Cancelled',
  ],
};
