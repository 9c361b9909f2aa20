/** Commands to test with: the published example of the Anny documentation, and what may be said to it. */
import type {
  AddDca,
  AddRebuy,
  AddTakeProfit,
  AddTrailingStop,
  CancelSignal,
  CreateSignal,
  UpdatePrices,
} from '../commands.ts';

const addressed = {
  signalId: '019d5a3c6b7470008000000000000001',
  channelId: 'channel-1',
  dialect: 'anny',
  now: '2026-04-04T19:12:07.572Z',
} as const;

type Address = Pick<CancelSignal, keyof typeof addressed>;
type Named<Command extends { readonly type: string }> = Omit<Command, 'type' | keyof Address> & Partial<Address>;

/** A long on BTC, entry 65000–66000, targets 70000 and 75000, stop 62000, unless told otherwise. */
export function create(named: Partial<Omit<CreateSignal, 'type'>> = {}): CreateSignal {
  return {
    type: 'CreateSignal',
    ...addressed,
    sandbox: false,
    instrument: { class: 'crypto', venue: 'BINANCE', symbol: 'BTC/USDT', base: 'BTC', quote: 'USDT', account: 'SPOT' },
    side: 'open',
    direction: 'long',
    entry: { min: '65000', max: '66000', mode: 'range' },
    targets: ['70000', '75000'],
    stop: '62000',
    size: { kind: 'percent', value: '10' },
    ...named,
  };
}

export function takeProfit(named: Named<AddTakeProfit>): AddTakeProfit {
  return { type: 'AddTakeProfit', ...addressed, ...named };
}

export function trailingStop(
  trigger: string,
  limit: string,
  named: Partial<Omit<AddTrailingStop, 'type'>> = {},
): AddTrailingStop {
  return { type: 'AddTrailingStop', ...addressed, trigger, limit, reference: null, ...named };
}

export function rebuy(named: Named<AddRebuy>): AddRebuy {
  return { type: 'AddRebuy', ...addressed, ...named };
}

export function dca(price: string, multiplier: string, named: Partial<Omit<AddDca, 'type'>> = {}): AddDca {
  return { type: 'AddDca', ...addressed, price, multiplier, ...named };
}

export function update(named: Named<UpdatePrices>): UpdatePrices {
  return { type: 'UpdatePrices', ...addressed, ...named };
}

export function cancel(named: Partial<Omit<CancelSignal, 'type'>> = {}): CancelSignal {
  return { type: 'CancelSignal', ...addressed, ...named };
}
