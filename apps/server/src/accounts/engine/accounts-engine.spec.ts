/** The engine of accounts as a whole: what it finds at its start, and what it does while things around it fail. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VenueUnavailable } from '#libs/market';
import { type EventStore, StoreUnavailable, type ViewStore } from '#libs/sourcing';
import { FollowedAccounts } from '../../../../../test/support/followed-accounts.ts';
import { eventually } from '../../../../../test/support/prices.ts';

const BTC = 'BTC/USDT';

let world: FollowedAccounts;

beforeEach(() => {
  world = new FollowedAccounts();
});

afterEach(() => world.stop());

const typesOf = async (accountId: string): Promise<readonly string[]> =>
  (await world.recorded(accountId)).map(({ type }) => type);

describe('orders that were placed on other prices', () => {
  it('of a real venue are not filled by simulated ones, also where no real venue is in the settings any more', async () => {
    await world.open('a');
    await world.place('a', { price: '100' });
    world.start({ source: 'simulated' });
    await world.listening();
    world.tick(world.simulated, BTC, '90');
    await world.settledDown(world.simulated);
    expect(await typesOf('a')).not.toContain('OrderFilled');
    await world.place('a', { price: '101' });
    await world.settledDown(world.simulated);
    world.tick(world.simulated, BTC, '90');
    await world.settledDown(world.simulated);
    expect(await typesOf('a')).not.toContain('OrderFilled');
  });

  it('of the simulation are filled by simulated ones alone', async () => {
    await world.open('a');
    await world.place('a', { price: '100', simulated: true });
    world.start();
    await world.listening();
    world.tick(world.real, BTC, '90');
    await world.settledDown();
    expect(await typesOf('a')).not.toContain('OrderFilled');
    world.tick(world.simulated, BTC, '91');
    expect((await world.until('a', 'OrderFilled')).data).toMatchObject({ price: '91' });
  });
});

describe('prices that were missed', () => {
  it('fill what rested, also where the venue can not be asked for them at first', async () => {
    await world.open('a');
    await world.place('a', { price: '100' });
    world.tick(world.real, BTC, '95');
    world.tick(world.real, BTC, '105');
    await world.past();
    world.real.fail(2);
    world.start();
    expect((await world.until('a', 'OrderFilled')).data).toMatchObject({ price: '95' });
    expect(world.real.failures()).toBe(2);
  });

  it('are looked at again from somewhat before the last one: an order may not have been heard of then', async () => {
    await world.open('a');
    await world.place('a', { price: '100' });
    world.tick(world.real, BTC, '95');
    await world.coordination.keep(`accounts cursor ccxt:binance ${BTC}`, String(world.later()));
    await world.past();
    world.start();
    expect((await world.until('a', 'OrderFilled')).data).toMatchObject({ price: '95' });
  });
});

describe('a price of 0', () => {
  it('is none: it fills nothing and trips nothing', async () => {
    await world.open('a', '100');
    await world.place('a');
    world.start();
    await world.listening();
    world.tick(world.real, BTC, '1000');
    await world.until('a', 'DayStarted');
    world.tick(world.real, BTC, '0');
    await world.settledDown();
    expect(await typesOf('a')).not.toContain('BreakerTripped');
    expect(world.troubles).toEqual([expect.stringContaining('price')]);
  });
});

describe('a price that takes an account past its limit', () => {
  it('fills no buy that it also reaches: the trip comes first', async () => {
    await world.open('a', '100');
    const orderId = await world.place('a', { price: '950' });
    await world.place('a');
    world.start();
    await world.listening();
    world.tick(world.real, BTC, '1000');
    await world.until('a', 'DayStarted');
    await world.settledDown();
    world.tick(world.real, BTC, '800');
    await world.until('a', 'BreakerTripped');
    await world.settledDown();
    const ofIt = (await world.recorded('a')).filter(({ data }) => (data as { orderId?: string }).orderId === orderId);
    expect(ofIt.map(({ type }) => type)).toEqual(['OrderPlaced', 'OrderAccepted', 'OrderCancelled']);
  });
});

describe('a day', () => {
  it('does not start at the prices of now because a venue could not be asked for the pair of a coin', async () => {
    const yesterday = new Date(Date.now() - 86_400_000).toISOString();
    world.now = () => yesterday;
    await world.open('a');
    await world.place('a');
    // Its order lets prices of BTC come, also where nobody knows which pair values it.
    await world.place('a', { price: '1' });
    world.real.resolve = async () => Promise.reject(new VenueUnavailable('not now'));
    world.start();
    await world.listening();
    world.tick(world.real, BTC, '1000');
    await eventually('a question for midnight', () =>
      world.troubles.some((trouble) => trouble.includes('price at midnight')) ? true : null,
    );
    const days = (await world.recorded('a')).filter(({ type }) => type === 'DayStarted');
    expect(days.map(({ data }) => (data as { day: string }).day)).not.toContain(new Date().toISOString().slice(0, 10));
  });
});

/** The log as an engine sees it that counts what it reads, and whose streams are read late, or not for so many times. */
function watched(events: EventStore) {
  const seen = { reads: 0, failing: 0, waits: Promise.resolve() };
  const store: EventStore = Object.assign(Object.create(events) as EventStore, {
    readStream: async (...args: Parameters<EventStore['readStream']>) => {
      seen.reads += 1;
      await seen.waits;
      if (seen.failing === 0) return events.readStream(...args);
      seen.failing -= 1;
      throw new StoreUnavailable('not now');
    },
  });
  return { seen, store };
}

describe('the log', () => {
  it('loses no order while a store is away', async () => {
    const { seen, store } = watched(world.events);
    world.start({ events: store });
    await world.listening();
    await world.settledDown();
    const held = Promise.withResolvers<void>();
    seen.waits = held.promise;
    const before = seen.reads;
    await world.place(await world.open('b'));
    await eventually('a look at what is held', () => (seen.reads > before ? true : null));
    // What comes meanwhile comes as one: something is held, which has to be looked up, then an order rests.
    await world.place(await world.open('a'));
    await world.place('a', { price: '100' });
    seen.failing = 2;
    held.resolve();
    await world.settledDown();
    world.tick(world.real, BTC, '99');
    await world.settledDown();
    const fills = (await world.recorded('a')).filter(({ type }) => type === 'OrderFilled');
    expect(fills).toHaveLength(2);
    expect(seen.failing).toBe(0);
  });

  it('is read once where there are no views, however often an account has bought and sold', async () => {
    await world.open('a');
    for (let n = 0; n < 50; n += 1) {
      await world.place('a');
      await world.place('a', { side: 'sell' });
    }
    const { seen, store } = watched(world.events);
    world.start({ events: store });
    await world.listening();
    expect(seen.reads).toBeLessThanOrEqual(2);
  });
});

describe('the views', () => {
  it('are read page by page, and between two pages others have their turn: the lease must be renewed', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await world.open(name);
      for (let n = 0; n < 201; n += 1) await world.place(name, { price: '100', quantity: '0.01' });
    }
    await world.project();
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 0);
    const seen: number[] = [];
    const views: ViewStore = Object.assign(Object.create(world.views) as ViewStore, {
      find: async (...args: Parameters<ViewStore['find']>) => {
        const found = await world.views.find(...args);
        // As long as a page takes: a timer is due by then.
        const until = performance.now() + 5;
        while (performance.now() < until);
        seen.push(turns);
        return found;
      },
    });
    world.start({ views });
    await world.listening();
    clearInterval(counting);
    expect(seen.length).toBeGreaterThanOrEqual(4);
    // The first turn may end before a timer is looked at.
    expect(new Set(seen).size).toBeGreaterThanOrEqual(seen.length - 1);
  });

  it('may be behind the log: what it tells beyond them counts', async () => {
    await world.open('a');
    const cancelled = await world.place('a', { price: '100' });
    const moved = await world.place('a', { price: '50' });
    const filled = await world.place('a', { price: '102' });
    await world.project();
    const at = { accountId: 'a', now: world.now() };
    await world.tell({ ...at, type: 'CancelOrder', orderId: cancelled, by: 'agent', reason: null });
    const paper = { slippage: '0', tradeId: 'm' };
    await world.tell({ ...at, type: 'ModifyOrder', orderId: moved, price: '101', terms: { paper }, marks: {} });
    const later = await world.place('a', { price: '103' });
    world.start();
    await world.listening();
    world.tick(world.real, BTC, '99');
    await world.settledDown();
    const fills = (await world.recorded('a')).filter(({ type }) => type === 'OrderFilled');
    expect(new Set(fills.map(({ data }) => (data as { orderId: string }).orderId))).toEqual(
      new Set([moved, filled, later]),
    );
  });
});
