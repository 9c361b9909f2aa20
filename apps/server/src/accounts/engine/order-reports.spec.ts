import { beforeEach, describe, expect, it } from '@jest/globals';
import { createHandle, type EventStore, OutcomeUnknown } from '#libs/sourcing';
import { createMemoryEventStore } from '#libs/stores';
import { withFaults } from '../../../../../libs/sourcing/src/testing/faulty-event-store.ts';
import { handledAccount } from '../handled-account.ts';
import { liveOrderOfDocument } from './live-order.ts';
import { OrderReports } from './order-reports.ts';
import type { Report } from './reconcile.ts';
import { LiveAccount } from './testing/live-account.ts';
import { NEVER, type Tracked } from './tracked-orders.ts';

let events: EventStore;
let account: LiveAccount;
let troubles: string[];

beforeEach(async () => {
  events = createMemoryEventStore();
  account = new LiveAccount(events);
  await account.open();
  troubles = [];
});

/** Reports to the log as it is seen through this store. */
function reportsOn(store: EventStore): OrderReports {
  return new OrderReports({
    handle: createHandle(handledAccount, store),
    signal: new AbortController().signal,
    onTrouble: (_what, reason) => troubles.push(reason),
    now: Date.now,
  });
}

async function trackedOrder(): Promise<Tracked> {
  const order = liveOrderOfDocument(await account.document(await account.place()))!;
  return { order, looks: [], lookAt: NEVER, busy: false, cancelAskedAt: null, late: null, told: null };
}

const fill = (tradeId: string, quantity: string): Report => {
  const at = new Date().toISOString();
  return { type: 'ReportFill', tradeId, quantity, price: '50000', fee: '0', feeCurrency: 'USD', at };
};

describe('reports of an order', () => {
  it('written though neither the answer nor the stream came through are found as their own at the next try', async () => {
    const tracked = await trackedOrder();
    let isLost = false;
    const faulty = withFaults(events, {
      after: (_appends, nth) => {
        if (nth > 1) return;
        isLost = true;
        throw new OutcomeUnknown('the line broke');
      },
      read: () => {
        if (!isLost) return;
        isLost = false;
        throw new Error('the line is still broken');
      },
    });
    expect(await reportsOn(faulty).tell(tracked, { type: 'SendOrder' })).toBeNull();
    expect(troubles).toEqual(['the line broke']);
    expect(tracked.order).toMatchObject({ sent: true, isOver: false });
    expect(await account.history(tracked.order.orderId)).toEqual(['OrderPlaced', 'OrderSent']);
  });

  it('that end it are left where a trade before them was refused; other trades are booked', async () => {
    const reports = reportsOn(events);
    for (const end of [
      { type: 'ReportCancelled', by: 'venue', reason: null },
      { type: 'ReportRejected', code: 'rejected_by_venue', reason: 'no' },
    ] as const) {
      const tracked = await trackedOrder();
      await reports.tell(tracked, { type: 'SendOrder' });
      const accepted: Report = { type: 'ReportAccepted', venueOrderId: '7' };
      troubles = [];
      await reports.carryOut(tracked, [accepted, fill('1', '0'), fill('2', '0.004'), end]);
      expect(troubles).toEqual([expect.stringContaining('ReportFill: ')]);
      expect(tracked.order).toMatchObject({ isOver: false, filled: '0.004' });
      await reports.carryOut(tracked, [fill('1', '0.001'), end]);
      expect(tracked.order).toMatchObject({ isOver: true, filled: '0.005' });
    }
  });
});
