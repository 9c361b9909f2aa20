import { describe, expect, it } from '@jest/globals';
import * as ccxt from 'ccxt';
import { isMissing, proofOf } from './ccxt-trading-errors.ts';

type Named = Readonly<Record<string, unknown>>;
const errors = Object.entries(ccxt as Named).filter(
  (entry): entry is [string, new (text: string) => Error] =>
    typeof entry[1] === 'function' && entry[1].prototype instanceof ccxt.BaseError,
);
const proven = (name: string, text = 'no'): string | null =>
  proofOf(new (Object.fromEntries(errors)[name]!)(text)).code;

describe('what an error proves of an order that was sent', () => {
  it.each([
    ['InsufficientFunds', 'insufficient_funds'],
    ['BadSymbol', 'unknown_pair'],
    ['ArgumentsRequired', 'bad_request'],
    ['NotSupported', 'not_supported'],
    ['AuthenticationError', 'not_permitted'],
    ['PermissionDenied', 'not_permitted'],
    ['AccountNotEnabled', 'not_permitted'],
    ['AccountSuspended', 'not_permitted'],
    ['OrderImmediatelyFillable', 'would_trade_at_once'],
    ['OrderNotFillable', 'not_fillable'],
    ['RateLimitExceeded', 'rate_limited'],
    ['InvalidNonce', 'clock_differs'],
    ['ChecksumError', 'clock_differs'],
    ['InvalidOrder', 'invalid_order'],
    ['ContractUnavailable', 'invalid_order'],
    ['BadRequest', 'bad_request'],
    ['OperationRejected', 'refused'],
    ['MarketClosed', 'refused'],
    ['RestrictedLocation', 'refused'],
    ['ManualInteractionNeeded', 'refused'],
    ['NoChange', 'refused'],
    ['MarginModeAlreadySet', 'refused'],
  ])('%s: %s', (name, code) => expect(proven(name)).toBe(code));

  it('is nothing for every other class of ccxt', () => {
    const unproven = errors.map(([name]) => name).filter((name) => proven(name) === null);
    expect(unproven.sort()).toEqual([
      'AddressPending',
      'BadResponse',
      'CancelPending',
      'DDoSProtection',
      'DuplicateOrderId',
      'ExchangeClosedByUser',
      'ExchangeError',
      'ExchangeNotAvailable',
      'InvalidAddress',
      'InvalidProxySettings',
      'NetworkError',
      'NullResponse',
      'OnMaintenance',
      'OperationFailed',
      'OrderNotCached',
      'OrderNotFound',
      'RequestTimeout',
      'UnsubscribeError',
    ]);
  });

  it('is nothing for what is no error of ccxt', () => {
    for (const error of [new Error('x'), new TypeError('x'), 'x', null, undefined])
      expect(proofOf(error)).toEqual({ code: null });
  });

  it.each([
    'binance {"code":-2010,"msg":"Duplicate order sent."}',
    'okx {"code":"1","data":[{"sCode":"51016","sMsg":"Client order ID already exists"}]}',
    'bybit {"retCode":110072,"retMsg":"OrderLinkedID is duplicate"}',
    'bybit {"retCode":170141,"retMsg":"Duplicate clientOrderId"}',
    'gate {"label":"ORDER_EXISTS","message":"order exists"}',
    'kucoin {"msg":"clientOid already used"}',
    'the client order id exists',
  ])('is not that the order is not there: %s', (text) => {
    for (const name of ['InvalidOrder', 'BadRequest', 'OperationRejected']) expect(proven(name, text)).toBeNull();
  });

  it('is a refusal where no duplicate is spoken of', () => {
    for (const text of ['Filter failure: PERCENT_PRICE', 'price is not valid', 'order would immediately match'])
      expect(proven('InvalidOrder', text)).toBe('invalid_order');
  });
});

it('an order that is not found is told from a venue that can not be asked', () => {
  expect(isMissing(new ccxt.OrderNotFound('x'))).toBe(true);
  for (const error of [new ccxt.InvalidOrder('x'), new ccxt.NetworkError('x'), new Error('x')])
    expect(isMissing(error)).toBe(false);
});
