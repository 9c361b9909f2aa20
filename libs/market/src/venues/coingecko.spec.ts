import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VenueUnavailable } from '../venue.ts';
import { type CoinGecko, createCoinGecko, readCoin } from './coingecko.ts';
import { createTestClock, json, startVenue, type TestClock, type TestVenue } from './testing/http-server.ts';

const BITCOIN = { usd: 64123.5, last_updated_at: 1_780_000_000 };

let server: TestVenue;
let clock: TestClock;
let coins: CoinGecko;

beforeEach(async () => {
  server = await startVenue(json({ bitcoin: BITCOIN, ethereum: { usd: 3000, last_updated_at: 1_780_000_001 } }));
  clock = createTestClock();
  coins = createCoinGecko({ baseUrl: server.url, demoKey: 'demo', clock, timeoutMs: 20_000 });
});

afterEach(async () => {
  await coins.close();
  await server.stop();
});

const path = (ids: string) => `/simple/price?ids=${ids}&vs_currencies=usd&include_last_updated_at=true`;

it('tells prices in one call, and leaves out what is unknown or no id', async () => {
  const prices = await coins.prices(['bitcoin', 'ethereum', 'bitcoin', 'nocoin', 'a&b=c', 'Bitcoin']);
  expect([...prices]).toEqual([
    ['bitcoin', { usd: '64123.5', at: 1_780_000_000_000 }],
    ['ethereum', { usd: '3000', at: 1_780_000_001_000 }],
  ]);
  expect(server.asked).toEqual([path('bitcoin,ethereum,nocoin')]);
  expect(server.requests[0]?.headers['x-cg-demo-api-key']).toBe('demo');
});

it('remembers each coin for a minute, the unknown too, and shares what is under way', async () => {
  await Promise.all([coins.prices(['bitcoin', 'nocoin']), coins.prices(['bitcoin']), coins.prices(['nocoin'])]);
  expect(server.asked).toEqual([path('bitcoin,nocoin')]);
  clock.advance(59_999);
  await coins.prices(['bitcoin', 'ethereum']);
  clock.advance(1);
  await coins.prices(['bitcoin', 'ethereum']);
  expect(server.asked.slice(1)).toEqual([path('ethereum'), path('bitcoin')]);
});

it('sends no key where there is none', async () => {
  await coins.close();
  coins = createCoinGecko({ baseUrl: server.url, clock });
  await coins.prices(['bitcoin']);
  expect(server.requests[0]?.headers['x-cg-demo-api-key']).toBeUndefined();
});

it('tells that it can not be asked, and asks again for the next caller', async () => {
  server.reply = json({}, 403);
  await expect(coins.prices(['bitcoin'])).rejects.toThrow(new VenueUnavailable('coingecko: status 403'));
  server.reply = json({ bitcoin: BITCOIN });
  expect((await coins.prices(['bitcoin'])).size).toBe(1);
});

describe('a price', () => {
  it.each([
    [
      { usd: 1e-8, last_updated_at: 1 },
      { usd: '0.00000001', at: 1_000 },
    ],
    [
      { usd: '0.123456789012345678', last_updated_at: 1 },
      { usd: '0.123456789012345678', at: 1_000 },
    ],
    [{ usd: null, last_updated_at: 1 }, null],
    [{}, null],
    [null, null],
  ])('%j is %j', (coin, price) => {
    expect(readCoin({ bitcoin: coin }, 'bitcoin')).toEqual(price);
  });

  it.each([
    [5, 'must be an object'],
    [{ usd: -1, last_updated_at: 1 }, 'usd must be a decimal from 0 up'],
    [{ usd: 1e30, last_updated_at: 1 }, 'usd must be a decimal from 0 up'],
    [{ usd: 'x', last_updated_at: 1 }, 'usd must be a decimal from 0 up'],
    [{ usd: 1 }, 'last_updated_at must be seconds since 1970'],
    [{ usd: 1, last_updated_at: '1' }, 'last_updated_at must be seconds since 1970'],
    [{ usd: 1, last_updated_at: 1.5 }, 'last_updated_at must be seconds since 1970'],
  ])('%j is not understood', (coin, what) => {
    expect(() => readCoin({ bitcoin: coin }, 'bitcoin')).toThrow(
      new VenueUnavailable(`coingecko: price of bitcoin: ${what}`),
    );
  });

  it('is read or refused, whatever the answer', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (coin, usd, time) => {
        for (const answer of [coin, { usd, last_updated_at: time }, { usd: 1, last_updated_at: time }])
          try {
            readCoin({ bitcoin: answer }, 'bitcoin');
          } catch (error) {
            expect(error).toBeInstanceOf(VenueUnavailable);
          }
      }),
    );
  });
});
