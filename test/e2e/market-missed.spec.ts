/** Prices that came while nobody looked, and prices that are none. The market role on a venue of the test's own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Price } from '#libs/market';
import { FollowedMarket } from '../support/followed-market.ts';
import { eventually } from '../support/prices.ts';

const BTC = 'BTC/USDT';

let market: FollowedMarket;

beforeEach(() => {
  market = new FollowedMarket();
});
afterEach(() => market.stop());

/** A signal that was matched at 100 while somebody looked. */
async function matched(changes: Parameters<FollowedMarket['create']>[0] = {}): Promise<string> {
  market.start();
  await market.listening();
  const id = await market.create(changes);
  await market.tick(BTC, '100');
  await market.until(id, 'SignalMatched');
  return id;
}

const told = async (id: string) => (await market.steps(id)).map(({ type, price, late }) => ({ type, price, late }));

const MATCHED = { type: 'SignalMatched', price: '100', late: false };

describe('prices that were missed', () => {
  it('are judged at the next start, and their steps say so', async () => {
    const id = await matched({ targets: ['110', '200'] });
    await market.stop();
    const missed = await market.tick(BTC, '112');
    await market.tick(BTC, '105');
    market.start();
    await market.listening();
    const stopped = await market.tick(BTC, '49');
    expect((await market.until(id, 'SignalSettled')).slice(1)).toEqual([
      { type: 'TakeProfitHit', price: '110', at: missed, late: true },
      { type: 'StopHit', price: '49', at: stopped, late: false },
      { type: 'SignalSettled', price: null, at: stopped, late: false },
    ]);
    expect(market.news).toContainEqual(expect.objectContaining({ news: 'missed', what: 'ccxt:binance BTC/USDT' }));
  });

  it('are judged also where the role was killed before it had kept how far it was', async () => {
    market.start();
    await market.listening();
    const id = await market.create({ entry: { max: '90' } });
    // Above the entry, which so becomes a resting order: it fills at its own price.
    await market.tick(BTC, '100');
    await market.settledDown('100');
    await market.stop({ killed: true });
    await market.tick(BTC, '80');
    await market.tick(BTC, '100');
    market.start();
    expect((await market.until(id, 'SignalMatched'))[0]).toMatchObject({ price: '90', late: true });
  });

  it('are judged for a signal that came while nobody looked, from its receipt on', async () => {
    const first = await matched();
    await market.stop();
    await market.tick(BTC, '90');
    const id = await market.create({ entry: { max: '95' } });
    await market.tick(BTC, '94');
    market.start();
    expect(await market.until(id, 'SignalMatched')).toMatchObject([{ price: '94', late: true }]);
    expect(await told(first)).toEqual([MATCHED]);
  });

  it('meet each call from its own moment on', async () => {
    const id = await matched({ stop: '90' });
    await market.stop();
    await market.tick(BTC, '95');
    await market.tick(BTC, '99');
    await market.call(id, { type: 'UpdatePrices', stop: '97' });
    await market.tick(BTC, '98');
    await market.call(id, { type: 'UpdatePrices', targets: { '1': '101' } });
    const hit = await market.tick(BTC, '101');
    await market.tick(BTC, '96');
    market.start();
    expect((await market.until(id, 'SignalSettled')).slice(1)).toEqual([
      { type: 'TakeProfitHit', price: '101', at: hit, late: true },
      { type: 'SignalSettled', price: null, at: hit, late: true },
    ]);
  });

  it('are judged by what was in force then, where a call is heard of before a price of before it', async () => {
    const id = await matched({ stop: '90' });
    const before = await market.later();
    await market.call(id, { type: 'UpdatePrices', stop: '80' });
    // Time enough for the call to be heard of; were it not, the price would be judged rightly all the more.
    await sleep(200);
    market.venue.add(BTC, { kind: 'tick', time: before, price: '85' });
    expect((await market.until(id, 'StopHit')).slice(1, 2)).toMatchObject([{ price: '85', at: before }]);
  });

  it('meet what was called when only a price as it comes tells its end', async () => {
    const id = await matched({ stop: '90' });
    await market.stop();
    await market.tick(BTC, '95');
    await market.tick(BTC, '99');
    await market.call(id, { type: 'UpdatePrices', stop: '97' });
    market.start();
    await market.listening();
    await market.settledDown('98');
    await market.tick(BTC, '96');
    expect((await market.until(id, 'StopHit')).slice(1, 2)).toMatchObject([{ price: '96', late: false }]);
  });

  it('close what was cancelled at the first price after the cancel', async () => {
    const id = await matched();
    await market.stop();
    await market.tick(BTC, '101');
    await market.call(id, { type: 'CancelSignal' });
    await market.tick(BTC, '103');
    await market.tick(BTC, '104');
    market.start();
    await market.until(id, 'SignalSettled');
    expect(await told(id)).toEqual([MATCHED, { type: 'SignalSettled', price: '103', late: true }]);
  });

  it('are followed by a trail: the best of them counts', async () => {
    const id = await matched({ targets: ['500'] });
    await market.call(id, { type: 'AddTrailingStop', trigger: '95', limit: '94', reference: '100' });
    await market.settledDown('100');
    await market.stop();
    await market.tick(BTC, '150');
    await market.tick(BTC, '146');
    market.start();
    await market.listening();
    await market.tick(BTC, '145');
    await market.until(id, 'SignalSettled');
    expect(await told(id)).toEqual([
      MATCHED,
      { type: 'StopHit', price: '145', late: false },
      { type: 'SignalSettled', price: null, late: false },
    ]);
  });

  it('were followed by a trail up to the last step, wherever the role was killed', async () => {
    const id = await matched({ targets: ['500'] });
    await market.call(id, { type: 'AddTrailingStop', trigger: '60', limit: '59', reference: '100' });
    await market.call(id, { type: 'AddDca', price: '95', multiplier: '1' });
    await market.settledDown('100');
    await market.stop();
    market.start();
    await market.listening();
    await market.tick(BTC, '130');
    await market.tick(BTC, '95');
    await market.until(id, 'DcaFilled');
    // Nothing was kept of the two prices; the steps of the second are durable.
    await market.stop({ killed: true });
    market.start();
    await market.listening();
    await market.tick(BTC, '89');
    await market.until(id, 'SignalSettled');
    expect((await told(id)).slice(1, 3)).toEqual([
      { type: 'DcaFilled', price: '95', late: false },
      { type: 'StopHit', price: '89', late: false },
    ]);
  });
});

describe('a venue that fails', () => {
  it('delays, and nothing is skipped', async () => {
    const id = await matched({ targets: ['110', '120'] });
    await market.stop();
    await market.tick(BTC, '112');
    await market.tick(BTC, '105');
    market.venue.fail(3);
    market.start();
    await market.listening();
    // Heard while those before it can't be had yet.
    await market.tick(BTC, '121');
    await market.until(id, 'SignalSettled');
    expect(market.venue.failures()).toBe(3);
    expect(await told(id)).toEqual([
      MATCHED,
      { type: 'TakeProfitHit', price: '110', late: true },
      { type: 'TakeProfitHit', price: '120', late: expect.any(Boolean) },
      { type: 'SignalSettled', price: null, late: expect.any(Boolean) },
    ]);
    expect(market.news).toContainEqual({
      news: 'trouble',
      what: 'ccxt:binance BTC/USDT',
      reason: 'ccxt:binance: not now',
    });
  });

  it('holds up no other instrument, and loses no price of its own beyond what can be held', async () => {
    const id = await matched({ targets: ['110', '120'] });
    const other = await market.create({
      instrument: { class: 'crypto', venue: 'binance', symbol: 'ETH/USDT', base: 'ETH', quote: 'USDT' },
    });
    await market.tick('ETH/USDT', '150');
    await market.stop();
    await market.tick(BTC, '112');
    market.venue.fail(1, BTC);
    const release = market.venue.hold();
    market.start();
    await eventually('another try', () => (market.venue.failures() === 1 ? true : null));
    release();
    const releaseAgain = market.venue.hold();
    await market.listening();
    // More than are held while the past ones are still to come.
    for (let count = 0; count < 600; count += 1) await market.tick(BTC, '105');
    await market.tick(BTC, '121');
    await market.tick('ETH/USDT', '99');
    await market.until(other, 'SignalMatched');
    expect(await told(id)).toEqual([MATCHED, { type: 'TakeProfitHit', price: '110', late: true }]);
    releaseAgain();
    await market.until(id, 'SignalSettled');
    expect((await told(id)).map(({ type, price }) => ({ type, price }))).toEqual([
      { type: 'SignalMatched', price: '100' },
      { type: 'TakeProfitHit', price: '110' },
      { type: 'TakeProfitHit', price: '120' },
      { type: 'SignalSettled', price: null },
    ]);
  });

  it('leaves no signal with a trail unfollowed', async () => {
    const id = await matched({ targets: ['500'] });
    await market.call(id, { type: 'AddTrailingStop', trigger: '95', limit: '94', reference: '100' });
    await market.tick(BTC, '110');
    await market.settledDown('110');
    await market.stop();
    market.venue.fail(2);
    market.start();
    await market.listening();
    await market.tick(BTC, '104');
    await market.until(id, 'SignalSettled');
    expect((await told(id))[1]).toMatchObject({ type: 'StopHit', price: '104' });
  });
});

describe('a price that is none', () => {
  const candle = (time: number, high: string): Price => ({
    kind: 'candle',
    time,
    interval: 60_000,
    open: '100',
    high,
    low: '99',
    close: '100',
  });

  it('decides nothing: one that goes back in time', async () => {
    const id = await matched();
    const before = Date.now() - 10_000;
    market.venue.whisper(BTC, { kind: 'tick', time: before, price: '10' });
    await market.settledDown('100');
    expect(await told(id)).toEqual([MATCHED]);
  });

  it.each([
    ['no number', (time: number): Price => ({ kind: 'tick', time, price: 'none' })],
    ['nothing', (time: number): Price => ({ kind: 'tick', time, price: '' })],
    ['below zero', (time: number): Price => ({ kind: 'tick', time, price: '-1' })],
    ['hexadecimal', (time: number): Price => ({ kind: 'tick', time, price: '0x1' })],
    ['infinite', (time: number): Price => ({ kind: 'tick', time, price: 'Infinity' })],
    ['of no time', (): Price => ({ kind: 'tick', time: Number.NaN, price: '10' })],
    ['of a time to come', (time: number): Price => ({ kind: 'tick', time: time + 86_400_000, price: '10' })],
    ['a candle whose high is below its low', (time: number): Price => candle(time, '10')],
  ])('is refused: %s, and those after it are judged', async (_what, price) => {
    const id = await matched();
    market.venue.whisper(BTC, price(await market.later()));
    await market.settledDown('100');
    expect(await told(id)).toEqual([MATCHED]);
    expect(market.news).toContainEqual(expect.objectContaining({ news: 'trouble', what: 'ccxt:binance BTC/USDT' }));
    await market.tick(BTC, '40');
    await market.until(id, 'SignalSettled');
    expect((await told(id))[1]).toEqual({ type: 'StopHit', price: '40', late: false });
  });

  it('holds up nothing where it stands in the past prices of a venue', async () => {
    const id = await matched();
    await market.stop();
    market.venue.add(BTC, { kind: 'tick', time: await market.later(), price: 'none' });
    await market.tick(BTC, '40');
    market.start();
    await eventually('the stop', async () => ((await told(id)).length > 1 ? true : null));
    expect((await told(id))[1]).toEqual({ type: 'StopHit', price: '40', late: true });
  });
});
