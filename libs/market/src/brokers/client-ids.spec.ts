import { describe, expect, it } from '@jest/globals';
import { clientIdWays, fenceOf, isReadByPost } from './client-ids.ts';

const ID = '0123456789abcdef0123456789abcdef';

describe('a client order id', () => {
  it.each([
    ['binance', { clientOrderId: ID }, 'order', 'params'],
    ['bybit', { clientOrderId: ID }, 'lists', 'params'],
    ['kraken', { clientOrderId: ID }, 'lists', 'params'],
    ['cryptocom', { client_oid: ID }, 'order', 'params'],
    ['coinbase', { client_order_id: ID }, 'none', 'none'],
    ['a venue that was never measured', { clientOrderId: ID }, 'none', 'none'],
  ])('goes to %s as %j', (exchange, create, find, cancel) => {
    expect(clientIdWays(exchange, ID)).toMatchObject({ id: ID, create, find: { way: find }, cancel: { way: cancel } });
  });

  it('is asked for by the name that the exchange itself uses', () => {
    expect(clientIdWays('bybit', ID).find).toMatchObject({ params: { orderLinkId: ID } });
    expect(clientIdWays('bitstamp', ID).cancel).toMatchObject({ params: { client_order_id: ID } });
    expect(clientIdWays('upbit', ID).find).toMatchObject({ params: { identifier: ID } });
  });

  it('is cut to what Gate takes, and cancelled by it there', () => {
    const id = `t-${ID.slice(4)}`;
    expect(clientIdWays('gate', ID)).toMatchObject({ id, create: { clientOrderId: id }, cancel: { way: 'id', id } });
    expect(id).toHaveLength(30);
  });

  it('has an end of its journey only where the exchange promises one', () => {
    expect([fenceOf('binance'), fenceOf('bybit'), fenceOf('kraken')]).toEqual([5_000, 5_000, null]);
  });
});

it('reads by POST are named for the exchanges that have no others', () => {
  expect(['kraken', 'bitstamp', 'cryptocom', 'gemini', 'whitebit', 'bitfinex'].every(isReadByPost)).toBe(true);
  expect(['binance', 'bybit', 'okx', 'gate', 'coinbase'].some(isReadByPost)).toBe(false);
});
