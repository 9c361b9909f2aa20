import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Quoted, type Venue, type VenueTrouble, VenueUnavailable } from '../venue.ts';
import { createKalshi } from './kalshi.ts';
import { createTestClock, json, routes, startVenue, type TestClock, type TestVenue } from './testing/http-server.ts';

const market = (ticker: string, more: object = {}) => ({
  ticker,
  title: `About ${ticker}`,
  status: 'active',
  result: '',
  yes_ask_dollars: '0.4500',
  no_ask_dollars: '0.5700',
  ...more,
});
const finalized = (ticker: string, result: string, payout: string) =>
  market(ticker, {
    status: 'finalized',
    result,
    settlement_ts: '2026-04-06T01:02:03Z',
    settlement_value_dollars: payout,
  });

let server: TestVenue;
let clock: TestClock;
let kalshi: Venue;

beforeEach(async () => {
  server = await startVenue(json({}, 404));
  clock = createTestClock();
  kalshi = createKalshi({ baseUrl: server.url, clock, timeoutMs: 20_000, pollMs: 2_000, burst: 1_000 });
});

afterEach(async () => {
  await kalshi.close();
  await server.stop();
});

it('resolves a ticker, live or archived, and no other text', async () => {
  server.reply = routes({
    '/markets/KX-1': json({ market: market('KX-1') }),
    '/historical/markets/KX-0': json({ market: finalized('KX-0', 'yes', '1.0000') }),
  });
  expect(await kalshi.resolve('KX-1')).toEqual({ symbol: 'KX-1', name: 'About KX-1' });
  expect(await kalshi.resolve('KX-0')).toEqual({ symbol: 'KX-0', name: 'About KX-0' });
  expect(await kalshi.resolve('KX-2')).toBeNull();
  const asked = server.asked.length;
  for (const text of ['', '../exchange', 'KX-1?x', 'About KX-1']) expect(await kalshi.resolve(text)).toBeNull();
  expect(server.asked).toHaveLength(asked);
});

it('quotes what buying a side costs, yes unless told otherwise', async () => {
  server.reply = routes({ '/markets/KX-1': json({ market: market('KX-1', { no_ask_dollars: null }) }) });
  const receivedAt = clock.now();
  expect(await kalshi.quote('KX-1')).toEqual({
    symbol: 'KX-1',
    side: 'yes',
    price: { kind: 'tick', time: receivedAt, price: '0.45' },
    receivedAt,
  });
  expect(await kalshi.quote('KX-1', 'no')).toBeNull();
  expect(await kalshi.quote('KX-2', 'no')).toBeNull();
});

it('tells that it can not be asked, and what it could not understand', async () => {
  server.reply = routes({ '/markets/KX-1': json({ market: market('KX-2') }) });
  await expect(kalshi.quote('KX-1')).rejects.toThrow(
    new VenueUnavailable('kalshi: market KX-1: the answer is about "KX-2"'),
  );
  server.reply = json({}, 500);
  await expect(kalshi.resolve('KX-1')).rejects.toThrow(new VenueUnavailable('kalshi: status 500, 3 times'));
});

describe('the settlement', () => {
  it('is told with the answer as it came, live or archived', async () => {
    const raw = `{ "market": ${JSON.stringify(finalized('KX-1', 'yes', '1.0000'))} }`;
    const settled = { state: 'settled', yesPayout: '1', outcome: 'yes', at: Date.parse('2026-04-06T01:02:03Z'), raw };
    server.reply = routes({ '/markets/KX-1': json(raw) });
    expect(await kalshi.settlement!('KX-1')).toEqual(settled);
    server.reply = routes({ '/historical/markets/KX-1': json(raw) });
    expect(await kalshi.settlement!('KX-1')).toEqual(settled);
    expect(server.asked.slice(-2)).toEqual(['/markets/KX-1', '/historical/markets/KX-1']);
  });

  it('is told anew when it was amended after all', async () => {
    const payouts: unknown[] = [];
    for (const [result, payout] of [
      ['yes', '1.0000'],
      ['no', '0.0000'],
    ] as const) {
      server.reply = routes({ '/markets/KX-1': json({ market: finalized('KX-1', result, payout) }) });
      const settlement = await kalshi.settlement!('KX-1');
      payouts.push(settlement.state === 'settled' && settlement.yesPayout);
    }
    expect(payouts).toEqual(['1', '0']);
  });

  it('waits while it is not for good, and where Kalshi knows no such market', async () => {
    server.reply = routes({ '/markets/KX-1': json({ market: market('KX-1', { status: 'disputed' }) }) });
    const reason = 'its status is "disputed", not yet "finalized"';
    expect(await kalshi.settlement!('KX-1')).toEqual({ state: 'waiting', reason });
    const unknown = { state: 'waiting', reason: 'kalshi knows no market of this ticker' };
    expect(await kalshi.settlement!('KX-2')).toEqual(unknown);
    expect(await kalshi.settlement!('../x')).toEqual(unknown);
  });
});

describe('the stream', () => {
  /** What comes until `count` prices were heard or `rounds` waits have passed. */
  async function hear(symbols: () => ReadonlySet<string>, count: number, onTrouble?: (trouble: VenueTrouble) => void) {
    const stop = new AbortController();
    const heard: Quoted[] = [];
    const options = { signal: stop.signal, ...(onTrouble && { onTrouble }) };
    for await (const quoted of kalshi.stream(symbols, options)) {
      heard.push(quoted);
      if (heard.length === count) stop.abort();
    }
    return heard;
  }

  const told = (quotes: readonly Quoted[]) =>
    quotes.map(({ symbol, side, price }) => [symbol, side, price.kind === 'tick' && price.price]);

  it('tells both sides of each symbol, round after round, in batches', async () => {
    const symbols = Array.from({ length: 130 }, (_, index) => `KX-${index}`);
    server.reply = (request, response) => {
      const tickers = new URL(request.url!, server.url).searchParams.get('tickers')!.split(',');
      json({ markets: tickers.map((ticker) => market(ticker)), cursor: '' })(request, response);
    };
    const heard = await hear(() => new Set(symbols), 520);
    expect(told(heard)).toEqual(
      [...symbols, ...symbols].flatMap((symbol) => [
        [symbol, 'yes', '0.45'],
        [symbol, 'no', '0.57'],
      ]),
    );
    expect(server.asked).toHaveLength(4);
    expect(server.asked[0]).toBe(`/markets?tickers=${symbols.slice(0, 100).join(',')}&limit=100`);
    expect(clock.slept).toEqual([2_000]);
  });

  it('asks nobody while there are no symbols, and takes them up as they come', async () => {
    let looks = 0;
    server.reply = json({ markets: [market('KX-1', { no_ask_dollars: null })] });
    const heard = await hear(() => new Set(++looks > 3 ? ['KX-1'] : []), 1);
    expect(told(heard)).toEqual([['KX-1', 'yes', '0.45']]);
    expect(server.asked).toHaveLength(1);
    expect(looks).toBe(4);
  });

  it('leaves out for a growing while what it can not understand, and goes on with the rest', async () => {
    const bad = market('KX-BAD', { yes_ask_dollars: '45' });
    server.reply = json({ markets: [bad, market('KX-1')] });
    const troubles: VenueTrouble[] = [];
    const symbols = new Set(['KX-BAD', 'KX-GONE', '../x', 'KX-1']);
    const heard = await hear(
      () => symbols,
      20,
      (trouble) => troubles.push(trouble),
    );
    expect(new Set(heard.map(({ symbol }) => symbol))).toEqual(new Set(['KX-1']));
    const retries = (symbol: string) => troubles.filter((trouble) => trouble.symbol === symbol);
    expect(retries('KX-BAD').map(({ retryIn }) => retryIn)).toEqual([4_000, 8_000, 16_000]);
    expect(retries('KX-BAD')[0]?.reason).toMatch(/yes_ask_dollars must be a decimal/);
    expect(retries('KX-GONE')[0]?.reason).toBe('kalshi: market KX-GONE: is not listed');
    expect(retries('../x')[0]?.reason).toBe('kalshi: market ../x: is not listed');
    expect(server.asked.every((path) => !path.includes('..'))).toBe(true);
  });

  it('waits trouble out, tells it, and goes on where the venue is back', async () => {
    const troubles: VenueTrouble[] = [];
    server.reply = json({}, 500);
    const heard = await hear(
      () => new Set(['KX-1', 'KX-2']),
      2,
      (trouble) => {
        troubles.push(trouble);
        if (troubles.length === 4) server.reply = json({ markets: [market('KX-1'), market('KX-2')] });
      },
    );
    expect(told(heard)).toEqual([
      ['KX-1', 'yes', '0.45'],
      ['KX-1', 'no', '0.57'],
    ]);
    expect(troubles[0]).toEqual({
      venue: 'kalshi',
      symbol: null,
      reason: 'kalshi: status 500, 3 times',
      retryIn: 4_000,
    });
    expect(troubles.map(({ retryIn }) => retryIn)).toEqual([4_000, 8_000, 16_000, 32_000]);
    expect(server.asked.length).toBeLessThan(10);
  });

  it('forgets a trouble that is over: the next one is waited out from the start', async () => {
    const unlisted = json({ markets: [] });
    const listed = json({ markets: [market('KX-1', { no_ask_dollars: null })] });
    const replies = [unlisted, unlisted, listed, unlisted, listed];
    server.reply = (request, response) => (replies.shift() ?? listed)(request, response);
    const troubles: VenueTrouble[] = [];
    await hear(
      () => new Set(['KX-1']),
      2,
      (trouble) => troubles.push(trouble),
    );
    expect(troubles.map(({ retryIn }) => retryIn)).toEqual([4_000, 8_000, 4_000]);
  });

  it('gives a round up after two failed batches, and comes to the others in the next', async () => {
    const symbols = Array.from({ length: 400 }, (_, index) => `KX-${index}`);
    const stop = new AbortController();
    const looks: number[] = [];
    let told = 0;
    server.reply = json({}, 500);
    const stream = kalshi.stream(
      () => {
        looks.push(told);
        if (looks.length === 3) stop.abort();
        return new Set(symbols);
      },
      { signal: stop.signal, onTrouble: () => (told += 1) },
    );
    for await (const quoted of stream) throw new Error(`unexpected ${quoted.symbol}`);
    expect(looks).toEqual([0, 2, 4]);
  });

  it('ends with the signal, also in the middle of a request or a wait, and before the first, and tells no trouble', async () => {
    const onTrouble = (trouble: VenueTrouble) => {
      throw new Error(`unexpected ${trouble.reason}`);
    };
    for (const symbols of [new Set(['KX-1']), new Set<string>()]) {
      const stop = new AbortController();
      server.reply = () => stop.abort();
      const look = () => {
        if (symbols.size === 0) setImmediate(() => stop.abort());
        return symbols;
      };
      for await (const quoted of kalshi.stream(look, { signal: stop.signal, onTrouble }))
        throw new Error(`unexpected ${quoted.symbol}`);
    }
    const aborted = { signal: AbortSignal.abort(), onTrouble };
    for await (const quoted of kalshi.stream(() => new Set(['KX-1']), aborted))
      throw new Error(`unexpected ${quoted.symbol}`);
  });
});
