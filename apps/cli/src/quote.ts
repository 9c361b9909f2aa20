/** What a venue says of an instrument now, beside a reference price: how an operator proves that a venue works. */
import { hash } from 'node:crypto';
import {
  ccxtIdOf,
  type CoinGecko,
  createCoinGecko,
  type MarketSide,
  type Quoted,
  type Settlement,
  type Venue,
  VenueUnavailable,
} from '#libs/market';
import { openSimulation, openVenue, venueSettings } from '../../server/src/market/venues.ts';
import type { Settings } from '../../server/src/settings.ts';
import { CommandError, printable } from './output.ts';
import { type Reference, referenceOf } from './reference.ts';
import { storeExists, withLedger } from './wiring.ts';

export interface Question {
  readonly venue: string;
  readonly symbol: string;
  /** Null: both sides of a prediction market. */
  readonly side: MarketSide | null;
  /** Compare the price of a coin with CoinGecko's. */
  readonly reference: boolean;
}

export interface VenueAnswer {
  readonly venue: string;
  /** Its prices are invented. */
  readonly simulated: boolean;
  /** The venue's own name of it. */
  readonly symbol: string;
  readonly name: string;
  readonly quotes: readonly {
    readonly side: MarketSide | null;
    /** Null where there is none now. */
    readonly price: string | null;
    readonly time: string | null;
  }[];
  /** Of a prediction market; else null. */
  readonly settlement:
    | null
    | { readonly state: 'waiting'; readonly reason: string }
    | {
        readonly state: 'settled';
        readonly outcome: string;
        readonly yes_payout: string | null;
        readonly at: string | null;
        /** SHA-256 of the venue's answer. */
        readonly hash: string;
      };
  /** Null where there is none to compare with, or none was asked for. */
  readonly reference: Reference | null;
}

/** Asks the venue of this name. Throws a `CommandError` where it has no such instrument or can't be asked. */
export async function quote(settings: Settings, question: Question): Promise<VenueAnswer> {
  const demoKey = settings.COINGECKO_API_KEY;
  const coins = question.reference ? createCoinGecko(demoKey === undefined ? {} : { demoKey }) : null;
  const venue = await venueNamed(question.venue, settings);
  try {
    return await ask(venue, question, coins);
  } finally {
    await venue.close();
    await coins?.close();
  }
}

async function venueNamed(text: string, settings: Settings): Promise<Venue> {
  // As evidence names it: `ccxt:binance`.
  const name = ccxtIdOf(text.replace(/^ccxt:/i, ''));
  const venues = venueSettings(settings);
  if (name !== 'simulated') return openVenue(name, venues);
  const simulation = await openSimulation(venues, await simulationState(settings));
  if (simulation !== null) return simulation;
  throw new CommandError('venue_off', 'nothing is simulated: SIM_PRICES is none', 'venue');
}

/** Where the server's simulation stands, to look at: what is told here is not remembered. */
async function simulationState(settings: Settings) {
  const kept = storeExists(settings.EVENT_STORE_URL)
    ? await withLedger(settings, async ({ coordination }) => (await (await coordination())?.kept('simulation')) ?? null)
    : null;
  return { read: async () => kept, write: async () => undefined };
}

/** `coins`: null where no reference is wanted. */
export async function ask(
  venue: Venue,
  { symbol: text, side }: Pick<Question, 'symbol' | 'side'>,
  coins: CoinGecko | null,
): Promise<VenueAnswer> {
  const isPrediction = venue.settlement !== undefined;
  if (side !== null && !isPrediction)
    throw new CommandError('side_invalid', 'only an instrument of a prediction market has sides', 'side');
  try {
    const found = await venue.resolve(text);
    if (found === null) throw new CommandError('symbol_not_found', `${venue.name} knows none of this name`, 'symbol');
    const { symbol, name } = found;
    const sides: readonly (MarketSide | null)[] = side !== null ? [side] : isPrediction ? ['yes', 'no'] : [null];
    const quotes = [];
    for (const one of sides) quotes.push(quoteView(one, await venue.quote(symbol, one ?? undefined)));
    const settlement = isPrediction ? settlementView(await venue.settlement!(symbol)) : null;
    const compares = coins !== null && !isPrediction && !venue.simulated;
    const reference = compares ? await referenceOf(coins, symbol, quotes[0]!.price) : null;
    return { venue: venue.name, simulated: venue.simulated, symbol, name, quotes, settlement, reference };
  } catch (error) {
    if (error instanceof VenueUnavailable) throw new CommandError('venue_unavailable', error.message, 'venue');
    throw error;
  }
}

function quoteView(side: MarketSide | null, quoted: Quoted | null): VenueAnswer['quotes'][number] {
  if (quoted === null) return { side, price: null, time: null };
  const { price } = quoted;
  const told = price.kind === 'tick' ? price.price : price.close;
  return { side, price: told, time: new Date(price.time).toISOString() };
}

function settlementView(settlement: Settlement): VenueAnswer['settlement'] {
  if (settlement.state === 'waiting') return settlement;
  const { outcome, yesPayout, at, raw } = settlement;
  return {
    state: 'settled',
    outcome,
    yes_payout: yesPayout,
    at: at === null ? null : new Date(at).toISOString(),
    hash: hash('sha256', raw),
  };
}

export function describeQuote({ venue, simulated, symbol, name, quotes, settlement, reference }: VenueAnswer): string {
  const lines = [`${venue}${simulated ? ' (simulated)' : ''}: ${symbol}, ${name}`];
  for (const { side, price, time } of quotes) {
    const what = side === null ? 'price' : `buying ${side.toUpperCase()}`;
    lines.push(`${what}: ${price === null ? 'none now' : `${price}, ${time}`}`);
  }
  if (settlement?.state === 'waiting') lines.push(`not settled: ${settlement.reason}`);
  if (settlement?.state === 'settled') {
    const pays =
      settlement.yes_payout === null ? 'positions are given back at cost' : `a YES pays ${settlement.yes_payout}`;
    lines.push(`settled: ${settlement.outcome}, ${pays}, ${settlement.at ?? 'no time told'}`);
  }
  if (reference !== null) lines.push(describeReference(reference));
  return lines.map(printable).join('\n');
}

function describeReference(reference: Reference): string {
  if ('trouble' in reference) return `${reference.source}: ${reference.trouble}`;
  const { source, id, usd, at, deviation_pct: deviation } = reference;
  return `${source}: ${id} at ${usd} USD, ${at}${deviation === null ? '' : `; the venue's price deviates by ${deviation} %`}`;
}
