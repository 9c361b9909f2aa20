/** Every answer recorded from Polymarket is understood, or named as one that is not about a market. */
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from './http-fields.ts';
import { parseVenueJson } from './http-json.ts';
import { findGammaMarket, type PolymarketMarket, readClobMarket, readGammaMarket } from './polymarket-market.ts';
import { settlementOf } from './polymarket-settlement.ts';
import { recordingsOf } from './testing/recordings.ts';

/** Where the markets of a file are, and how each of them stands, in words. */
interface Expected {
  readonly read: (file: unknown) => readonly PolymarketMarket[];
  readonly stands: readonly string[];
}

const clob = (file: unknown) => readClobMarket(file, String((file as JsonObject).condition_id));
const gamma = (file: unknown) => readGammaMarket(file, String((file as JsonObject).conditionId));
const one = (read: (file: unknown) => PolymarketMarket) => (file: unknown) => [read(file)];
const eventsOf = (events: unknown) =>
  (events as { markets: unknown[] }[]).flatMap(({ markets }) =>
    markets.map((market) => findGammaMarket(markets, gamma(market).conditionId)!),
  );

const OTHER = (labels: string) => `waiting: its outcomes are ${labels}, not "Yes" and "No"`;
const NOT_A_MARKET = 'a websocket message';

const EXPECTED: Readonly<Record<string, Expected | typeof NOT_A_MARKET>> = {
  'clob_market.json': { read: one(clob), stands: ['waiting: it is not closed'] },
  'clob_market_closed_binary_accepting_false.json': { read: one(clob), stands: ['no pays 0'] },
  'clob_market_closed_binary_accepting_true.json': { read: one(clob), stands: ['yes pays 1'] },
  // Each of its markets has a test of its own below.
  'clob_markets_page.json': { read: (file) => (file as { data: unknown[] }).data.map(clob), stands: [] },
  'gamma_event.json': { read: eventsOf, stands: ['waiting: it is not closed', 'waiting: it is not closed'] },
  'gamma_market.json': { read: one(gamma), stands: [OTHER('"Up", "Down"')] },
  'gamma_market_closed_binary_accepting_false.json': {
    read: one(gamma),
    stands: ['no pays 0 at 2026-03-19T23:20:15.000Z'],
  },
  'gamma_market_closed_binary_accepting_true.json': {
    read: one(gamma),
    stands: ['waiting: it is closed at 1/0, but not marked as resolved'],
  },
  'gamma_market_closed_nonbinary_legacy.json': { read: one(gamma), stands: [OTHER('"Long", "Short"')] },
  'gamma_market_closed_zero_zero_legacy.json': {
    read: one(gamma),
    stands: ['waiting: it is closed at 0/0, but not marked as resolved'],
  },
  'gamma_market_sports_market_map_handicap.json': { read: one(gamma), stands: [OTHER('"FaZe", "illwill"')] },
  'gamma_market_sports_market_money_line.json': { read: one(gamma), stands: [OTHER('"FaZe", "illwill"')] },
  'search_response.json': {
    read: (file) => eventsOf((file as JsonObject).events),
    stands: ['waiting: it is not closed'],
  },
  'ws_last_trade_price.json': NOT_A_MARKET,
  'ws_market_new_market_msg.json': NOT_A_MARKET,
  'ws_market_resolved_msg.json': NOT_A_MARKET,
};

function standing(market: PolymarketMarket): string {
  const settlement = settlementOf(market);
  if (settlement.state === 'waiting') return `waiting: ${settlement.reason}`;
  const at = settlement.at === null ? '' : ` at ${new Date(settlement.at).toISOString()}`;
  return `${settlement.outcome} pays ${settlement.yesPayout}${at}`;
}

const recordings = recordingsOf('polymarket');
if (typeof recordings === 'string') {
  it.skip(`the answers recorded from Polymarket (${recordings})`, () => undefined);
} else {
  const fileOf = (name: string): unknown => parseVenueJson(recordings.read(name));

  it('no recorded answer was forgotten', () => {
    expect(recordings.names).toEqual(Object.keys(EXPECTED).toSorted());
  });

  it.each(recordings.names)('%s', (name) => {
    const expected = EXPECTED[name]!;
    const file = fileOf(name);
    if (expected === NOT_A_MARKET) {
      const id = String((file as JsonObject).market);
      expect(() => readGammaMarket(file, id)).toThrow(/conditionId is missing/);
      expect(() => readClobMarket(file, id)).toThrow(/must be a list|is missing/);
      return;
    }
    const markets = expected.read(file);
    if (expected.stands.length > 0) expect(markets.map(standing)).toEqual(expected.stands);
  });

  it('the same market says the same in both sources, but for what only one of them tells', () => {
    const book = clob(fileOf('clob_market_closed_binary_accepting_false.json'));
    const catalogue = gamma(fileOf('gamma_market_closed_binary_accepting_false.json'));
    const plain = ({ conditionId, question, closed, outcomes }: PolymarketMarket) => {
      return { conditionId, question, closed, outcomes: outcomes.map(({ winner: _, ...rest }) => rest) };
    };
    expect(plain(book)).toEqual(plain(catalogue));
  });

  it('34 decimals survive', () => {
    const { outcomes } = gamma(fileOf('gamma_market_closed_nonbinary_legacy.json'));
    expect(outcomes.map(({ price }) => price)).toEqual([
      '0.5843311669077693146635445446077281',
      '0.4156688330922306853364554553922719',
    ]);
  });

  describe('a page of 100 markets of the order book', () => {
    const told = (EXPECTED['clob_markets_page.json'] as Expected)
      .read(fileOf('clob_markets_page.json'))
      .map((market) => ({ market, stands: standing(market) }));
    const those = (stands: RegExp) => told.filter((entry) => stands.test(entry.stands)).length;

    it('settles only those that name Yes or No as the winner', () => {
      expect([those(/^yes pays 1$/), those(/^no pays 0$/)]).toEqual([4, 18]);
      for (const { market, stands } of told)
        if (!stands.startsWith('waiting')) expect(market.outcomes.some(({ winner }) => winner === true)).toBe(true);
    });

    it('waits with those closed at 0 and 1, or at odd prices, with no winner named', () => {
      expect(those(/^waiting: it is closed at (0\/1|1\/0), but no winner is named$/)).toBe(23);
      expect(those(/^waiting: it is closed at 0\.\d+\/0\.\d+, but no winner is named$/)).toBe(10);
    });

    it('waits with those whose outcomes are no yes and no', () => {
      expect(those(/^waiting: its outcomes are .*, not "Yes" and "No"$/)).toBe(45);
      expect(told).toHaveLength(100);
    });
  });
}
