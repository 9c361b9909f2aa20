/** Closing signals where a venue is configured and does not list the pair, or can't be asked. The market role alone. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VenueUnavailable } from '#libs/market';
import { FollowedMarket } from '../support/followed-market.ts';
import { eventually } from '../support/prices.ts';

const BTC = 'BTC/USDT';

let market: FollowedMarket;

beforeEach(() => {
  market = new FollowedMarket();
});
afterEach(() => market.stop());

const types = async (id: string): Promise<readonly string[]> => (await market.recorded(id)).map(({ type }) => type);
const dataOf = async (id: string, type: string): Promise<unknown> =>
  (await market.recorded(id)).find((event) => event.type === type)?.data;

const unlisted = (): void => {
  market.venue.resolve = async () => null;
};

/** A close of a signal at this price, or at none. */
const close = (closesSignalId: string, price?: string): Promise<string> =>
  market.create({
    side: 'close',
    direction: null,
    closesSignalId,
    targets: [],
    stop: null,
    entry: price === undefined ? null : { max: price, min: price },
  });

describe('a close of a pair that its venue does not list', () => {
  it('is carried out at the prices that the provider gave, and so marked', async () => {
    unlisted();
    market.start();
    await market.listening();
    const opened = await market.create();
    const closing = await close(opened, '150');
    await market.until(closing, 'SignalMatched');
    expect(await types(opened)).toEqual(['SignalCreated', 'SignalMatched', 'SignalSettled']);
    expect(await dataOf(opened, 'SignalSettled')).toMatchObject({
      by: 'closed',
      price: '150',
      closedBySignalId: closing,
      evidence: { decidedBy: 'reported', source: 'provider' },
    });
    expect(await types(closing)).toEqual(['SignalCreated', 'SignalMatched']);
  });

  it('is found again at the next start', async () => {
    unlisted();
    const opened = await market.create();
    const closing = await close(opened, '150');
    market.start();
    await market.until(closing, 'SignalMatched');
    expect(await types(opened)).toEqual(['SignalCreated', 'SignalMatched', 'SignalSettled']);
  });

  it('leaves all as it is where it gives no price', async () => {
    unlisted();
    market.start();
    await market.listening();
    const opened = await market.create();
    const closing = await close(opened);
    const other = await market.create();
    await market.until(await close(other, '150'), 'SignalMatched');
    expect([await types(opened), await types(closing)]).toEqual([['SignalCreated'], ['SignalCreated']]);
  });

  it('ends also a position that was entered when it was listed', async () => {
    market.start();
    await market.listening();
    const opened = await market.create();
    // In no history: nothing is heard of it after the start.
    await eventually('the match', async () => {
      market.venue.whisper(BTC, { kind: 'tick', time: await market.later(), price: '100' });
      return (await types(opened)).includes('SignalMatched') ? true : null;
    });
    await market.stop();
    unlisted();
    market.start();
    await market.listening();
    const closing = await close(opened, '120');
    await market.until(closing, 'SignalMatched');
    expect(await dataOf(opened, 'SignalSettled')).toMatchObject({ price: '120', result: 'win' });
  });
});

describe('a close before any price was heard', () => {
  it('calls off what was not entered, where the venue lists the pair', async () => {
    market.start();
    await market.listening();
    const opened = await market.create();
    const closing = await close(opened, '150');
    await eventually('the cancel', async () => ((await types(opened)).includes('Cancelled') ? true : null));
    expect([await types(opened), await types(closing)]).toEqual([['SignalCreated', 'Cancelled'], ['SignalCreated']]);
  });

  it('waits for a venue that can not be asked, and no price enters the signal meanwhile', async () => {
    const { resolve } = market.venue;
    market.venue.resolve = async () => {
      throw new VenueUnavailable('not now');
    };
    market.start();
    await market.listening();
    const opened = await market.create();
    await close(opened, '150');
    // Heard of, as is all before it.
    await eventually('trouble', () => (market.news.filter(({ news }) => news === 'trouble').length > 1 ? true : null));
    const probe = await market.create();
    await market.tick(BTC, '100');
    await market.until(probe, 'SignalMatched');
    expect(await types(opened)).not.toContain('SignalMatched');
    market.venue.resolve = resolve;
    await eventually('the cancel', async () => ((await types(opened)).includes('Cancelled') ? true : null));
    expect(await types(opened)).toEqual(['SignalCreated', 'Cancelled']);
  });
});

it('a close that was killed before it was carried out is carried out at the next start', async () => {
  unlisted();
  const opened = await market.create();
  const closing = await close(opened, '150');
  const { handle } = market;
  const at = new Date().toISOString();
  const metadata = {
    commandId: '018f0000-0000-7000-8000-000000000001',
    requestId: '',
    dialect: 'market',
    actor: 'market',
    keyId: null,
    receivedAt: at,
    schemaVersion: 1,
  } as const;
  const channelId = (await market.recorded(opened))[0]!.channelId!;
  const outcome = await handle(
    {
      type: 'ReportClose',
      signalId: opened,
      channelId,
      now: at,
      price: '150',
      closedBySignalId: closing,
      at,
      evidence: { decidedBy: 'reported', source: 'provider', hash: '0'.repeat(64) },
    },
    metadata,
  );
  expect(outcome).toMatchObject({ done: true });
  market.start();
  await market.until(closing, 'SignalMatched');
  expect(await types(opened)).toEqual(['SignalCreated', 'SignalMatched', 'SignalSettled']);
});
