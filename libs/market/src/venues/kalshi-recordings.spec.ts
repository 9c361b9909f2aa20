/** Every answer recorded from Kalshi is understood, or named as one that is not about a market. */
import { describe, expect, it } from '@jest/globals';
import { parseVenueJson } from './http-json.ts';
import type { JsonObject } from './http-fields.ts';
import { type KalshiMarket, marketOf, readMarket, readMarketList } from './kalshi-market.ts';
import { recordingsOf } from './testing/recordings.ts';

const MARS = 'KXELONMARS-99';
const NO_MARKET = 'not about a market';

const active = { state: 'waiting', reason: 'its status is "active", not yet "finalized"' };
const unpriced = { yes: null, no: null };

type Expected = Readonly<Record<string, Pick<KalshiMarket, 'prices' | 'settlement'>>>;

const EXPECTED: Readonly<Record<string, Expected | typeof NO_MARKET>> = {
  'ccxt_markets_active.json': {
    [MARS]: { prices: { yes: '0.12', no: '0.92' }, settlement: active },
    'KXCOLONIZEMARS-50': { prices: { yes: '0.195', no: '0.837' }, settlement: active },
  } as Expected,
  'golden_candlesticks_batch_response.json': NO_MARKET,
  'golden_event_single_response.json': {
    [MARS]: { prices: { yes: '0.07', no: '0.94' }, settlement: active },
  } as Expected,
  'golden_exchange_status_response.json': NO_MARKET,
  'golden_market_single_response.json': {
    'KXMVENFLSINGLEGAME-S202513E70FA7695-688BECB3826': { prices: unpriced, settlement: active },
  } as Expected,
  'golden_markets_list_response.json': {
    'KXMVENFLSINGLEGAME-S202513E70FA7695-688BECB3826': { prices: unpriced, settlement: active },
    'KXMVENFLSINGLEGAME-S202520933229531-BB1D66AF8DE': { prices: unpriced, settlement: active },
    'KXMVENFLSINGLEGAME-S2025AB7F3A9D30B-5BAE1F64C35': { prices: unpriced, settlement: active },
    'KXMVESPORTSMULTIGAMEEXTENDED-S202574BDF0EBF19-76639FFEFBC': { prices: unpriced, settlement: active },
    'KXMVENFLSINGLEGAME-S2025BFC97EF3746-375C527D3B2': { prices: unpriced, settlement: active },
  } as Expected,
  'golden_orderbook_response.json': NO_MARKET,
  'golden_portfolio_settlements_response.json': NO_MARKET,
  'golden_series_single_response.json': NO_MARKET,
  'golden_trades_list_response.json': NO_MARKET,
  'not-enough-markets_market_settled_no.json': {
    'KXBTC15M-26OCT081415-15': {
      prices: unpriced,
      settlement: { state: 'settled', yesPayout: '0', outcome: 'no', at: Date.parse('2026-10-08T18:15:03.694Z') },
    },
  },
};

const recordings = recordingsOf('kalshi');
if (typeof recordings === 'string') {
  it.skip(`the answers recorded from Kalshi (${recordings})`, () => undefined);
} else {
  it('no recorded answer was forgotten', () => {
    expect(recordings.names).toEqual(Object.keys(EXPECTED).toSorted());
  });

  describe.each(recordings.names)('%s', (name) => {
    const expected = EXPECTED[name]!;
    const file = parseVenueJson(recordings.read(name)) as JsonObject;
    const answer = (file.response ?? file) as JsonObject;

    if (expected === NO_MARKET) {
      it('is not taken for an answer about markets', () => {
        expect(() => readMarket(answer, MARS)).toThrow('kalshi: market KXELONMARS-99: market: must be an object');
        if (answer.markets === undefined)
          expect(() => readMarketList(answer)).toThrow('kalshi: markets: must be a list');
        else expect(() => readMarketList(answer)).toThrow('kalshi: markets: ticker is missing');
      });
    } else if (answer.market !== undefined) {
      it('is understood', () => {
        const [ticker] = Object.keys(expected) as [string];
        expect(readMarket(answer, ticker)).toMatchObject(expected[ticker]!);
      });
    } else {
      it('is understood', () => {
        const listed = readMarketList(answer);
        expect([...listed.keys()]).toEqual(Object.keys(expected));
        for (const [ticker, market] of listed) expect(marketOf(market, ticker)).toMatchObject(expected[ticker]!);
      });
    }
  });
}
