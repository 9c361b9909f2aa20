import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createVenueMarkets } from './source-venues.ts';
import { type Venue, VenueUnavailable } from './venue.ts';
import { createKalshi } from './venues/kalshi.ts';
import { createPolymarket } from './venues/polymarket.ts';
import { json, routes, startVenue, type TestVenue } from './venues/testing/http-server.ts';

const ID = `0x${'ab'.repeat(32)}`;
const SHOUTED = `0x${'AB'.repeat(32)}`;

function ticker(more: object = {}) {
  const market = { ticker: 'KX-1', title: 'One', status: 'active', result: '', yes_ask_dollars: '0.4500' };
  return json({ market: { ...market, no_ask_dollars: '0.5700', ...more } });
}

describe('the markets of venues', () => {
  let server: TestVenue;
  let kalshi: Venue;
  let polymarket: Venue;

  beforeEach(async () => {
    server = await startVenue(json({}, 404));
    kalshi = createKalshi({ baseUrl: server.url, tries: 1, timeoutMs: 20_000 });
    polymarket = createPolymarket({ clobUrl: server.url, gammaUrl: server.url, tries: 1, timeoutMs: 20_000 });
  });

  afterEach(async () => {
    await kalshi.close();
    await polymarket.close();
    await server.stop();
  });

  const marketsOf = (options?: Parameters<typeof createVenueMarkets>[1]) =>
    createVenueMarkets(
      new Map([
        ['kalshi', kalshi],
        ['polymarket', polymarket],
      ]),
      { timeoutMs: 20_000, ...options },
    );

  it('are told with the price of the side asked for, by one question', async () => {
    server.reply = routes({ '/markets/KX-1': ticker() });
    expect(await marketsOf().find('kalshi', 'KX-1', 'yes')).toEqual({ market: 'KX-1', price: '0.45' });
    expect(await marketsOf().find('kalshi', 'KX-1', 'no')).toEqual({ market: 'KX-1', price: '0.57' });
    expect(server.asked).toEqual(['/markets/KX-1', '/markets/KX-1']);
  });

  it('are told without a price where none is wanted or nobody offers', async () => {
    server.reply = routes({ '/markets/KX-1': ticker({ status: 'closed' }) });
    expect(await marketsOf().find('kalshi', 'KX-1', null)).toEqual({ market: 'KX-1', price: null });
    expect(await marketsOf().find('kalshi', 'KX-1', 'yes')).toEqual({ market: 'KX-1', price: null });
  });

  it('are asked for once where no price is wanted; one that is not there is asked for again', async () => {
    const markets = marketsOf();
    expect(await markets.find('kalshi', 'KX-1', null)).toBeNull();
    server.reply = routes({ '/markets/KX-1': ticker() });
    const asked = server.asked.length;
    for (let time = 0; time < 3; time += 1)
      expect(await markets.find('kalshi', 'KX-1', null)).toEqual({ market: 'KX-1', price: null });
    expect(server.asked).toHaveLength(asked + 1);
  });

  it('have the name that their venue gives them', async () => {
    const tokens = ['Yes', 'No'].map((outcome, index) => {
      return { token_id: `1${index}`, outcome, price: 0.5, winner: false };
    });
    server.reply = routes({
      [`/markets/${ID}`]: json({ condition_id: ID, question: 'Will it?', closed: false, tokens }),
      '/price?token_id=11&side=SELL': json({ price: '0.31' }),
    });
    expect(await marketsOf().find('polymarket', SHOUTED, 'no')).toEqual({ market: ID, price: '0.31' });
    expect(await marketsOf().find('polymarket', SHOUTED, null)).toEqual({ market: ID, price: null });
  });

  it('of a venue that is away, or not configured, can not be asked for, and it is told', async () => {
    server.reply = json({}, 503);
    const troubles: string[] = [];
    const markets = marketsOf({ onTrouble: (exchange, reason) => troubles.push(`${exchange}: ${reason}`) });
    await expect(markets.find('kalshi', 'KX-1', null)).rejects.toThrow(VenueUnavailable);
    expect(troubles).toEqual(['kalshi: kalshi: status 503, 1 times']);
    const none = createVenueMarkets(new Map());
    expect([marketsOf().serves('kalshi'), none.serves('kalshi')]).toEqual([true, false]);
    await expect(none.find('kalshi', 'KX-1', null)).rejects.toThrow(VenueUnavailable);
  });

  it('of a venue that says nothing are waited for no longer than told', async () => {
    server.reply = () => undefined;
    await expect(marketsOf({ timeoutMs: 5 }).find('kalshi', 'KX-1', 'yes')).rejects.toThrow(
      new VenueUnavailable('kalshi: no answer within 5 ms'),
    );
  });
});
