/** What the load sends: every write of the Anny dialect, with prices that are mostly accepted. */
import type { Random } from './random.ts';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: object;
  /** The event that it adds, when it adds one. */
  readonly event: string;
}

export function createCall(random: Random): Call {
  const long = random.next() < 0.5;
  const prices = long
    ? { exit_price_1: '70000', exit_price_2: '75000', stop_loss: '62000', type: 'long' }
    : { exit_price_1: '60000', exit_price_2: '55000', stop_loss: '68000', type: 'short' };
  const body = {
    coin: random.pick(['BTC', 'ETH', 'SOL']),
    trade_market: 'USDT',
    exchange: 'BINANCE',
    invest: 10,
    ...prices,
  };
  return random.next() < 0.2
    ? call('POST', '/v1/signal', { ...v1(body), buy_price_min: '65000', buy_price_max: '66000' }, 'SignalCreated')
    : call('POST', '/v2/signal', { ...body, entry_price_min: '65000', entry_price_max: '66000' }, 'SignalCreated');
}

function v1({ exit_price_1, exit_price_2, ...body }: { exit_price_1: string; exit_price_2: string }): object {
  return { ...body, sell_price_1: exit_price_1, sell_price_2: exit_price_2 };
}

/** One of the calls on a signal. Some are refused (shares over 100, a looser trail, the wrong side): that belongs to it. */
export function lifecycleCall(random: Random, signalId: string, mayCancel: boolean): Call {
  const path = `/v1/signal/${signalId}`;
  const cents = String(random.whole(10, 99));
  if (mayCancel && random.next() < 0.04) return call('DELETE', `${path}/cancel`, {}, 'Cancelled', signalId);
  switch (random.whole(0, 5)) {
    case 0: {
      const pair = { trailing_stop_price: `64000.${cents}`, trailing_stop_limit_price: '63500' };
      const body = { order_type: 'market', sell_amount_relative: random.whole(1, 3), ...pair };
      return call('POST', `${path}/call/takeprofit`, body, 'TakeProfitAdded', signalId);
    }
    case 1: {
      const body = { trailing_stop_price: `64${random.whole(100, 999)}.${cents}`, trailing_stop_limit_price: '63500' };
      return call('POST', `${path}/call/trailingstop`, body, 'TrailingStopAdded', signalId);
    }
    case 2: {
      const body = { buy_price_min: `60000.${cents}`, buy_price_max: '61000', invest: 5 };
      return call('POST', `${path}/call/rebuy`, body, 'RebuyAdded', signalId);
    }
    case 3:
      return call('POST', `${path}/call/dca`, { buy_price: `58000.${cents}`, multiplier: 1.5 }, 'DcaAdded', signalId);
    case 4:
      return call('POST', `${path}/call/dca`, { buy_price: `69000.${cents}`, multiplier: 2 }, 'DcaAdded', signalId);
    default: {
      const body = { stop_loss: `64${random.whole(100, 999)}.${cents}` };
      return call('PUT', `${path}/updateprice`, body, 'PricesUpdated', signalId);
    }
  }
}

function call(method: string, path: string, body: object, event: string, signalId?: string): Call {
  return { method, path, event, body: signalId === undefined ? body : { parent_signal_id: signalId, ...body } };
}
