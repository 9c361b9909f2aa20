/** The prices of venues, streamed once for all who follow them. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Follower, PriceFeed } from '../../apps/server/src/market/feed.ts';
import { createListedVenue, type ListedVenue } from '../support/listed-venue.ts';
import { eventually } from '../support/prices.ts';

describe('a feed', () => {
  let abort: AbortController;
  let venue: ListedVenue;
  let other: ListedVenue;
  let streams: (() => ReadonlySet<string>)[];
  let feed: PriceFeed;
  let time: number;

  beforeEach(() => {
    abort = new AbortController();
    streams = [];
    time = 0;
    const listed = createListedVenue('one', false);
    venue = {
      ...listed,
      stream: (symbols, options) => {
        streams.push(symbols);
        return listed.stream(symbols, options);
      },
    };
    other = createListedVenue('other', false);
    const venues = new Map([venue, other].map((each) => [each.name, each]));
    feed = new PriceFeed({ venues, signal: abort.signal, onTrouble: () => undefined });
  });
  afterEach(() => abort.abort());

  const listening = (): Promise<true> => eventually('a stream', () => (venue.listeners() > 0 ? true : null));
  const tick = (symbol: string): void => venue.add(symbol, { kind: 'tick', time: (time += 1), price: String(time) });

  function follower(...wanted: string[]): Follower & { readonly told: string[]; readonly wanted: Set<string> } {
    const told: string[] = [];
    const set = new Set(wanted);
    return {
      told,
      wanted: set,
      symbols: () => set,
      onPrice: ({ symbol, price }) => void told.push(`${symbol} ${price.time}`),
    };
  }

  it('asks a venue once for what all want, and tells each of them what it wants', async () => {
    const [one, two] = [follower('A', 'B'), follower('B', 'C')];
    feed.follow('one', one);
    feed.follow('one', two);
    const ended = feed.run();
    await listening();
    expect([...streams[0]!()].toSorted()).toEqual(['A', 'B', 'C']);
    for (const symbol of ['A', 'B', 'C', 'D', 'B']) tick(symbol);
    await eventually('the last price', () => (two.told.length === 3 ? true : null));
    expect({ one: one.told, two: two.told }).toEqual({ one: ['A 1', 'B 2', 'B 5'], two: ['B 2', 'C 3', 'B 5'] });
    expect(streams).toHaveLength(1);
    abort.abort();
    await ended;
  });

  it('asks a venue only once somebody follows it, also where it runs by then', async () => {
    const ended = feed.run();
    expect(feed.isStreaming('one')).toBe(false);
    const one = follower('A');
    feed.follow('one', one);
    await listening();
    expect([feed.isStreaming('one'), feed.isStreaming('other'), other.listeners()]).toEqual([true, false, 0]);
    const late = follower('A', 'B');
    feed.follow('one', late);
    tick('A');
    tick('B');
    await eventually('the last price', () => (late.told.length === 2 ? true : null));
    expect(one.told).toEqual(['A 1']);
    abort.abort();
    await ended;
  });

  it('tells only what is wanted by then', async () => {
    const one = follower('A', 'B');
    feed.follow('one', one);
    const ended = feed.run();
    await listening();
    one.wanted.delete('A');
    one.wanted.add('C');
    for (const symbol of ['A', 'B', 'C']) tick(symbol);
    await eventually('the last price', () => (one.told.length === 2 ? true : null));
    expect(one.told).toEqual(['B 2', 'C 3']);
    abort.abort();
    await ended;
  });

  it('tells the next price once all are done with this one', async () => {
    const { promise, resolve: release } = Promise.withResolvers<void>();
    const slow: string[] = [];
    const quick = follower('A');
    feed.follow('one', {
      symbols: () => new Set(['A']),
      onPrice: async ({ price }) => {
        slow.push(String(price.time));
        await promise;
      },
    });
    feed.follow('one', quick);
    const ended = feed.run();
    await listening();
    tick('A');
    tick('A');
    await eventually('a price', () => (quick.told.length > 0 ? true : null));
    // Time enough for the second, were it not held back.
    await new Promise((resolve) => setImmediate(resolve));
    expect([slow, quick.told]).toEqual([['1'], ['A 1']]);
    release();
    await eventually('the next price', () => (quick.told.length === 2 ? true : null));
    abort.abort();
    await ended;
  });

  it('ends all of it where a follower fails, and says why', async () => {
    feed.follow('one', {
      symbols: () => new Set(['A']),
      onPrice: () => {
        throw new Error('of its own making');
      },
    });
    feed.follow('other', follower('A'));
    const ended = feed.run();
    ended.catch(() => undefined);
    await listening();
    tick('A');
    await expect(ended).rejects.toThrow('of its own making');
    expect(other.listeners()).toBe(0);
  });

  it('ends at once where it never had a follower', async () => {
    const ended = feed.run();
    abort.abort();
    await expect(ended).resolves.toBeUndefined();
    await expect(feed.run()).resolves.toBeUndefined();
  });

  it('refuses to follow a venue that it has not', () => {
    expect(() => feed.follow('none', follower('A'))).toThrow("venue: none is none of the feed's");
  });
});
