/** What an order tells of a cancel that a venue was asked for: nothing before, and nothing once the order is over. */
import { describe, expect, it } from '@jest/globals';
import type { AccountCommand } from '#libs/account';
import { foldDocument } from '#libs/sourcing';
import { ordersView } from '#libs/views';
import {
  ACCOUNT,
  at,
  livedAll,
  open,
  order,
  place,
  VENUE,
} from '../../../../../libs/views/src/testing/account-lives.ts';
import { renderOrder } from './order-view.ts';

const named = { accountId: ACCOUNT, orderId: order(1) };
const placed = place(1, { terms: VENUE, orderType: 'limit', price: '50000', quantity: '1' });
const sent: AccountCommand = { ...named, type: 'SendOrder', now: at(1, 30) };
const asked: AccountCommand = { ...named, type: 'CancelOrder', by: 'agent', reason: null, now: at(2) };
const lost: AccountCommand = { ...named, type: 'ReportUnresolved', reason: 'no answer', now: at(3) };
const gone: AccountCommand = { ...named, type: 'ReportCancelled', by: 'agent', reason: null, now: at(3) };
const refused: AccountCommand = { ...named, type: 'ReportRejected', code: 'NO', reason: 'no', now: at(3) };

function fill(quantity: string): AccountCommand {
  const told = { quantity, price: '50000', fee: '1', feeCurrency: 'USDT', at: at(3) };
  return { ...named, ...told, type: 'ReportFill', tradeId: quantity, now: at(3) };
}

/** The order at the venue after what happened to it, as an agent is shown it. */
function shown(...happened: readonly AccountCommand[]): Record<string, unknown> {
  const { events } = livedAll(open(), placed, sent, ...happened);
  return renderOrder(foldDocument(ordersView, null, events, `${ACCOUNT}.${order(1)}`)!) as Record<string, unknown>;
}

describe('an order at a venue', () => {
  it.each([
    ['open', []],
    ['partially_filled', [fill('0.25')]],
    ['unresolved', [lost]],
  ] as const)('that is %s tells that its cancel was asked for, once it was', (status, happened) => {
    expect(shown(...happened)).toMatchObject({ status });
    expect(shown(...happened)).not.toHaveProperty('cancelRequested');
    expect(shown(asked, ...happened)).toMatchObject({ status, cancelRequested: true });
  });

  it.each([
    ['cancelled', gone],
    ['filled', fill('1')],
    ['rejected', refused],
  ] as const)('that is %s tells of no cancel any more', (status, ended) => {
    expect(shown(asked, ended)).toMatchObject({ status });
    expect(shown(asked, ended)).not.toHaveProperty('cancelRequested');
  });
});
