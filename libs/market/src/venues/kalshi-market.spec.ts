import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VenueUnavailable } from '../venue.ts';
import { isTicker, marketOf, readMarket, readMarketList } from './kalshi-market.ts';

const TICKER = 'KXTEST-26-YES';
const open = {
  ticker: TICKER,
  title: 'Will it?',
  status: 'active',
  result: '',
  yes_ask_dollars: '0.4500',
  no_ask_dollars: '0.5700',
  last_price_dollars: '0.4400',
};
const finalized = {
  ...open,
  status: 'finalized',
  result: 'yes',
  settlement_ts: '2026-04-06T01:02:03Z',
  settlement_value_dollars: '1.0000',
};
const pricesOf = (change: object) => marketOf({ ...open, ...change }, TICKER).prices;
const settlementOf = (change: object) => marketOf({ ...finalized, ...change }, TICKER).settlement;

describe('what a side costs', () => {
  it.each([
    ['its ask', {}, '0.45', '0.57'],
    ['the last price where nobody offers', { yes_ask_dollars: '1.0000', no_ask_dollars: '0.0000' }, '0.44', '0.56'],
    ['the last price where no ask is told', { yes_ask_dollars: null, no_ask_dollars: undefined }, '0.44', '0.56'],
    [
      'unknown where nothing was traded either',
      { yes_ask_dollars: '1.0000', last_price_dollars: '0.0000' },
      null,
      '0.57',
    ],
    [
      'exact to the last digit',
      { yes_ask_dollars: '0.123456', no_ask_dollars: '', last_price_dollars: '0.100001' },
      '0.123456',
      '0.899999',
    ],
    ['unknown while trading is not open', { status: 'closed' }, null, null],
  ])('%s', (_name, change, yes, no) => {
    expect(pricesOf(change)).toEqual({ yes, no });
  });

  it('is told in cents only where dollars are absent', () => {
    const cents = { yes_ask: 7, no_ask: 94, last_price: 6 };
    expect(pricesOf(cents)).toEqual({ yes: '0.45', no: '0.57' });
    const none = { yes_ask_dollars: undefined, no_ask_dollars: undefined, last_price_dollars: undefined };
    expect(pricesOf({ ...none, ...cents })).toEqual({ yes: '0.07', no: '0.94' });
    expect(pricesOf({ ...none, ...cents, yes_ask: 100, no_ask: 0 })).toEqual({ yes: '0.06', no: '0.94' });
    expect(pricesOf({ ...none, yes_ask: 0 })).toEqual({ yes: null, no: null });
  });
});

describe('settled', () => {
  const at = Date.parse('2026-04-06T01:02:03Z');
  it.each([
    ['yes', {}, '1', 'yes'],
    ['no', { result: 'no', settlement_value_dollars: '0.0000' }, '0', 'no'],
    ['a scalar, as its payout is given', { result: 'scalar', settlement_value_dollars: '0.3750' }, '0.375', 'scalar'],
    ['void: returned at cost', { result: 'void', settlement_value_dollars: undefined }, null, 'void'],
    ['not provisional, told so', { is_provisional: false }, '1', 'yes'],
  ])('%s', (_name, change, yesPayout, outcome) => {
    expect(settlementOf(change)).toEqual({ state: 'settled', yesPayout, outcome, at });
  });
});

describe('waits', () => {
  it.each(['initialized', 'active', 'inactive', 'closed', 'determined', 'disputed', 'amended', 'settled', 'FINALIZED'])(
    'while its status is %s',
    (status) => {
      const reason = `its status is "${status}", not yet "finalized"`;
      expect(settlementOf({ status })).toEqual({ state: 'waiting', reason });
    },
  );

  it.each([
    [{ is_provisional: true }, 'it is finalized, but marked as provisional'],
    [{ settlement_ts: undefined }, 'it is finalized, but settlement_ts is missing'],
    [{ settlement_ts: null, result: 'void' }, 'it is finalized, but settlement_ts is missing'],
    [{ settlement_value_dollars: '' }, 'it is finalized, but settlement_value_dollars is missing'],
    [{ result: '' }, 'it is finalized, but result is missing'],
    [{ result: 'all_yes' }, 'its result "all_yes" is not a known one'],
    [{ result: 'constructor' }, 'its result "constructor" is not a known one'],
    [{ result: 'no' }, 'its result "no" and payout 1 disagree'],
    [{ settlement_value_dollars: '0.5000' }, 'its result "yes" and payout 0.5 disagree'],
  ])('%j', (change, reason) => {
    expect(settlementOf(change)).toEqual({ state: 'waiting', reason });
  });
});

describe('not understood, and told where', () => {
  it.each([
    [{ ticker: 'KXOTHER' }, 'the answer is about "KXOTHER"'],
    [{ ticker: TICKER.toLowerCase() }, 'the answer is about "kxtest-26-yes"'],
    [{ ticker: undefined }, 'ticker is missing'],
    [{ status: undefined }, 'status is missing'],
    [{ status: 1 }, 'status must be a text of at most 4000 characters'],
    [{ title: 'x'.repeat(4_001) }, 'title must be a text of at most 4000 characters'],
    [{ yes_ask_dollars: '1.0001' }, 'yes_ask_dollars must be a decimal from 0 to 1'],
    [{ yes_ask_dollars: '-0.1' }, 'yes_ask_dollars must be a decimal from 0 to 1'],
    [{ yes_ask_dollars: '45' }, 'yes_ask_dollars must be a decimal from 0 to 1'],
    [{ yes_ask_dollars: '4.5e-1' }, 'yes_ask_dollars must be a decimal from 0 to 1'],
    [{ yes_ask_dollars: 0.45 }, 'yes_ask_dollars must be a text of at most 4000 characters'],
    [{ no_ask_dollars: {} }, 'no_ask_dollars must be a text of at most 4000 characters'],
    [{ last_price_dollars: 'x' }, 'last_price_dollars must be a decimal from 0 to 1'],
    [{ yes_ask_dollars: null, yes_ask: 4.5 }, 'yes_ask must be whole cents from 0 to 100'],
    [{ yes_ask_dollars: null, yes_ask: 101 }, 'yes_ask must be whole cents from 0 to 100'],
    [{ yes_ask_dollars: null, yes_ask: '45' }, 'yes_ask must be whole cents from 0 to 100'],
    [{ result: 1 }, 'result must be a text of at most 4000 characters'],
    [{ settlement_ts: 'yesterday' }, 'settlement_ts must be a time'],
    [{ settlement_ts: '2026-13-01T00:00:00Z' }, 'settlement_ts must be a time'],
    [{ settlement_ts: 1_780_000_000 }, 'settlement_ts must be a text of at most 4000 characters'],
    [{ settlement_value_dollars: '1.5' }, 'settlement_value_dollars must be a decimal from 0 to 1'],
    [{ is_provisional: 'yes' }, 'is_provisional must be true or false'],
  ])('%j', (change, what) => {
    expect(() => settlementOf(change)).toThrow(new VenueUnavailable(`kalshi: market ${TICKER}: ${what}`));
  });

  it('an inherited field is none', () => {
    const market = Object.assign(Object.create({ status: 'active' }) as object, { ...open, status: undefined });
    expect(() => marketOf(market as typeof open, TICKER)).toThrow(/status is missing/);
  });
});

it.each(['', '.', '..', 'a/b', 'a?b', 'a%2fb', 'a,b', 'a b', '-a', 'x'.repeat(121)])('%j is no ticker', (text) => {
  expect(isTicker(text)).toBe(false);
});

describe('whatever the answer, it is read or refused', () => {
  const odd = fc.oneof(
    fc.constantFrom(
      '',
      '0',
      '1',
      '0.5',
      '1.0000',
      '2',
      'yes',
      'scalar',
      'finalized',
      'active',
      TICKER,
      null,
      0,
      50,
      true,
    ),
    fc.constantFrom('2026-04-06T01:02:03Z', '0000-00-00T99:99:99Z', '9'.repeat(400)),
    fc.jsonValue(),
  );
  const fields = [...Object.keys(finalized), 'is_provisional', 'yes_ask', 'no_ask', 'last_price', '__proto__'];
  const change = fc.dictionary(fc.constantFrom(...fields), odd, { noNullPrototype: true });
  const reads = (read: () => unknown): void => {
    try {
      read();
    } catch (error) {
      expect(error).toBeInstanceOf(VenueUnavailable);
    }
  };

  it('any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (answer) => {
        reads(() => readMarket(answer, TICKER));
        reads(() => readMarketList(answer));
        reads(() => readMarketList({ markets: answer }));
        reads(() => readMarket({ market: answer }, TICKER));
      }),
    );
  });

  it('a market with odd fields, whose prices and payout are decimals from 0 to 1', () => {
    fc.assert(
      fc.property(change, (changed) => {
        reads(() => {
          const { prices, settlement } = marketOf({ ...finalized, ...changed }, TICKER);
          for (const price of [prices.yes, prices.no]) if (price !== null) expect(price).toMatch(/^0\.\d+$/);
          if (settlement.state === 'settled') expect(settlement.yesPayout ?? '0').toMatch(/^(0(\.\d+)?|1)$/);
        });
      }),
      { numRuns: 1_000 },
    );
  });
});
