/** Prices that came while nobody looked fill the orders that rested as they would have, as far as the venue keeps them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Price, type Venue, VenueUnavailable } from '#libs/market';
import type { Coordination } from '#libs/sourcing';
import type { PaperOrders } from './paper-orders.ts';

/** A venue that can't be asked at the start is asked again after these; what it kept to itself is then given up. */
const WAITS_MS = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000];

/** An order may have been heard of by nobody when the last price came: what came so long before that is told again. */
const AGAIN_MS = 60_000;

export interface MissedPricesOptions {
  readonly coordination: Coordination;
  readonly orders: PaperOrders;
  readonly signal: AbortSignal;
  readonly onTrouble: (what: string, reason: string) => void;
  /** Resolves when all that the price does is durable. */
  readonly onPrice: (instrument: string, price: Price) => Promise<void>;
}

/** Tells the prices of a venue's instruments that orders rest at, since the last one that was told. */
export async function tellMissed(
  venue: Venue,
  { coordination, orders, signal, onTrouble, onPrice }: MissedPricesOptions,
): Promise<void> {
  if (venue.history === undefined) return;
  const waits = [...WAITS_MS];
  for (const instrument of orders.instruments()) {
    if (!instrument.startsWith(`${venue.name} `)) continue;
    const kept = Number((await coordination.kept(cursorName(instrument))) ?? -Infinity);
    const symbol = instrument.slice(venue.name.length + 1);
    for (let from = Math.max(kept - AGAIN_MS, orders.since(instrument)); from !== Infinity && !signal.aborted;) {
      try {
        for await (const { price } of venue.history(symbol, from, Date.now(), signal)) {
          await onPrice(instrument, price);
          from = price.time;
        }
        break;
      } catch (error) {
        if (!(error instanceof VenueUnavailable)) throw error;
        onTrouble(instrument, error.message);
        const wait = waits.shift();
        if (wait === undefined) break;
        await sleep(wait, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

/** Where the time of the last price of an instrument is kept whose fills are all durable. */
export function cursorName(instrument: string): string {
  return `accounts cursor ${instrument}`;
}
