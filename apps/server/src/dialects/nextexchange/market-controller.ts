/** The routes of the NEXT.exchange dialect that tell of markets and of what others think. */
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { VenueUnavailable } from '#libs/market';
import type { Coin, CoinQuote, Quotes } from '../../accounts/quotes.ts';
import type { TradeTerms } from '../../accounts/terms.ts';
import { QUOTES, TRADE_TERMS } from '../../accounts/tokens.ts';
import type { Query } from '../../http/query.ts';
import { sendRendered } from '../../http/send.ts';
import * as docs from './docs-market.ts';
import { agentSecurity, TAG } from './docs-parts.ts';
import { AgentFault } from './errors.ts';
import { numberOf } from './order-view.ts';
import { PublicSignals } from './public-signals.ts';
import { chartOf, coinOf, coinsOf, depthOf, pageOf, symbolsOf } from './query.ts';
import { renderFound } from './render.ts';
import { balanceOf, METHOD, Sentiment } from './sentiment.ts';
import { renderPublicSignal } from './social-view.ts';

@ApiTags(TAG)
@agentSecurity()
@Controller('v1/agent')
export class AgentMarketController {
  readonly #quotes: Quotes;
  readonly #terms: TradeTerms;
  readonly #signals: PublicSignals;
  readonly #sentiment: Sentiment;

  constructor(
    @Inject(QUOTES) quotes: Quotes,
    @Inject(TRADE_TERMS) terms: TradeTerms,
    @Inject(PublicSignals) signals: PublicSignals,
    @Inject(Sentiment) sentiment: Sentiment,
  ) {
    this.#quotes = quotes;
    this.#terms = terms;
    this.#signals = signals;
    this.#sentiment = sentiment;
  }

  @Get('market')
  @docs.market()
  async market(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const named = await coinsOf(queryOf(request), this.#quotes);
    const coins = named ?? this.#quotes.coins();
    const quotes = await Promise.all(coins.map(({ symbol }) => told(symbol, () => this.#quotes.quote(symbol))));
    const data = coins.flatMap((coin, at) => (quotes[at] ? [coinView(coin, quotes[at])] : []));
    // Whoever names coins reads the first of them: none is worse than an error.
    if (named !== null && data.length === 0) throw noQuote(coins.map(({ symbol }) => symbol).join(', '), 'coins');
    const simulated = quotes.some((quote) => quote?.simulated === true);
    sendRendered(reply, renderFound({ data, ...(simulated && { simulated }) }));
  }

  @Get('charts')
  @docs.charts()
  async charts(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = queryOf(request);
    const { symbol } = await coinOf(query, this.#quotes);
    const { interval, limit } = chartOf(query);
    const candles = await told(symbol, () => this.#quotes.candles(symbol, interval, limit), 'coin');
    if (candles === null) throw noQuote(symbol, 'coin');
    const data = candles.map(({ time, open, high, low, close, volume }) => ({
      time,
      open: Number(open),
      high: Number(high),
      low: Number(low),
      close: Number(close),
      volume: numberOf(volume),
    }));
    sendRendered(reply, renderFound({ data, ...this.#mark() }));
  }

  @Get('orderbook')
  @docs.orderbook()
  async orderbook(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = queryOf(request);
    const { symbol } = await coinOf(query, this.#quotes);
    const depth = depthOf(query);
    const book = await told(symbol, () => this.#quotes.book(symbol, depth), 'coin');
    if (book === null) throw noQuote(symbol, 'coin', 'the price source has no order book of it');
    const level = ([price, quantity]: readonly [string, string]): number[] => [Number(price), Number(quantity)];
    const data = { bids: book.bids.map(level), asks: book.asks.map(level) };
    sendRendered(reply, renderFound({ data, ...this.#mark() }));
  }

  @Get('sentiment')
  @docs.sentiment()
  async sentiment(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { bySymbol, simulated, partial } = await this.#sentiment.leans(request.agent!.mode);
    const symbols = symbolsOf(queryOf(request), this.#quotes, bySymbol) ?? [...bySymbol.keys()].sort();
    const data = symbols.map((symbol) => {
      const lean = bySymbol.get(symbol) ?? { symbol, long: 0, short: 0 };
      return { ...lean, balance: balanceOf(lean) };
    });
    const method = partial ? `${METHOD} There are more than are counted: the newest were.` : METHOD;
    sendRendered(reply, renderFound({ data, method, ...(simulated && { simulated }) }));
  }

  @Get('social')
  @docs.social()
  async social(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { cursor, limit } = pageOf(queryOf(request));
    const { signals, more } = await this.#signals.page(request.agent!, cursor, limit);
    const body = {
      data: signals.map(renderPublicSignal),
      next_cursor: more ? signals.at(-1)!.signal.created : null,
      ...(signals.some(({ channel }) => channel.sandbox) && { simulated: true }),
    };
    sendRendered(reply, renderFound(body));
  }

  #mark(): { readonly simulated?: true } {
    return this.#terms.simulatedPrices ? { simulated: true } : {};
  }
}

export function queryOf(request: FastifyRequest): Query {
  return request.query as Query;
}

function coinView({ id, symbol, name }: Coin, quote: CoinQuote): object {
  return {
    id,
    symbol,
    name,
    price: Number(quote.price),
    // Always a number: 0 where the source does not tell it.
    change24h: Number(quote.change24h ?? 0),
    updatedAt: new Date(quote.at).toISOString(),
    source: quote.source,
  };
}

/** What a price source says; of one that can't be asked null or, where a field is named, an error. */
async function told<Value>(symbol: string, ask: () => Promise<Value>, field?: string): Promise<Value | null> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof VenueUnavailable)) throw error;
    if (field === undefined) return null;
    throw noQuote(symbol, field, `its price source can not be asked: ${error.message}`, error);
  }
}

function noQuote(what: string, field: string, why = 'there is no price to go by', cause?: unknown): AgentFault {
  return new AgentFault('quote_unavailable', { field, message: `${what}: ${why}`, cause });
}
