/** What the market role forgets, and that nothing is judged twice or skipped for it. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMemoryCoordination } from '#libs/stores';
import { watchSettlements } from '../../apps/server/src/market/settlements.ts';
import { FollowedMarket } from '../support/followed-market.ts';
import { createListedVenue } from '../support/listed-venue.ts';
import { eventually } from '../support/prices.ts';

const BTC = 'BTC/USDT';
const ETH = { class: 'crypto', venue: 'binance', symbol: 'ETH/USDT', base: 'ETH', quote: 'USDT' } as const;
const CURSOR = `market cursor ccxt:binance ${BTC}`;

/** Questions for past prices, and whether an instrument is known. */
let asked: string[];
let resolved: string[];
let market: FollowedMarket;

beforeEach(() => {
  asked = [];
  resolved = [];
  const venue = createListedVenue('ccxt:binance', false);
  market = new FollowedMarket({
    ...venue,
    history: (symbol, ...span) => {
      asked.push(symbol);
      return venue.history(symbol, ...span);
    },
    resolve: (symbol) => {
      resolved.push(symbol);
      return venue.resolve(symbol);
    },
  });
});
afterEach(() => market.stop());

const told = async (id: string) => (await market.steps(id)).map(({ type, price, late }) => ({ type, price, late }));
const dropped = (symbol: string): Promise<true> =>
  eventually(`the end of ${symbol}`, () =>
    market.news.some((news) => news.news === 'dropped' && news.desk === `ccxt:binance ${symbol}`) ? true : null,
  );

/** A signal of this instrument that was entered and stopped. */
async function ended(symbol: string): Promise<string> {
  const id = await market.create(symbol === BTC ? {} : { instrument: { ...ETH, symbol } });
  await market.tick(symbol, '100');
  await market.until(id, 'SignalMatched');
  await market.tick(symbol, '49');
  await market.until(id, 'SignalSettled');
  return id;
}

describe('an instrument whose last signal has gone', () => {
  it('is dropped with its cursor after a while, and whoever comes then meets prices since its own receipt', async () => {
    market.idleMs = 0;
    market.start();
    await market.listening();
    const id = await market.create();
    await market.tick(BTC, '100');
    await market.until(id, 'SignalMatched');
    await eventually('a cursor', () => market.coordination.kept(CURSOR));
    await market.tick(BTC, '49');
    await market.until(id, 'SignalSettled');
    await dropped(BTC);
    expect(await market.coordination.kept(CURSOR)).toBeNull();
    const before = await told(id);
    // In no signal's time.
    await market.tick(BTC, '95');
    const later = await market.create({ entry: { max: '90' } });
    await market.tick(BTC, '80');
    expect(await market.until(later, 'SignalMatched')).toEqual([
      { type: 'SignalMatched', price: '80', at: expect.any(Number), late: false },
    ]);
    await market.tick(BTC, '49');
    await market.until(later, 'SignalSettled');
    expect((await told(later)).map(({ type }) => type)).toEqual(['SignalMatched', 'StopHit', 'SignalSettled']);
    expect(await told(id)).toEqual(before);
    // Once for each desk that it had.
    expect(resolved).toEqual([BTC, BTC]);
  });

  it('leaves no cursor behind at once, and is itself left for a while', async () => {
    market.idleMs = 3_600_000;
    market.start();
    await market.listening();
    const id = await market.create();
    await market.tick(BTC, '100');
    await market.until(id, 'SignalMatched');
    await eventually('a cursor', () => market.coordination.kept(CURSOR));
    await market.tick(BTC, '49');
    await eventually('no cursor', async () => ((await market.coordination.kept(CURSOR)) === null ? true : null));
    expect(market.news.filter(({ news }) => news === 'dropped')).toEqual([]);
    const later = await market.create({ entry: { max: '90' } });
    await market.tick(BTC, '80');
    expect(await market.until(later, 'SignalMatched')).toMatchObject([{ price: '80' }]);
    await eventually('a cursor again', () => market.coordination.kept(CURSOR));
  });

  it('meets what was missed also where it was forgotten when the role was killed', async () => {
    market.start();
    await market.listening();
    const id = await ended(BTC);
    await eventually('no cursor', async () => ((await market.coordination.kept(CURSOR)) === null ? true : null));
    const before = await told(id);
    await market.stop({ killed: true });
    await market.tick(BTC, '70');
    const later = await market.create({ entry: { max: '90' } });
    await market.tick(BTC, '80');
    market.start();
    expect(await market.until(later, 'SignalMatched')).toMatchObject([{ price: '80', late: true }]);
    expect(await told(id)).toEqual(before);
  });

  it('is not dropped while a signal is on its way to it', async () => {
    market.idleMs = 0;
    const { kept } = market.coordination;
    const { promise, resolve: release } = Promise.withResolvers<void>();
    market.coordination.kept = async (name) => {
      if (name === CURSOR) await promise;
      return kept(name);
    };
    market.start();
    await market.listening();
    // Waits at its desk, which has no other.
    const id = await market.create({ entry: { max: '90' } });
    // All desks are looked at meanwhile.
    await ended('ETH/USDT');
    await dropped('ETH/USDT');
    release();
    // Whoever comes next is at the same desk.
    await market.settledDown('100');
    await market.tick(BTC, '80');
    expect(await market.until(id, 'SignalMatched')).toMatchObject([{ price: '90' }]);
    await market.tick(BTC, '49');
    await market.until(id, 'SignalSettled');
    expect((await told(id)).map(({ type }) => type)).toEqual(['SignalMatched', 'StopHit', 'SignalSettled']);
  });
});

describe('many trails on an instrument', () => {
  it('look at its past together after a start, and each counts its own part of it', async () => {
    market.start();
    await market.listening();
    const early: string[] = [];
    for (let count = 0; count < 5; count += 1) early.push(await market.create({ targets: ['500'] }));
    await market.tick(BTC, '100');
    for (const id of early) {
      await market.until(id, 'SignalMatched');
      await market.call(id, { type: 'AddTrailingStop', trigger: '90', limit: '89', reference: '100' });
    }
    await market.settledDown('100');
    await market.tick(BTC, '150');
    const late = await market.create({ entry: null, targets: ['500'] });
    await market.tick(BTC, '145');
    await market.until(late, 'SignalMatched');
    await market.call(late, { type: 'AddTrailingStop', trigger: '115', limit: '114', reference: '145' });
    await market.settledDown('146');
    const last = await market.tick(BTC, '147');
    await eventually('a cursor', async () =>
      Number((await market.coordination.kept(CURSOR)) ?? 0) >= last ? true : null,
    );
    await market.stop();
    asked = [];
    market.start();
    await market.listening();
    // One for all trails, one for what was missed.
    expect(asked).toEqual([BTC, BTC]);
    // Ten below 150, and not ten below 147.
    await market.tick(BTC, '139');
    for (const id of early) {
      await market.until(id, 'SignalSettled');
      expect(await told(id)).toContainEqual({ type: 'StopHit', price: '139', late: false });
    }
    // Thirty below 150, and not thirty below 147.
    await market.settledDown('118');
    expect((await told(late)).map(({ type }) => type)).toEqual(['SignalMatched']);
    await market.tick(BTC, '117');
    await market.until(late, 'SignalSettled');
    expect(await told(late)).toContainEqual({ type: 'StopHit', price: '117', late: false });
  });

  it('follow no price that is still to be judged for them, where the steps of others are younger than the cursor', async () => {
    market.start();
    await market.listening();
    const stepped = await market.create({ targets: ['140', '500'] });
    const id = await market.create({ targets: ['500'] });
    await market.tick(BTC, '100');
    for (const [one, trigger] of [
      [stepped, '40'],
      [id, '60'],
    ] as const) {
      await market.until(one, 'SignalMatched');
      await market.call(one, { type: 'AddTrailingStop', trigger, limit: '30', reference: '100' });
    }
    await market.settledDown('100');
    await market.stop();
    market.start();
    await market.listening();
    await market.tick(BTC, '91');
    await market.tick(BTC, '132');
    await market.tick(BTC, '140');
    await market.until(stepped, 'TakeProfitHit');
    // Nothing was kept of the three prices.
    await market.stop({ killed: true });
    market.start();
    await market.listening();
    await market.settledDown('139');
    expect((await told(id)).map(({ type }) => type)).toEqual(['SignalMatched']);
    await market.tick(BTC, '99');
    await market.until(id, 'SignalSettled');
    expect(await told(id)).toContainEqual({ type: 'StopHit', price: '99', late: false });
  });
});

describe('prices that others follow already', () => {
  it('are missed by no signal, where the role joins them late', async () => {
    market.start();
    await market.listening();
    const id = await market.create({ targets: ['110', '200'] });
    await market.tick(BTC, '100');
    await market.until(id, 'SignalMatched');
    await market.stop();
    market.beside = { symbols: () => new Set([BTC]), onPrice: () => undefined };
    const release = market.venue.hold();
    market.start();
    await market.listening();
    await eventually('a question for the past', () => (asked.length > 0 ? true : null));
    // Too late for that question, and too early for who waits for its answer.
    await market.tick(BTC, '112');
    release();
    expect((await market.until(id, 'TakeProfitHit')).slice(1)).toMatchObject([{ type: 'TakeProfitHit', price: '110' }]);
  });
});

describe('resolved markets', () => {
  const venue = createListedVenue('kalshi', false);
  const memory = createMemoryCoordination();
  const forgotten: string[] = [];
  const coordination = {
    ...memory,
    forget: async (name: string) => {
      await memory.forget(name);
      forgotten.push(name);
    },
  };
  const SIGNALS = 'market resolved kalshi';

  /** Settles these markets, each with one signal of its name, until a condition holds. */
  async function settled(symbols: Iterable<string>, watchedMs: number, until: () => Promise<true | null>) {
    const open = new Set(symbols);
    for (const symbol of open)
      venue.resolved(symbol, { state: 'settled', yesPayout: '1', outcome: 'yes', at: 1, raw: '{}' });
    const abort = new AbortController();
    const running = watchSettlements({
      venue,
      coordination,
      signal: abort.signal,
      symbols: () => open,
      settle: async (symbol) => {
        open.delete(symbol);
        return [symbol];
      },
      correct: async () => undefined,
      onTrouble: (what, reason) => {
        throw new Error(`${what}: ${reason}`);
      },
      onWaiting: () => undefined,
      openMs: 1,
      resolvedMs: 1,
      watchedMs,
    });
    await eventually('the settlements', until);
    abort.abort();
    await running;
  }

  it('are forgotten with their signals once they are asked for no more', async () => {
    await settled(['A'], 3_600_000, async () => ((await coordination.kept(`${SIGNALS} A`)) === '["A"]' ? true : null));
    await settled(['B'], 1, async () => {
      const list = await coordination.kept(SIGNALS);
      return forgotten.includes(`${SIGNALS} B`) && !list!.includes('"B"') ? true : null;
    });
    expect(await coordination.kept(`${SIGNALS} A`)).toBe('["A"]');
  });

  it('are forgotten with their signals, the oldest first, where there are too many', async () => {
    const many = Array.from({ length: 500 }, (_, at) => `M${at}`);
    await settled(many, 3_600_000, async () => ((await coordination.kept(`${SIGNALS} M499`)) === null ? null : true));
    expect(await coordination.kept(`${SIGNALS} A`)).toBeNull();
    expect(JSON.parse((await coordination.kept(SIGNALS))!)).toHaveLength(500);
  });
});
