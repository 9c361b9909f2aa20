/** Polymarket, a prediction market: its public reads, without a key. */
import type { MarketSide } from '../price.ts';
import { type Quoted, type Settlement, type Venue, VenueUnavailable } from '../venue.ts';
import { createJsonClient, type HttpOptions, type JsonAnswer } from './http.ts';
import { SYSTEM_CLOCK } from './http-clock.ts';
import { notUnderstood } from './http-fields.ts';
import { type Answers, poll } from './http-polling.ts';
import {
  conditionIdOf,
  findGammaMarket,
  type PolymarketMarket,
  readClobMarket,
  readPrice,
  type YesNo,
  yesNoOf,
} from './polymarket-market.ts';
import { settlementOf } from './polymarket-settlement.ts';

export interface PolymarketOptions extends HttpOptions {
  readonly clobUrl?: string;
  readonly gammaUrl?: string;
  /** How often the stream asks for prices, in milliseconds. */
  readonly pollMs?: number;
}

const CLOB = 'https://clob.polymarket.com';
const GAMMA = 'https://gamma-api.polymarket.com';

/** How many markets the stream asks for side by side. */
const BATCH = 10;

/** How many markets' tokens are remembered; they never change. */
const REMEMBERED = 10_000;

const SIDES: readonly MarketSide[] = ['yes', 'no'];

type Tokens = Readonly<Record<MarketSide, string>>;

interface Found {
  readonly market: PolymarketMarket;
  readonly answer: JsonAnswer;
}

/**
 * Instruments are conditionIds. Prices are what buying a side costs; the CLOB tells no time of them, so theirs is that
 * of receipt. There is no `history`.
 */
export function createPolymarket(options: PolymarketOptions = {}): Venue {
  const { clobUrl = CLOB, gammaUrl = GAMMA, pollMs = 2_000, ...http } = options;
  // Published limits: CLOB prices 150 a second, Gamma markets 30; excess is delayed.
  const clob = createJsonClient({
    venue: 'polymarket CLOB',
    requestsPerSecond: 50,
    burst: 2 * BATCH,
    ...http,
    baseUrl: clobUrl,
  });
  const gamma = createJsonClient({ venue: 'polymarket Gamma', requestsPerSecond: 10, ...http, baseUrl: gammaUrl });
  const clock = http.clock ?? SYSTEM_CLOCK;
  const tokensOf = new Map<string, Tokens>();

  async function inClob(conditionId: string, signal?: AbortSignal): Promise<Found | null> {
    const answer = await clob.get(`/markets/${conditionId}`, signal);
    return answer === null ? null : { market: readClobMarket(answer.json, conditionId), answer };
  }

  /** Gamma leaves closed markets out unless it is asked for them, and open ones if it is. */
  async function inGamma(conditionId: string, signal?: AbortSignal): Promise<Found | null> {
    for (const closed of ['', '&closed=true']) {
      const answer = await gamma.get(`/markets?condition_ids=${conditionId}${closed}`, signal);
      const market = answer === null ? null : findGammaMarket(answer.json, conditionId);
      if (answer !== null && market !== null) return { market, answer };
    }
    return null;
  }

  async function find(conditionId: string, signal?: AbortSignal): Promise<Found | null> {
    return (await inClob(conditionId, signal)) ?? (await inGamma(conditionId, signal));
  }

  /** The tokens of a market, null where Polymarket knows none of this id. Throws where they are not Yes and No. */
  async function tokens(symbol: string, signal?: AbortSignal): Promise<Tokens | null> {
    const conditionId = conditionIdOf(symbol);
    if (conditionId === null) return null;
    const remembered = tokensOf.get(conditionId);
    if (remembered !== undefined) return remembered;
    const found = await find(conditionId, signal);
    if (found === null) return null;
    const { yes, no } = sidesOf(found.market);
    if (yes.tokenId === null || no.tokenId === null) return null;
    const read = { yes: yes.tokenId, no: no.tokenId };
    const [oldest] = tokensOf.keys();
    if (tokensOf.size >= REMEMBERED && oldest !== undefined) tokensOf.delete(oldest);
    tokensOf.set(conditionId, read);
    return read;
  }

  /**
   * What buying one costs: the best ask. The CLOB's `side` is that of the resting order, so asks are its SELL
   * (docs.polymarket.com, "Get market price").
   */
  async function ask(symbol: string, side: MarketSide, token: string, signal?: AbortSignal): Promise<Quoted | null> {
    const answer = await clob.get(`/price?token_id=${token}&side=SELL`, signal);
    const price = answer === null ? null : readPrice(answer.json, token);
    if (answer === null || price === null) return null;
    const { receivedAt } = answer;
    return { symbol, side, price: { kind: 'tick', time: receivedAt, price }, receivedAt };
  }

  async function pricesOf(symbol: string, signal: AbortSignal): Promise<readonly Quoted[]> {
    const both = await tokens(symbol, signal);
    if (both === null) throw notUnderstood(`polymarket: market ${symbol}`, 'is not listed');
    const quotes = await Promise.all(SIDES.map((side) => ask(symbol, side, both[side], signal)));
    return quotes.filter((quote) => quote !== null);
  }

  async function prices(symbols: readonly string[], signal: AbortSignal): Promise<Answers> {
    const told = await Promise.allSettled(symbols.map((symbol) => pricesOf(symbol, signal)));
    const answers = new Map<string, readonly Quoted[] | VenueUnavailable>();
    for (const [index, result] of told.entries()) {
      if (result.status === 'fulfilled') answers.set(symbols[index]!, result.value);
      else if (result.reason instanceof VenueUnavailable) answers.set(symbols[index]!, result.reason);
      else throw result.reason;
    }
    // What all of them say alike is the venue's trouble, and told once.
    const [first] = answers.values();
    if (first instanceof VenueUnavailable && answers.size > 1) {
      const alike = [...answers.values()].every(
        (answer) => answer instanceof VenueUnavailable && answer.message === first.message,
      );
      if (alike) throw first;
    }
    return answers;
  }

  return {
    name: 'polymarket',
    simulated: false,
    resolve: async (symbol) => {
      const conditionId = conditionIdOf(symbol);
      const found = conditionId === null ? null : await find(conditionId);
      if (found === null) return null;
      sidesOf(found.market);
      return { symbol: found.market.conditionId, name: found.market.question };
    },
    quote: async (symbol, side = 'yes') => {
      const both = await tokens(symbol);
      return both === null ? null : ask(symbol, side, both[side]);
    },
    stream: (symbols, stream) =>
      poll({ venue: 'polymarket', symbols, everyMs: pollMs, batchSize: BATCH, clock, ask: prices }, stream),
    settlement: async (symbol): Promise<Settlement> => {
      const conditionId = conditionIdOf(symbol);
      if (conditionId === null) return { state: 'waiting', reason: 'it is no conditionId' };
      const inBook = await inClob(conditionId);
      const byClob = inBook && settled(inBook);
      if (byClob?.state === 'settled') return byClob;
      // While the order book is open the catalogue, which lags, has nothing to add.
      if (byClob !== null && inBook?.market.closed === false) return byClob;
      const inCatalogue = await inGamma(conditionId);
      const byGamma = inCatalogue && settled(inCatalogue);
      if (byGamma?.state === 'settled') return byGamma;
      return byClob ?? byGamma ?? { state: 'waiting', reason: 'polymarket knows no market of this conditionId' };
    },
    close: async () => {
      clob.close();
      gamma.close();
    },
  };
}

function settled({ market, answer }: Found): Settlement {
  const settlement = settlementOf(market);
  return settlement.state === 'waiting' ? settlement : { ...settlement, raw: answer.raw };
}

/** Throws `VenueUnavailable` telling what its outcomes are, where they are not Yes and No. */
function sidesOf(market: PolymarketMarket): YesNo {
  const sides = yesNoOf(market);
  if (typeof sides === 'string') throw notUnderstood(`polymarket: market ${market.conditionId}`, sides);
  return sides;
}
