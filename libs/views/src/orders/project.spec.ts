import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AccountCommand, averagePrice, type ExistingAccount, findOrder } from '#libs/account';
import { documentId, foldDocument, type RecordedEvent } from '#libs/sourcing';
import { lives } from '../testing/account-arbitrary.ts';
import { ACCOUNT, at, lived, livedAll, marks, open, order, PAPER, place, VENUE } from '../testing/account-lives.ts';
import { KEPT_FILLS, type OrderDocument } from './document.ts';
import { project } from './project.ts';
import { ordersView } from './view.ts';

const documentOf = (events: readonly RecordedEvent[], n: number): OrderDocument =>
  foldDocument(ordersView, null, events, `${ACCOUNT}.${order(n)}`)!;
const named = (n: number) => ({ accountId: ACCOUNT, orderId: order(n) });

function fill(n: number, tradeId: string, quantity: string, more: object = {}): AccountCommand {
  const told = { quantity, price: '50000', fee: '1', feeCurrency: 'USDT', at: at(2) };
  return { ...named(n), ...told, type: 'ReportFill', tradeId, now: at(2), ...more } as AccountCommand;
}

const send = (n: number): AccountCommand => ({ ...named(n), type: 'SendOrder', now: at(1, 30) });
const live = place(1, { terms: VENUE, orderType: 'limit', price: '50000', quantity: '1' });

describe('the document of an order', () => {
  it('tells all of a market order on paper', () => {
    const { events } = livedAll(open(), place(7, { signalId: 'f'.repeat(32) }));
    expect(documentOf(events, 7)).toStrictEqual({
      id: `${ACCOUNT}.${order(7)}`,
      orderId: order(7),
      accountId: ACCOUNT,
      symbol: 'BTC',
      side: 'buy',
      type: 'market',
      quantity: '0.5',
      price: null,
      status: 'filled',
      filledQuantity: '0.5',
      filledValue: '25012.5',
      averagePrice: '50025',
      fee: '25.0125',
      slippage: '12.5',
      signalId: 'f'.repeat(32),
      broker: 'paper',
      pair: 'BTC/USDT',
      simulated: true,
      feeRate: '0.001',
      flags: [],
      fillCount: 1,
      fills: [
        { tradeId: 't', quantity: '0.5', price: '50025', fee: '25.0125', feeCurrency: 'USD', at: at(1, 7), flags: [] },
      ],
      by: 'agent',
      sendBy: null,
      sentAt: null,
      acceptedAt: at(1, 7),
      venueOrderId: null,
      cancelRequestedAt: null,
      cancelled: null,
      rejected: null,
      unresolved: null,
      revision: 3,
      created: '9007199254741003',
      createdAt: at(1, 7),
      updatedAt: at(1, 7),
    });
  });

  it('follows an order at a venue through its parts', () => {
    const accepted: AccountCommand = { ...named(1), type: 'ReportAccepted', venueOrderId: '4711', now: at(1, 31) };
    const asked: AccountCommand = { ...named(1), type: 'CancelOrder', by: 'agent', reason: 'enough', now: at(3) };
    const gone: AccountCommand = { ...named(1), type: 'ReportCancelled', by: 'venue', reason: null, now: at(4) };
    const life = [open(), live, send(1), accepted, fill(1, 'a', '0.25'), asked, gone, fill(1, 'b', '0.5')];
    const after = (n: number): OrderDocument => documentOf(livedAll(...life.slice(0, n)).events, 1);
    expect(after(2)).toMatchObject({ status: 'open', sentAt: null, sendBy: at(30), broker: 'ccxt:binance' });
    expect(after(3)).toMatchObject({ status: 'open', sentAt: at(1, 30), acceptedAt: null });
    expect(after(4)).toMatchObject({ status: 'open', acceptedAt: at(1, 31), venueOrderId: '4711' });
    expect(after(5)).toMatchObject({
      status: 'partially_filled',
      filledQuantity: '0.25',
      averagePrice: '50000',
      fee: '1',
    });
    expect(after(6)).toMatchObject({ status: 'partially_filled', cancelRequestedAt: at(3), cancelled: null });
    expect(after(7)).toMatchObject({ status: 'cancelled', cancelled: { by: 'venue', reason: null, at: at(4) } });
    expect(after(8)).toMatchObject({
      status: 'cancelled',
      filledQuantity: '0.75',
      flags: ['after_finish'],
      fillCount: 2,
    });
    const unsettled = life
      .map((_, n) => n + 1)
      .filter((n) => n > 1 && ordersView.fields(after(n))['unsettled'] !== null);
    expect(unsettled).toEqual([3, 4, 5, 6]);
  });

  it('tells why it was rejected, and why it is not known where it is', () => {
    const lost: AccountCommand = { ...named(1), type: 'ReportUnresolved', reason: 'no answer', now: at(2) };
    const no: AccountCommand = {
      ...named(1),
      type: 'ReportRejected',
      code: 'MIN_NOTIONAL',
      reason: 'too small',
      now: at(3),
    };
    expect(documentOf(livedAll(open(), live, send(1), lost).events, 1)).toMatchObject({
      status: 'unresolved',
      unresolved: { reason: 'no answer', at: at(2) },
    });
    expect(documentOf(livedAll(open(), live, send(1), lost, no).events, 1)).toMatchObject({
      status: 'rejected',
      unresolved: null,
      rejected: { code: 'MIN_NOTIONAL', reason: 'too small', at: at(3) },
    });
  });

  it('follows a change of price and size', () => {
    const resting = place(2, { orderType: 'limit', price: '40000' });
    const change = {
      type: 'ModifyOrder',
      price: '41000',
      quantity: '0.4',
      terms: PAPER,
      marks: marks('50000'),
    } as const;
    const { events } = livedAll(open(), resting, { ...named(2), ...change, now: at(2) });
    expect(documentOf(events, 2)).toMatchObject({ status: 'open', price: '41000', quantity: '0.4', updatedAt: at(2) });
    expect(ordersView.fields(documentOf(events, 2))).toEqual({
      account: ACCOUNT,
      status: 'open',
      symbol: 'BTC',
      signalId: null,
      orderId: order(2),
      created: 9_007_199_254_741_003n,
      open: 9_007_199_254_741_003n,
      unsettled: null,
    });
  });

  it('keeps the last fills, and counts all', () => {
    const fills = Array.from({ length: KEPT_FILLS + 3 }, (_, n) => fill(1, `t${n}`, '0.001'));
    const document = documentOf(livedAll(open(), live, send(1), ...fills).events, 1);
    expect(document).toMatchObject({ fillCount: KEPT_FILLS + 3, filledQuantity: '0.103' });
    expect(document.fills.map(({ tradeId }) => tradeId)).toEqual(
      Array.from({ length: KEPT_FILLS }, (_, n) => `t${n + 3}`),
    );
  });

  it('is made of the events of its order alone', () => {
    const { events } = livedAll(open({ dailyLossLimit: '500' }), place(1), place(2));
    expect(events.map((event) => documentId(ordersView, event)?.at(-1) ?? null)).toEqual([
      null,
      null,
      '1',
      '1',
      '1',
      '2',
      '2',
      '2',
    ]);
    expect(() => project(null, events[0]!)).toThrow('AccountOpened is about no order');
    expect(() => project(null, events[3]!)).toThrow('begins with OrderAccepted');
    expect(() => project(documentOf(events, 1), events[2]!)).toThrow('placed twice');
    expect(() => documentId(ordersView, { ...events[1]!, type: 'Invented' })).toThrow('Invented');
  });

  it('stands as the account has it, whatever happened', () => {
    fc.assert(
      fc.property(lives, (commands) => {
        const { state, events } = lived(...commands);
        const account = state as ExistingAccount;
        const ids = new Set(events.map((event) => documentId(ordersView, event)).filter((id) => id !== null));
        expect(ids.size).toBe(account.open.size + account.over.size);
        for (const id of ids) {
          const document = foldDocument(ordersView, null, events, id)!;
          const known = findOrder(account, document.orderId)!;
          expect(document).toMatchObject({
            id,
            symbol: known.symbol,
            side: known.side,
            type: known.orderType,
            quantity: known.quantity,
            price: known.price,
            status: known.status,
            filledQuantity: known.filled,
            filledValue: known.filledValue,
            averagePrice: averagePrice(known),
            fee: known.fees,
            broker: known.broker,
            pair: known.pair,
            venueOrderId: known.venueOrderId,
            signalId: known.signalId,
            fillCount: known.trades.size,
          });
          expect(document.sentAt !== null).toBe(known.sent);
          expect(document.acceptedAt !== null).toBe(known.accepted);
          expect(document.unresolved !== null).toBe(known.status === 'unresolved');
          expect(ordersView.fields(document)['open'] !== null).toBe(account.open.has(document.orderId));
          expect(JSON.parse(JSON.stringify(document))).toStrictEqual(document);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the lives that views are compared over', () => {
  it('come by every event and every flag', () => {
    const seen = new Set<string>();
    for (const commands of fc.sample(lives, { numRuns: 2_000, seed: 1 })) {
      for (const { type, data } of lived(...commands).events) {
        seen.add(type);
        for (const flag of (data as { flags?: readonly string[] }).flags ?? []) seen.add(flag);
      }
    }
    const all =
      'AccountClosed AccountOpened AccountPaused AccountResumed BreakerReset BreakerTripped DayStarted HoldingWrittenOff ' +
      'OrderAccepted OrderCancelRequested OrderCancelled OrderFilled OrderModified OrderPlaced OrderRejected OrderSent ' +
      'OrderUnresolved PermissionsChanged after_finish fee_elsewhere fee_in_base overdrawn overfill';
    expect([...seen].toSorted()).toEqual(all.split(' '));
  });
});
