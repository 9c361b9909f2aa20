import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCcxtVenue, createCoinGecko, createKalshi, type Venue } from '#libs/market';
import { json, routes, startVenue, type TestVenue } from '../../../libs/market/src/venues/testing/http-server.ts';
import { type LocalExchange, startExchange, ticker } from '../../../test/support/exchange.ts';
import { ask, describeQuote } from './quote.ts';
import { coinOf, referenceOf } from './reference.ts';
import { type Commands, createCommands } from './testing/commands.ts';

const MARKET = { ticker: 'KX-1', title: 'Will it?', status: 'active', result: '' };

describe('a prediction market', () => {
  let server: TestVenue;
  let kalshi: Venue;

  beforeEach(async () => {
    server = await startVenue(
      routes({ '/markets/KX-1': json({ market: { ...MARKET, yes_ask_dollars: '0.4500', no_ask_dollars: null } }) }),
    );
    kalshi = createKalshi({ baseUrl: server.url, tries: 1, timeoutMs: 20_000 });
  });

  afterEach(async () => {
    await kalshi.close();
    await server.stop();
  });

  it('is told with both its sides and how it stands', async () => {
    const told = await ask(kalshi, { symbol: 'KX-1', side: null }, null);
    expect(told).toEqual({
      venue: 'kalshi',
      simulated: false,
      symbol: 'KX-1',
      name: 'Will it?',
      quotes: [
        { side: 'yes', price: '0.45', time: expect.stringMatching(/Z$/) },
        { side: 'no', price: null, time: null },
      ],
      settlement: { state: 'waiting', reason: expect.stringContaining('"active"') },
      reference: null,
    });
    expect(describeQuote(told)).toMatch(
      /^kalshi: KX-1, Will it\?\nbuying YES: 0\.45, .*Z\nbuying NO: none now\nnot settled: /,
    );
  });

  it('is told with one side where one is asked for, and with its result', async () => {
    const settled = { status: 'finalized', result: 'yes', settlement_value_dollars: '1.0000' };
    server.reply = routes({
      '/markets/KX-1': json({ market: { ...MARKET, ...settled, settlement_ts: '2026-04-06T01:02:03Z' } }),
    });
    const told = await ask(kalshi, { symbol: 'KX-1', side: 'no' }, null);
    expect(told).toMatchObject({
      quotes: [{ side: 'no', price: null }],
      settlement: { state: 'settled', outcome: 'yes', yes_payout: '1', hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(describeQuote(told)).toContain('settled: yes, a YES pays 1, 2026-04-06T01:02:03.000Z');
  });

  it('that is not there, or can not be asked for, is a failure', async () => {
    const unknown = ask(kalshi, { symbol: 'KX-2', side: null }, null);
    server.reply = json({}, 404);
    await expect(unknown).rejects.toMatchObject({ code: 'symbol_not_found', field: 'symbol' });
    server.reply = json({}, 500);
    await expect(ask(kalshi, { symbol: 'KX-1', side: null }, null)).rejects.toMatchObject({
      code: 'venue_unavailable',
      message: 'kalshi: status 500, 1 times',
    });
  });
});

describe('a pair of an exchange', () => {
  let exchange: LocalExchange;
  let coingecko: TestVenue;
  let binance: Venue;
  let coins: ReturnType<typeof createCoinGecko>;

  beforeEach(async () => {
    exchange = await startExchange([{ id: 'BTCUSDT', base: 'BTC', quote: 'USDT' }]);
    exchange.tickers.set('BTCUSDT', ticker('BTCUSDT', '"50500.00"', Date.now()));
    coingecko = await startVenue(json({ bitcoin: { usd: 50_000, last_updated_at: 1_780_000_000 } }));
    binance = createCcxtVenue({ exchange: 'binance', baseUrl: exchange.url });
    coins = createCoinGecko({ baseUrl: coingecko.url, tries: 1, demoKey: 'CG-demo' });
  });

  afterEach(async () => {
    await binance.close();
    await coins.close();
    await coingecko.stop();
    await exchange.stop();
  });

  it('is told with the reference price and how far it is from that', async () => {
    const told = await ask(binance, { symbol: 'BTC/USDT', side: null }, coins);
    expect(told).toMatchObject({
      venue: 'ccxt:binance',
      symbol: 'BTC/USDT',
      quotes: [{ side: null, price: '50500.00' }],
      settlement: null,
      reference: { source: 'coingecko', id: 'bitcoin', usd: '50000', deviation_pct: '1.0000' },
    });
    expect(describeQuote(told)).toMatch(
      /\ncoingecko: bitcoin at 50000 USD, .*; the venue's price deviates by 1\.0000 %$/,
    );
    expect(coingecko.requests[0]!.headers['x-cg-demo-api-key']).toBe('CG-demo');
    expect(JSON.stringify(told)).not.toContain('CG-demo');
  });

  it('has no side, and without a wish for it no reference', async () => {
    const sided = ask(binance, { symbol: 'BTC/USDT', side: 'yes' }, coins);
    await expect(sided).rejects.toMatchObject({ code: 'side_invalid', field: 'side' });
    expect((await ask(binance, { symbol: 'BTC/USDT', side: null }, null)).reference).toBeNull();
    expect(coingecko.asked).toEqual([]);
  });

  it('is told also where the reference can not be had', async () => {
    coingecko.reply = json({}, 500);
    const trouble = { source: 'coingecko', id: 'bitcoin', trouble: 'coingecko: status 500, 1 times' };
    expect(await referenceOf(coins, 'BTC/USDT', '1')).toEqual(trouble);
    coingecko.reply = json({});
    expect(await referenceOf(coins, 'ETH/USDC', '1')).toMatchObject({ id: 'ethereum', trouble: 'it tells no price' });
  });
});

it.each([
  ['BTC/USDT', 'bitcoin'],
  ['btc/usd', 'bitcoin'],
  ['ETH/USDC:USDC', 'ethereum'],
  ['BTC/EUR', null],
  ['NONE/USDT', null],
  ['constructor/USDT', null],
  ['BTCUSDT', null],
])('the coin of %s is %s', (symbol, coin) => {
  expect(coinOf(symbol)).toBe(coin);
});

describe('the command', () => {
  let commands: Commands;
  let server: TestVenue;

  beforeEach(async () => {
    commands = await createCommands();
    server = await startVenue(
      routes({ '/api/markets/KX-1': json({ market: { ...MARKET, yes_ask_dollars: '0.4500' } }) }),
    );
  });

  afterEach(async () => {
    await server.stop();
    await commands.remove();
  });

  it('asks where the settings say, and needs no ledger', async () => {
    const environment = { KALSHI_URL: `${server.url}/api`, COINGECKO_API_KEY: 'CG-demo' };
    const { code, stdout, stderr } = await commands.run(
      ['quote', 'Kalshi', 'KX-1', '--side', 'yes', '--json'],
      environment,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ venue: 'kalshi', quotes: [{ side: 'yes', price: '0.45' }] });
    const wrong = await commands.run(['quote', 'kalshi', 'KX-1'], { KALSHI_URL: 'ftp://venue' });
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('KALSHI_URL="ftp://venue": must be') });
  }, 60_000);

  it('tells what is simulated, and what no venue has', async () => {
    expect(await commands.json('quote', 'simulated', 'btc/usdt')).toMatchObject({
      venue: 'simulated',
      simulated: true,
      symbol: 'BTC/USDT',
      quotes: [{ side: null }],
      reference: null,
    });
    expect(await commands.failure('quote', 'simulated', 'NONE/USDT')).toMatchObject({
      code: 1,
      error: { code: 'symbol_not_found', field: 'symbol' },
    });
    expect(await commands.failure('quote', 'nosuchexchange', 'BTC/USDT', '--no-reference')).toMatchObject({
      code: 1,
      error: { code: 'venue_unavailable', field: 'venue' },
    });
    expect(await commands.failure('quote', 'kalshi', 'KX-1', '--side', 'up')).toMatchObject({ code: 2 });
  }, 60_000);
});
