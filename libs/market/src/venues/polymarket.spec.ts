import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Venue, type VenueTrouble, VenueUnavailable } from '../venue.ts';
import { createPolymarket } from './polymarket.ts';
import {
  createTestClock,
  json,
  type Reply,
  routes,
  startVenue,
  type TestClock,
  type TestVenue,
} from './testing/http-server.ts';

const ID = `0x${'ab'.repeat(32)}`;
const OTHER_ID = `0x${'cd'.repeat(32)}`;
const SHOUTED = `0x${'AB'.repeat(32)}`;

/** A market as the order book has it: `yes` and `no` are price and winner. */
function book(id: string, more: object = {}, [yes, no] = ['Yes', 'No'], winner = '') {
  const tokens = [yes, no].map((outcome, index) => {
    return { token_id: `${id.slice(2, 4) === 'ab' ? 1 : 2}${index}`, outcome, price: 0.5, winner: outcome === winner };
  });
  return { condition_id: id, question: 'Will it?', closed: false, is_50_50_outcome: false, tokens, ...more };
}
function catalogue(id: string, more: object = {}) {
  return {
    conditionId: id,
    question: 'Will it, says Gamma?',
    closed: true,
    closedTime: '2026-03-19 23:20:15+00',
    umaResolutionStatus: 'resolved',
    outcomes: '["Yes", "No"]',
    outcomePrices: '["1", "0"]',
    clobTokenIds: '["10", "11"]',
    ...more,
  };
}
const OPEN = `/gamma/markets?condition_ids=${ID}`;
const CLOSED = `${OPEN}&closed=true`;
const BOOK = `/clob/markets/${ID}`;
const priceOf = (token: string) => `/clob/price?token_id=${token}&side=SELL`;

let server: TestVenue;
let clock: TestClock;
let polymarket: Venue;

const answering = (replies: Readonly<Record<string, Reply>>): void => {
  server.reply = routes(replies);
};

beforeEach(async () => {
  server = await startVenue(json({ error: 'market not found' }, 404));
  clock = createTestClock();
  polymarket = createPolymarket({
    clobUrl: `${server.url}/clob`,
    gammaUrl: `${server.url}/gamma`,
    clock,
    timeoutMs: 20_000,
    pollMs: 2_000,
  });
});

afterEach(async () => {
  await polymarket.close();
  await server.stop();
});

describe('a conditionId', () => {
  it('is found in the order book, in either case', async () => {
    answering({ [BOOK]: json(book(ID)) });
    expect(await polymarket.resolve(ID)).toEqual({ symbol: ID, name: 'Will it?' });
    expect(await polymarket.resolve(SHOUTED)).toEqual({ symbol: ID, name: 'Will it?' });
    expect(server.asked).toEqual([BOOK, BOOK]);
  });

  it('is else found in the catalogue, open or closed', async () => {
    const found = { symbol: ID, name: 'Will it, says Gamma?' };
    answering({ [OPEN]: json([catalogue(ID)]) });
    expect(await polymarket.resolve(ID)).toEqual(found);
    answering({ [OPEN]: json([]), [CLOSED]: json([catalogue(SHOUTED)]) });
    expect(await polymarket.resolve(ID)).toEqual(found);
    expect(server.asked).toEqual([BOOK, OPEN, BOOK, OPEN, CLOSED]);
  });

  it('is not taken to be one of an unfiltered list', async () => {
    answering({ [OPEN]: json([catalogue(OTHER_ID)]), [CLOSED]: json([catalogue(OTHER_ID)]) });
    expect(await polymarket.resolve(ID)).toBeNull();
  });

  it('of a market whose outcomes are not Yes and No is refused, with what they are', async () => {
    answering({ [BOOK]: json(book(ID, {}, ['Up', 'Down'])) });
    const refusal = `polymarket: market ${ID}: its outcomes are "Up", "Down", not "Yes" and "No"`;
    await expect(polymarket.resolve(ID)).rejects.toThrow(new VenueUnavailable(refusal));
    await expect(polymarket.quote(ID)).rejects.toThrow(new VenueUnavailable(refusal));
  });

  it('is the only name taken: for any other nobody is asked', async () => {
    for (const text of ['', 'will-it', ID.slice(2), `${ID}/..`]) {
      expect(await polymarket.resolve(text)).toBeNull();
      expect(await polymarket.quote(text)).toBeNull();
      expect(await polymarket.settlement!(text)).toEqual({ state: 'waiting', reason: 'it is no conditionId' });
    }
    expect(server.asked).toHaveLength(0);
  });
});

describe('a quote', () => {
  it('is the best ask of the side: what the CLOB calls SELL', async () => {
    answering({
      [BOOK]: json(book(ID, {}, ['No', 'Yes'])),
      [priceOf('10')]: json({ price: 0.57 }),
      [priceOf('11')]: json({ price: '0.045' }),
    });
    const receivedAt = clock.now();
    const quoted = { symbol: SHOUTED, receivedAt };
    const tick = { kind: 'tick', time: receivedAt };
    expect(await polymarket.quote(SHOUTED)).toEqual({ ...quoted, side: 'yes', price: { ...tick, price: '0.045' } });
    expect(await polymarket.quote(SHOUTED, 'no')).toEqual({ ...quoted, side: 'no', price: { ...tick, price: '0.57' } });
    // The tokens of a market never change, so the market is asked for once.
    expect(server.asked).toEqual([BOOK, priceOf('11'), priceOf('10')]);
  });

  it('is null where nobody offers, there is no book, or no such market', async () => {
    answering({
      [BOOK]: json(book(ID)),
      [priceOf('10')]: json({ price: '0' }),
      [`/clob/markets/${OTHER_ID}`]: json({}, 404),
    });
    expect(await polymarket.quote(ID)).toBeNull();
    expect(await polymarket.quote(ID, 'no')).toBeNull();
    expect(await polymarket.quote(OTHER_ID)).toBeNull();
  });
});

describe('the settlement', () => {
  const won = (raw: unknown, yesPayout: string, outcome: string, at: number | null = null) => {
    return { state: 'settled', yesPayout, outcome, at, raw: JSON.stringify(raw) };
  };
  const closedAt = Date.parse('2026-03-19T23:20:15Z');

  it('is what the order book names, with its answer as it came', async () => {
    const answer = book(ID, { closed: true }, ['Yes', 'No'], 'No');
    answering({ [BOOK]: json(answer) });
    expect(await polymarket.settlement!(SHOUTED)).toEqual(won(answer, '0', 'no'));
    expect(server.asked).toEqual([BOOK]);
  });

  it('waits while the order book is open, without asking the catalogue', async () => {
    answering({ [BOOK]: json(book(ID)), [OPEN]: json([catalogue(ID)]) });
    expect(await polymarket.settlement!(ID)).toEqual({ state: 'waiting', reason: 'it is not closed' });
    expect(server.asked).toEqual([BOOK]);
  });

  it('is what the catalogue calls resolved, where the order book names nobody or knows nothing', async () => {
    const half = [catalogue(ID, { outcomePrices: '["0.5", "0.5"]' })];
    answering({ [BOOK]: json(book(ID, { closed: true })), [OPEN]: json([]), [CLOSED]: json(half) });
    expect(await polymarket.settlement!(ID)).toEqual(won(half, '0.5', '50/50', closedAt));
    const whole = [catalogue(ID)];
    answering({ [CLOSED]: json(whole), [OPEN]: json([]) });
    expect(await polymarket.settlement!(ID)).toEqual(won(whole, '1', 'yes', closedAt));
  });

  it('waits, with what the order book says first, where neither decides', async () => {
    const undecided = [catalogue(ID, { umaResolutionStatus: 'proposed' })];
    answering({ [BOOK]: json(book(ID, { closed: true })), [OPEN]: json(undecided) });
    expect(await polymarket.settlement!(ID)).toEqual({
      state: 'waiting',
      reason: 'it is closed at 0.5/0.5, but no winner is named',
    });
    answering({ [OPEN]: json(undecided) });
    expect(await polymarket.settlement!(ID)).toEqual({
      state: 'waiting',
      reason: 'it is closed at 1/0, but not marked as resolved',
    });
    answering({});
    expect(await polymarket.settlement!(ID)).toEqual({
      state: 'waiting',
      reason: 'polymarket knows no market of this conditionId',
    });
  });

  it('can not be told while a source that is needed is away', async () => {
    answering({ [BOOK]: json({}, 500) });
    await expect(polymarket.settlement!(ID)).rejects.toThrow(VenueUnavailable);
    answering({ [BOOK]: json(book(ID, { closed: true })), [OPEN]: json('<html>') });
    await expect(polymarket.settlement!(ID)).rejects.toThrow(VenueUnavailable);
  });
});

describe('the stream', () => {
  async function hear(symbols: readonly string[], count: number, onTrouble?: (trouble: VenueTrouble) => void) {
    const stop = new AbortController();
    const heard: string[] = [];
    const options = { signal: stop.signal, ...(onTrouble && { onTrouble }) };
    for await (const { symbol, side, price } of polymarket.stream(() => new Set(symbols), options)) {
      heard.push(`${symbol} ${side} ${price.kind === 'tick' && price.price}`);
      if (heard.length === count) stop.abort();
    }
    return heard;
  }

  it('tells both sides of each market, round after round', async () => {
    answering({
      [BOOK]: json(book(ID)),
      [`/clob/markets/${OTHER_ID}`]: json(book(OTHER_ID)),
      [priceOf('10')]: json({ price: '0.45' }),
      [priceOf('11')]: json({ price: '0.57' }),
      [priceOf('20')]: json({ price: '0.9' }),
    });
    const round = [`${SHOUTED} yes 0.45`, `${SHOUTED} no 0.57`, `${OTHER_ID} yes 0.9`];
    expect(await hear([SHOUTED, OTHER_ID], 6)).toEqual([...round, ...round]);
    expect(server.asked.filter((path) => path === BOOK)).toHaveLength(1);
    expect(clock.slept).toEqual([2_000]);
  });

  it('leaves out markets that are no yes and no, each with its reason, and goes on with the rest', async () => {
    answering({
      [BOOK]: json(book(ID)),
      [`/clob/markets/${OTHER_ID}`]: json(book(OTHER_ID, {}, ['FaZe', 'illwill'])),
      [priceOf('10')]: json({ price: '0.45' }),
    });
    const troubles: VenueTrouble[] = [];
    const heard = await hear([OTHER_ID, 'will-it', ID], 3, (trouble) => troubles.push(trouble));
    expect(heard).toEqual([`${ID} yes 0.45`, `${ID} yes 0.45`, `${ID} yes 0.45`]);
    expect(troubles.slice(0, 2).map(({ symbol, reason }) => [symbol, reason])).toEqual([
      [OTHER_ID, `polymarket: market ${OTHER_ID}: its outcomes are "FaZe", "illwill", not "Yes" and "No"`],
      ['will-it', 'polymarket: market will-it: is not listed'],
    ]);
  });

  it('tells the trouble of the venue once, and goes on where it is back', async () => {
    answering({ [BOOK]: json({}, 500), [`/clob/markets/${OTHER_ID}`]: json({}, 500) });
    const troubles: VenueTrouble[] = [];
    const heard = await hear([ID, OTHER_ID], 1, (trouble) => {
      troubles.push(trouble);
      answering({ [BOOK]: json(book(ID)), [priceOf('10')]: json({ price: '0.45' }) });
    });
    expect(heard).toEqual([`${ID} yes 0.45`]);
    expect(troubles[0]).toEqual({
      venue: 'polymarket',
      symbol: null,
      reason: 'polymarket CLOB: status 500, 3 times',
      retryIn: 4_000,
    });
  });
});
