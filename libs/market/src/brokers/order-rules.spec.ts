import { describe, expect, it } from '@jest/globals';
import Big from 'big.js';
import fc from 'fast-check';
import type { OrderRequest, PairRules } from '../broker.ts';
import { denialOf, fittingPrice, fittingQuantity } from './order-rules.ts';

const RULES: PairRules = {
  pair: 'BTC/USDT',
  base: 'BTC',
  quote: 'USDT',
  quantityStep: '0.001',
  priceStep: '0.05',
  leastQuantity: '0.002',
  mostQuantity: '100',
  mostMarketQuantity: '50',
  leastPrice: '1',
  mostPrice: '100000',
  leastCost: '10',
  mostCost: '1000000',
};
const NO_RULES = Object.fromEntries(Object.keys(RULES).map((name) => [name, null])) as unknown as PairRules;
const order = (more: Partial<OrderRequest> = {}): OrderRequest => ({
  clientOrderId: 'f'.repeat(32),
  pair: 'BTC/USDT',
  side: 'buy',
  type: 'limit',
  quantity: '1',
  price: '50000',
  sendBy: 0,
  ...more,
});

describe('what fits a step', () => {
  it('is never more than asked, and on the safe side of the price', () => {
    const amount = fc.tuple(fc.integer({ min: 1, max: 10 ** 9 }), fc.integer({ min: 0, max: 10 }));
    const decimal = amount.map(([digits, places]) => new Big(digits).div(new Big(10).pow(places)).toFixed());
    fc.assert(
      fc.property(decimal, decimal, (value, step) => {
        const quantity = new Big(fittingQuantity(value, step));
        expect(quantity.lte(value) && quantity.plus(step).gt(value)).toBe(true);
        const [buy, sell] = [new Big(fittingPrice(value, step, 'buy')), new Big(fittingPrice(value, step, 'sell'))];
        expect(buy.lte(value) && sell.gte(value) && sell.minus(step).lt(value)).toBe(true);
        for (const one of [quantity, buy, sell]) expect(one.mod(step).eq(0)).toBe(true);
      }),
    );
  });

  it.each([
    ['0.7', '0.001', '0.7'],
    ['2.1', '0.001', '2.1'],
    ['0.0999', '0.001', '0.099'],
    ['7', '5', '5'],
    ['0.3', '0.25', '0.25'],
  ])('%s in steps of %s: %s', (value, step, fits) => expect(fittingQuantity(value, step)).toBe(fits));
});

describe('an order that breaks no rule', () => {
  it.each([
    order(),
    order({ type: 'market', price: null, quantity: '50' }),
    order({ quantity: '0.002', price: '5000' }),
    order({ quantity: '10', price: '100000' }),
  ])('is not denied: %j', (one) => expect(denialOf(one, RULES)).toBeNull());

  it('is not denied by rules that a venue does not name, or names as 0', () => {
    expect(denialOf(order({ quantity: '0.000000001', price: '0.00000001' }), NO_RULES)).toBeNull();
    expect(denialOf(order(), { ...RULES, mostQuantity: '0', mostCost: '0' })).toBeNull();
  });
});

describe('an order that breaks a rule', () => {
  it.each<[Partial<OrderRequest>, string, string]>([
    [{ quantity: '1.0001' }, 'denied_precision', 'quantity: BTC/USDT goes in steps of 0.001: 1.0001 is none, 1 is'],
    [{ price: '50000.01' }, 'denied_precision', '50000.01 is none, 50000 is'],
    [{ price: '50000.01', side: 'sell' }, 'denied_precision', '50000.01 is none, 50000.05 is'],
    [{ quantity: '0.001' }, 'denied_limits', 'quantity: 0.001 is below 0.002'],
    [{ quantity: '101', price: '1' }, 'denied_limits', 'quantity: 101 is above 100'],
    [{ type: 'market', price: null, quantity: '51' }, 'denied_limits', 'quantity: 51 is above 50'],
    [{ price: '0.95' }, 'denied_limits', 'price: 0.95 is below 1'],
    [{ price: '100000.05' }, 'denied_limits', 'price: 100000.05 is above 100000'],
    [{ quantity: '0.002', price: '1000' }, 'denied_limits', 'value: 2 is below 10'],
    [{ quantity: '100', price: '50000' }, 'denied_limits', 'value: 5000000 is above 1000000'],
    [{ quantity: '-1' }, 'denied_order', 'quantity'],
    [{ quantity: 'NaN' }, 'denied_order', 'quantity'],
    [{ quantity: `1.${'0'.repeat(40)}` }, 'denied_order', 'quantity'],
    [{ price: '0' }, 'denied_order', 'price'],
    [{ price: null }, 'denied_order', 'price'],
    [{ type: 'market' }, 'denied_order', 'price'],
  ])('%j is denied: %s', (more, code, reason) => {
    expect(denialOf(order(more), RULES)).toEqual({ code, reason: expect.stringContaining(reason) });
  });
});
