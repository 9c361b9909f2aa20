import { describe, expect, test } from '@jest/globals';
import { SANDBOX_MARKETS } from './sandbox-markets.ts';
import { createMarketTable, parseMarkets } from './table.ts';

const entry = { exchange: 'kalshi', market: 'KX-1', name: 'One', yes_price: '0.45' };

describe('a table of markets', () => {
  const [market] = parseMarkets([entry]);

  test('finds by market and by exact name, on the exchange asked for', async () => {
    const table = createMarketTable([market!]);
    const found = { market: 'KX-1', price: null };
    expect(await table.find('kalshi', 'KX-1', null)).toEqual(found);
    expect(await table.find('kalshi', 'One', null)).toEqual(found);
    for (const text of ['kx-1', 'one', ' One', '', 'constructor'])
      expect(await table.find('kalshi', text, 'yes')).toBeNull();
    expect(await table.find('polymarket', 'KX-1', null)).toBeNull();
  });

  test('tells what a side costs', async () => {
    const table = createMarketTable([market!]);
    expect(await table.find('kalshi', 'KX-1', 'yes')).toEqual({ market: 'KX-1', price: '0.45' });
    expect(await table.find('kalshi', 'KX-1', 'no')).toEqual({ market: 'KX-1', price: '0.55' });
  });

  test('finds a conditionId in either case', async () => {
    const polymarket = SANDBOX_MARKETS.find(({ exchange }) => exchange === 'polymarket')!;
    const table = createMarketTable(SANDBOX_MARKETS);
    const shouted = `0x${polymarket.market.slice(2).toUpperCase()}`;
    expect(await table.find('polymarket', shouted, null)).toEqual({ market: polymarket.market, price: null });
  });

  test('that ships could have been read from a file', () => {
    const file = SANDBOX_MARKETS.map(({ yesPrice, ...rest }) => ({ ...rest, yes_price: yesPrice }));
    expect(parseMarkets(file)).toEqual(SANDBOX_MARKETS);
  });

  test('takes prices as numbers too', () => {
    expect(parseMarkets([{ ...entry, yes_price: 0.5 }])[0]!.yesPrice).toBe('0.5');
  });

  test.each([
    [{}, /JSON array/],
    [[null], /entry 0: must be an object/],
    [[{ ...entry, exchange: 'KALSHI' }], /entry 0: exchange/],
    [[{ ...entry, market: ' ' }], /entry 0: market/],
    [[{ ...entry, name: 1 }], /entry 0: name/],
    ...['0', '1', '1.5', '-0.5', 'x', '0.0', '.5', 0, 1, 1e-9, null].map(
      (price) => [[{ ...entry, yes_price: price }], /entry 0: yes_price/] as const,
    ),
    [[entry, { ...entry, market: 'KX-2' }], /entry 1: .*twice/],
    [[entry, { ...entry, name: 'Two' }], /entry 1: .*twice/],
  ] as const)('refuses %j', (json, message) => {
    expect(() => parseMarkets(json)).toThrow(message);
  });
});
