/** What the market did, a line a step: `3 candle: target 1, 50 % at 110000`. */
import Big from 'big.js';
import type { SignalEvent } from '../events.ts';
import type { MarketEvent } from '../market-events.ts';
import { mirrorPrice } from './mirror.ts';
import { minutesTo } from './prices.ts';

const PROVIDERS: ReadonlySet<SignalEvent['type']> = new Set([
  'SignalCreated',
  'TakeProfitAdded',
  'TrailingStopAdded',
  'RebuyAdded',
  'DcaAdded',
  'PricesUpdated',
  'Cancelled',
] satisfies SignalEvent['type'][]);

export function isOfMarket(event: SignalEvent): event is MarketEvent {
  return !PROVIDERS.has(event.type);
}

/** How the steps of a long, or of its mirror image, are read. */
export interface Reading {
  readonly price: (price: string) => string;
  readonly part: (part: string) => string;
}

export const AS_IT_STANDS: Reading = { price: (price) => price, part: (part) => part };

/** The steps of the short, told as those of the long that it mirrors. */
export const MIRRORED: Reading = {
  price: mirrorPrice,
  part: (part) => (part === 'min' ? 'max' : part === 'max' ? 'min' : part),
};

/** The steps among events. The minute is that of the step; shares are rounded to 8 places. */
export function stepsOf(events: readonly SignalEvent[], reading: Reading = AS_IT_STANDS): readonly string[] {
  return events.filter(isOfMarket).map((event) => {
    const { at, evidence } = event.data;
    return `${minutesTo(at)} ${evidence.decidedBy}: ${lineOf(event, reading)}`;
  });
}

function lineOf(event: MarketEvent, { price: read, part: readPart }: Reading): string {
  switch (event.type) {
    case 'SignalMatched': {
      const { part, price, share } = event.data;
      return `matched${part === null ? '' : ` ${readPart(part)}`}, ${places(share)} % at ${read(price)}`;
    }
    case 'TakeProfitHit': {
      const { kind, place, price, share } = event.data;
      return `${kind} ${place}, ${places(share)} % at ${read(price)}`;
    }
    case 'StopHit': {
      const { kind, price, share } = event.data;
      return `${kind}, ${places(share)} % at ${read(price)}`;
    }
    case 'DcaFilled':
      return `dca ${event.data.place}, ${places(event.data.share)} % at ${read(event.data.price)}`;
    case 'RebuyFilled':
      return `rebuy ${event.data.place}, ${places(event.data.share)} % at ${read(event.data.price)}`;
    case 'SignalExpired':
      return 'expired';
    case 'SignalSettled':
    case 'SettlementCorrected': {
      const { result, by, price, share } = event.data;
      const rest = price === null ? '' : `, ${places(share)} % at ${read(price)}`;
      return `${event.type === 'SignalSettled' ? result : `corrected to ${result}`} by ${by}${rest}`;
    }
    default:
      throw new TypeError(`no step: ${JSON.stringify(event satisfies never)}`);
  }
}

function places(share: string): string {
  return new Big(share).round(8, Big.roundHalfUp).toFixed();
}
