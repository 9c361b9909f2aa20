import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VenueUnavailable } from '../venue.ts';
import {
  conditionIdOf,
  findGammaMarket,
  readClobMarket,
  readGammaMarket,
  readPrice,
  yesNoOf,
} from './polymarket-market.ts';
import { settlementOf } from './polymarket-settlement.ts';

const ID = `0x${'ab'.repeat(32)}`;
const token = (outcome: string, price: unknown, winner: unknown = false) => {
  return { token_id: outcome === 'Yes' ? '11' : '22', outcome, price, winner };
};
const book = { condition_id: ID, question: 'Will it?', closed: true, is_50_50_outcome: false };
const byClob = (yes: object, no: object, more: object = {}) =>
  settlementOf(readClobMarket({ ...book, tokens: [yes, no], ...more }, ID));

const catalogue = {
  conditionId: ID,
  question: 'Will it?',
  closed: true,
  closedTime: '2026-03-19 23:20:15+00',
  umaResolutionStatus: 'resolved',
  outcomes: '["Yes", "No"]',
  outcomePrices: '["1", "0"]',
  clobTokenIds: '["11", "22"]',
};
const byGamma = (more: object) => settlementOf(readGammaMarket({ ...catalogue, ...more }, ID));
const at = Date.parse('2026-03-19T23:20:15Z');

describe('the order book', () => {
  it.each([
    [token('Yes', 1, true), token('No', 0), '1', 'yes'],
    [token('Yes', 0), token('No', 1, true), '0', 'no'],
    [token('No', 1, true), token('Yes', 0), '0', 'no'],
    [token('YES', 1, true), token('no', 0), '1', 'yes'],
    // Prices stop where trading stopped; the winner is the venue's word.
    [token('Yes', 0.0004), token('No', 0.9996, true), '0', 'no'],
  ])('settles by its winner: %j %j', (one, other, yesPayout, outcome) => {
    expect(byClob(one, other)).toEqual({ state: 'settled', yesPayout, outcome, at: null });
  });

  it('settles at half each where it says so and stands so', () => {
    const half = { state: 'settled', yesPayout: '0.5', outcome: '50/50', at: null };
    expect(byClob(token('Yes', 0.5), token('No', 0.5), { is_50_50_outcome: true })).toEqual(half);
  });

  it.each([
    [token('Yes', 1, true), token('No', 0), { closed: false }, 'it is not closed'],
    [token('Yes', 1), token('No', 0), {}, 'it is closed at 1/0, but no winner is named'],
    [token('Yes', 0), token('No', 0), {}, 'it is closed at 0/0, but no winner is named'],
    [token('Yes', 0.5), token('No', 0.5), {}, 'it is closed at 0.5/0.5, but no winner is named'],
    [token('Yes', 0.64), token('No', 0.36), {}, 'it is closed at 0.64/0.36, but no winner is named'],
    [token('Yes', 1, true), token('No', 1, true), {}, 'it names two winners'],
    [token('Yes', 0.5), token('No', 0.5, true), { is_50_50_outcome: true }, 'it names a winner and is marked as 50/50'],
    [token('Yes', 0.4), token('No', 0.6), { is_50_50_outcome: true }, 'it is marked as 50/50, but stands at 0.4/0.6'],
    [token('Up', 1, true), token('Down', 0), {}, 'its outcomes are "Up", "Down", not "Yes" and "No"'],
    [token('Yes', 1, true), token('Yes', 0), {}, 'its outcomes are "Yes", "Yes", not "Yes" and "No"'],
    [token('', 0), token('', 0), {}, 'its outcomes are "", "", not "Yes" and "No"'],
  ])('waits: %j %j %j', (one, other, more, reason) => {
    expect(byClob(one, other, more)).toEqual({ state: 'waiting', reason });
  });

  it('waits with more outcomes than two, and with none', () => {
    const three = { tokens: [token('Yes', 1, true), token('No', 0), token('Maybe', 0)] };
    expect(byClob({}, {}, three)).toMatchObject({ state: 'waiting' });
    const reason = 'its outcomes are none, not "Yes" and "No"';
    expect(byClob({}, {}, { tokens: [] })).toEqual({ state: 'waiting', reason });
  });
});

describe('the catalogue', () => {
  it.each([
    ['["1", "0"]', '1', 'yes'],
    ['["0", "1"]', '0', 'no'],
    ['["0.5", "0.5"]', '0.5', '50/50'],
    ['["0.50", "0.5000000000000000000000000000"]', '0.5', '50/50'],
  ])('settles at %s where it is closed and resolved', (outcomePrices, yesPayout, outcome) => {
    expect(byGamma({ outcomePrices })).toEqual({ state: 'settled', yesPayout, outcome, at });
    expect(byGamma({ outcomePrices, closedTime: undefined })).toMatchObject({ yesPayout, at: null });
  });

  it.each([
    [{ closed: false }, 'it is not closed'],
    [{ umaResolutionStatus: undefined }, 'it is closed at 1/0, but not marked as resolved'],
    [{ umaResolutionStatus: 'proposed' }, 'it is closed at 1/0, but not marked as resolved'],
    [
      { umaResolutionStatus: 'disputed', outcomePrices: '["0.5","0.5"]' },
      'it is closed at 0.5/0.5, but not marked as resolved',
    ],
    [{ outcomePrices: '["0", "0"]' }, 'it is closed at 0/0, which is no payout'],
    [{ outcomePrices: '["1", "1"]' }, 'it is closed at 1/1, which is no payout'],
    [{ outcomePrices: '["0.5000001", "0.4999999"]' }, 'it is closed at 0.5000001/0.4999999, which is no payout'],
    [{ outcomePrices: '["0.9995", "0.0005"]' }, 'it is closed at 0.9995/0.0005, which is no payout'],
    [{ outcomes: '["FaZe", "illwill"]' }, 'its outcomes are "FaZe", "illwill", not "Yes" and "No"'],
  ])('waits: %j', (more, reason) => {
    expect(byGamma(more)).toEqual({ state: 'waiting', reason });
  });

  it('is looked through for the market that was asked for', () => {
    const other = { ...catalogue, conditionId: `0x${'cd'.repeat(32)}` };
    const shouted = { ...catalogue, conditionId: `0x${'AB'.repeat(32)}`, question: 'This one?' };
    expect(findGammaMarket([other, shouted], ID)).toMatchObject({ conditionId: ID, question: 'This one?' });
    expect(findGammaMarket([other], ID)).toBeNull();
    expect(findGammaMarket([], ID)).toBeNull();
  });
});

describe('not understood, and told where', () => {
  const clob = (more: object) => () =>
    readClobMarket({ ...book, tokens: [token('Yes', 1), token('No', 0)], ...more }, ID);
  const gamma = (more: object) => () => readGammaMarket({ ...catalogue, ...more }, ID);
  it.each([
    [clob({ condition_id: '0x1' }), 'the answer is about "0x1"'],
    [clob({ condition_id: null }), 'condition_id is missing'],
    [clob({ closed: null }), 'closed is missing'],
    [clob({ closed: 'true' }), 'closed must be true or false'],
    [clob({ tokens: null }), 'tokens: must be a list'],
    [clob({ tokens: [null] }), 'tokens: must be an object'],
    [clob({ tokens: [token('Yes', 1.1)] }), 'price must be a decimal from 0 to 1'],
    [clob({ tokens: [token('Yes', -0.1)] }), 'price must be a decimal from 0 to 1'],
    [clob({ tokens: [token('Yes', null)] }), 'price must be a decimal from 0 to 1'],
    [clob({ tokens: [token('Yes', 1, null)] }), 'winner is missing'],
    [clob({ tokens: [token('Yes', 1, 1)] }), 'winner must be true or false'],
    [clob({ tokens: [{ ...token('Yes', 1), token_id: '../1' }] }), 'a token id must be digits'],
    [gamma({ outcomes: ['Yes', 'No'] }), 'outcomes must be a text'],
    [gamma({ outcomes: '[' }), 'outcomes must hold JSON'],
    [gamma({ outcomes: '{}' }), 'outcomes: must be a list'],
    [gamma({ outcomePrices: '[1, 0]' }), 'outcomePrices must hold texts'],
    [gamma({ outcomePrices: '["1"]' }), 'must be of one length'],
    [gamma({ outcomePrices: '["1", "x"]' }), 'outcomePrices must be a decimal from 0 to 1'],
    [gamma({ clobTokenIds: '["11"]' }), 'must be of one length'],
    [gamma({ closedTime: 'late' }), 'closedTime must be a time'],
    [() => readPrice({}, '11'), 'polymarket: price of token 11: price must be a decimal from 0 to 1'],
  ])('%#: %s', (read, what) => {
    expect(read).toThrow(VenueUnavailable);
    expect(read).toThrow(what);
  });
});

it.each([
  [{ price: 0.045 }, '0.045'],
  [{ price: '0.0450' }, '0.045'],
  [{ price: 1e-7 }, '0.0000001'],
  [{ price: '0.12345678901234567891' }, '0.12345678901234567891'],
  [{ price: '0' }, null],
  [{ price: 1 }, null],
])('a price %j is %j', (answer, price) => {
  expect(readPrice(answer, '11')).toBe(price);
});

it('a conditionId may be in either case, and is nothing else', () => {
  expect(conditionIdOf(`0X${'AB'.repeat(32)}`.replace('X', 'x'))).toBe(ID);
  for (const text of ['', ID.slice(2), `${ID}0`, `${ID.slice(0, -1)}g`, ` ${ID}`, `${ID}\n`])
    expect(conditionIdOf(text)).toBeNull();
});

describe('whatever the answer, it is read or refused', () => {
  const odd = fc.oneof(
    fc.constantFrom(
      '',
      '0',
      '1',
      '0.5',
      0,
      1,
      0.5,
      true,
      false,
      null,
      'Yes',
      'No',
      ID,
      'resolved',
      '[]',
      '["Yes","No"]',
    ),
    fc.constantFrom(
      '["0.5","0.5"]',
      '["1","0"]',
      '[null]',
      '{',
      '2026-03-19 23:20:15+00',
      '9'.repeat(300),
      1e300,
      5e-324,
    ),
    fc.jsonValue(),
  );
  const changeOf = (fields: readonly string[]) =>
    fc.dictionary(fc.constantFrom(...fields, '__proto__'), odd, { noNullPrototype: true });
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
        reads(() => readClobMarket(answer, ID));
        reads(() => readClobMarket({ ...book, tokens: answer }, ID));
        reads(() => readGammaMarket(answer, ID));
        reads(() => findGammaMarket(answer, ID));
        reads(() => findGammaMarket([answer], ID));
        reads(() => readPrice(answer, '11'));
        reads(() => readPrice({ price: answer }, '11'));
      }),
    );
  });

  it('markets with odd fields, whose payout is 0, 0.5 or 1', () => {
    const changes = fc.tuple(
      changeOf([...Object.keys(book), 'tokens']),
      changeOf(Object.keys(token('Yes', 1))),
      changeOf(Object.keys(catalogue)),
    );
    fc.assert(
      fc.property(changes, ([market, outcome, listed]) => {
        const tokens = [token('Yes', 1, true), { ...token('No', 0), ...outcome }];
        for (const read of [
          () => readClobMarket({ ...book, tokens, ...market }, ID),
          () => readGammaMarket({ ...catalogue, ...listed }, ID),
        ])
          reads(() => {
            const settlement = settlementOf(read());
            if (settlement.state === 'settled') expect(settlement.yesPayout).toMatch(/^(0|0\.5|1)$/);
            yesNoOf(read());
          });
      }),
      { numRuns: 1_000 },
    );
  });
});
