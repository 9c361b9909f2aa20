import { beforeEach, describe, expect, it } from '@jest/globals';
import { type AccountCommand, type CloseAll } from '#libs/account';
import { buildView, type IdempotencyKey, type View, type ViewStore } from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { ordersView } from '#libs/views';
import { type FaultyEventStore, withFaults } from '../../../../libs/sourcing/src/testing/faulty-event-store.ts';
import {
  ACCOUNT,
  at,
  marks,
  open,
  order,
  PAPER,
  place,
  VENUE,
} from '../../../../libs/views/src/testing/account-lives.ts';
import { type Closed, closedBy, MOST_CANCELLED_TOLD } from './closed-all.ts';
import { AccountReader } from './reader.ts';
import { carriedOut, type Done } from './testing/agent-commands.ts';

const SELL = 900_000;
const KEY: IdempotencyKey = { channelId: ACCOUNT, kind: 'header', key: 'k', fingerprint: 'f' };

const named = (n: number) => ({ accountId: ACCOUNT, orderId: order(n) });
const resting = (n: number, terms = PAPER) =>
  place(n, { terms, orderType: 'limit', price: '40000', quantity: '0.0001', now: at(1) });
const closeAll = (terms = PAPER): CloseAll => ({
  type: 'CloseAll',
  accountId: ACCOUNT,
  now: at(2),
  by: 'agent',
  reason: 'enough',
  sells: { BTC: { orderId: order(SELL), terms } },
  marks: marks('50000'),
});

let events: FaultyEventStore;
let views: ViewStore;

beforeEach(async () => {
  events = withFaults(createMemoryEventStore());
  views = createMemoryViewStore();
  await did(open());
});

/** Carries commands out, one after the other; answers the last outcome. */
async function did(...commands: readonly AccountCommand[]): Promise<Done> {
  const outcomes: Done[] = [];
  for (const command of commands) outcomes.push(await handled(command));
  return outcomes.at(-1)!;
}

const handled = (command: AccountCommand, key?: IdempotencyKey): Promise<Done> => carriedOut(events, command, key);

const closed = (outcome: Done): Promise<Closed> =>
  closedBy(outcome, { events, reader: new AccountReader(events, views) });

const statusesOf = (orders: Closed['orders']) => orders.map(({ orderId, status }) => [orderId, status]);

describe('what a close-all tells', () => {
  it('is the orders that sell, and those that it cancelled, the oldest first', async () => {
    await did(place(1), resting(3), resting(2), resting(4), {
      ...named(4),
      type: 'CancelOrder',
      by: 'agent',
      reason: 'enough',
      now: at(1),
    });
    const outcome = await did(closeAll());
    const told = await closed(outcome);
    expect(statusesOf(told.orders)).toEqual([[order(SELL), 'filled']]);
    expect(statusesOf(told.cancelled)).toEqual([
      [order(2), 'cancelled'],
      [order(3), 'cancelled'],
    ]);
    expect([told.cancelledCount, told.position]).toEqual([2, outcome.position]);
  });

  it('is nothing where there was nothing to do', async () => {
    await did(resting(1));
    await did(closeAll());
    expect(await closed(await did(closeAll()))).toEqual({
      orders: [],
      cancelled: [],
      cancelledCount: 0,
      position: null,
    });
  });

  it('is at a venue also what it asked to be cancelled, and not what was asked for before', async () => {
    const send = (n: number): AccountCommand => ({ ...named(n), type: 'SendOrder', now: at(1, 30) });
    const asked: AccountCommand = { ...named(3), type: 'CancelOrder', by: 'agent', reason: 'enough', now: at(1) };
    await did(...[1, 2, 3].map((n) => resting(n, VENUE)), send(1), send(3), asked);
    const { cancelled, cancelledCount } = await closed(await did(closeAll(VENUE)));
    expect(statusesOf(cancelled)).toEqual([
      [order(1), 'open'],
      [order(2), 'cancelled'],
    ]);
    expect([cancelled[0]!.cancelRequestedAt, cancelledCount]).toEqual([at(2), 2]);
  });

  it('is told again as it is then when the close-all is repeated', async () => {
    await did(resting(1, VENUE), { ...named(1), type: 'SendOrder', now: at(1, 30) });
    const first = await handled(closeAll(VENUE), KEY);
    expect(statusesOf((await closed(first)).cancelled)).toEqual([[order(1), 'open']]);
    await did(
      { ...named(1), type: 'ReportCancelled', by: 'agent', reason: null, now: at(3) },
      place(2, { terms: VENUE }),
    );
    const { cancelled, cancelledCount, position } = await closed(await handled(closeAll(VENUE), KEY));
    expect(statusesOf(cancelled)).toEqual([[order(1), 'cancelled']]);
    expect([cancelledCount, position]).toEqual([1, first.position]);
  });

  it('names the first of many and counts all, and reads no more of the stream than it wrote', async () => {
    const many = 2 * MOST_CANCELLED_TOLD;
    await did(place(0), ...Array.from({ length: many }, (_, n) => resting(n + 1)));
    await buildView(ordersView as View, events, views, { afresh: true });
    const outcome = await did(closeAll());
    events.reads.length = 0;
    const { orders, cancelled, cancelledCount } = await closed(outcome);
    expect(cancelled.map(({ orderId }) => orderId)).toEqual(
      Array.from({ length: MOST_CANCELLED_TOLD }, (_, n) => order(n + 1)),
    );
    expect([orders.length, cancelledCount]).toEqual([1, many]);
    // The sale is placed, accepted and filled.
    const written = outcome.revision - (many + 3) + 1;
    expect(events.reads.map(({ from }) => from)).toEqual([written, written]);
  });
});
