/**
 * What open accounts hold, so that each price tells at once which of them may have lost their day's limit. Doubles: a
 * conservative filter, after which the account itself decides in decimals.
 */
import { type AccountEvent, DOLLARS, piecesOf, sum } from '#libs/account';

/** More than the error of a double in a sum of some hundred products. */
const TOLERANCE = 1e-9;

/** An account that holds something. */
export interface Exposure {
  readonly accountId: string;
  /** Revision of the last event that is in it. */
  revision: number;
  readonly limit: number | null;
  cash: number;
  /** Pieces by symbol: exact, for whether anything is left of them must not depend on rounding, and as a double. */
  readonly quantities: Map<string, Held>;
  /** The UTC day that was started last, and what its loss is measured against. */
  day: { readonly day: string; readonly baseline: number; readonly tripped: boolean } | null;
}

interface Held {
  readonly exact: string;
  readonly about: number;
}

/** An account as it is known at a revision. */
export interface Known {
  readonly accountId: string;
  readonly status: 'pending' | 'active' | 'closed';
  readonly revision: number;
  readonly dailyLossLimit: string | null;
  readonly cash: string;
  readonly holdings: readonly { readonly symbol: string; readonly quantity: string }[];
  readonly day: { readonly day: string; readonly baseline: string; readonly tripped: boolean } | null;
}

export function exposureOf({ accountId, revision, dailyLossLimit, cash, holdings, day }: Known): Exposure {
  return {
    accountId,
    revision,
    limit: dailyLossLimit === null ? null : Number(dailyLossLimit),
    cash: Number(cash),
    quantities: new Map(
      holdings
        .filter(({ quantity }) => quantity !== '0')
        .map(({ symbol, quantity }) => [symbol, { exact: quantity, about: Number(quantity) }]),
    ),
    day: day === null ? null : { day: day.day, baseline: Number(day.baseline), tripped: day.tripped },
  };
}

export class Exposures {
  readonly #accounts = new Map<string, Exposure>();
  readonly #bySymbol = new Map<string, Set<Exposure>>();

  get size(): number {
    return this.#accounts.size;
  }

  get(accountId: string): Exposure | null {
    return this.#accounts.get(accountId) ?? null;
  }

  all(): Iterable<Exposure> {
    return this.#accounts.values();
  }

  /** Whatever any of them holds. */
  symbols(): Iterable<string> {
    return this.#bySymbol.keys();
  }

  holders(symbol: string): Iterable<Exposure> {
    return this.#bySymbol.get(symbol) ?? [];
  }

  set(exposure: Exposure): void {
    this.delete(exposure.accountId);
    this.#accounts.set(exposure.accountId, exposure);
    for (const symbol of exposure.quantities.keys()) this.#hold(symbol, exposure);
  }

  delete(accountId: string): void {
    const exposure = this.#accounts.get(accountId);
    if (exposure === undefined) return;
    this.#accounts.delete(accountId);
    for (const symbol of exposure.quantities.keys()) this.#letGo(symbol, exposure);
  }

  /** Takes in an event of an account that is known; one that is in it already changes nothing. */
  heard(exposure: Exposure, event: AccountEvent, revision: number): void {
    if (revision <= exposure.revision) return;
    exposure.revision = revision;
    switch (event.type) {
      case 'OrderFilled':
        return this.#filled(exposure, event.data);
      case 'HoldingWrittenOff':
        if (exposure.quantities.delete(event.data.symbol)) this.#letGo(event.data.symbol, exposure);
        return;
      case 'DayStarted':
        exposure.day = { day: event.data.day, baseline: Number(event.data.equity), tripped: false };
        return;
      case 'BreakerTripped':
        exposure.day = { day: event.data.day, baseline: Number(event.data.baseline), tripped: true };
        return;
      case 'BreakerReset':
        exposure.day = { day: event.data.day, baseline: Number(event.data.baseline), tripped: false };
        return;
      default:
    }
  }

  #filled(exposure: Exposure, fill: Extract<AccountEvent, { type: 'OrderFilled' }>['data']): void {
    const { symbol, side, quantity, price, fee, feeCurrency } = fill;
    const sign = side === 'buy' ? 1 : -1;
    exposure.cash -= sign * Number(quantity) * Number(price) + (feeCurrency === DOLLARS ? Number(fee) : 0);
    const exact = sum(exposure.quantities.get(symbol)?.exact ?? '0', piecesOf(fill));
    if (exact !== '0') {
      exposure.quantities.set(symbol, { exact, about: Number(exact) });
      this.#hold(symbol, exposure);
    } else if (exposure.quantities.delete(symbol)) this.#letGo(symbol, exposure);
  }

  #hold(symbol: string, exposure: Exposure): void {
    const holders = this.#bySymbol.get(symbol);
    if (holders === undefined) this.#bySymbol.set(symbol, new Set([exposure]));
    else holders.add(exposure);
  }

  #letGo(symbol: string, exposure: Exposure): void {
    const holders = this.#bySymbol.get(symbol);
    holders?.delete(exposure);
    if (holders?.size === 0) this.#bySymbol.delete(symbol);
  }
}

/** Whether an account may have lost its limit at these prices: surely true where it has. False where a price lacks. */
export function mayHaveLost(
  { limit, cash, quantities, day }: Exposure,
  marks: (symbol: string) => number | null,
): boolean {
  if (limit === null || day === null || day.tripped) return false;
  let equity = cash;
  let size = Math.abs(cash) + Math.abs(day.baseline) + limit;
  for (const [symbol, { about }] of quantities) {
    const mark = marks(symbol);
    if (mark === null) return false;
    equity += about * mark;
    size += Math.abs(about * mark);
  }
  return equity <= day.baseline - limit + TOLERANCE * size;
}
