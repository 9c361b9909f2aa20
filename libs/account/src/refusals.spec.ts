/** Each refusal of the table can be met, in the words of the table, with every `{…}` of it filled in. */
import { describe, expect, it } from '@jest/globals';
import type { AccountCommand } from './commands.ts';
import { ACCOUNT_REFUSALS, accountDecider, type AccountRefusalCode, MOST_COINS, MOST_OPEN_ORDERS } from './index.ts';
import {
  AT_VENUE,
  approve,
  cancel,
  close,
  limit,
  marks,
  modify,
  open,
  orderId,
  pause,
  place,
  reportFill,
  reportUnresolved,
  resetBreaker,
  resume,
  send,
  writeOff,
} from './testing/commands.ts';
import { fold, history } from './testing/history.ts';

const live = open({ mode: 'live', dailyLossLimit: '100', maxPositionSize: '1000' });
const venue = limit('90', { terms: AT_VENUE });
const resting = limit('90', { quantity: '2' });

/** For each code: the commands before, and the one that is refused. */
const REACHED: Readonly<Record<AccountRefusalCode, readonly [readonly AccountCommand[], AccountCommand]>> = {
  account_not_found: [[], place()],
  account_exists: [[open()], open()],
  account_closed: [[open(), close()], place()],
  not_approved: [[live], place()],
  already_decided: [[open()], approve()],
  permissions_invalid: [[], open({ permissions: [] })],
  limits_missing: [[], open({ mode: 'live' })],
  reason_missing: [[open()], pause({ reason: '' })],
  paused: [[open(), pause()], place()],
  paused_by_operator: [[open(), pause({ by: 'operator' })], resume()],
  not_tripped: [[open()], resetBreaker()],
  holding_not_found: [[open()], writeOff()],
  orders_open: [[open(), place(), limit('200', { orderId: orderId(2), side: 'sell' })], writeOff()],
  number_invalid: [[open()], place({ quantity: '0' })],
  price_missing: [[open()], place({ orderType: 'limit' })],
  price_unwanted: [[open()], place({ price: '1' })],
  order_exists: [[open(), resting], resting],
  order_not_found: [[open()], cancel()],
  order_finished: [[open(), place()], cancel()],
  order_unresolved: [[open(), venue, send(), reportUnresolved()], cancel()],
  not_modifiable: [[open(), venue], modify({ price: '80' })],
  nothing_to_modify: [[open(), resting], modify()],
  below_filled: [[open(), resting, reportFill({ price: '90' })], modify({ quantity: '1' })],
  above_remaining: [[open(), venue, send()], reportFill({ tradeId: 'operator-1', quantity: '2' })],
  insufficient_balance: [[open()], place({ quantity: '1000' })],
  insufficient_holdings: [[open()], place({ side: 'sell' })],
  quote_unavailable: [[open()], place({ marks: {} })],
  daily_loss: [[open({ dailyLossLimit: '50' }), place()], place({ orderId: orderId(2), marks: marks({ BTC: '1' }) })],
  position_cap: [[open({ maxPositionSize: '50' })], place()],
  other_broker: [[open(), place()], place({ orderId: orderId(2), side: 'sell', terms: AT_VENUE })],
  other_prices: [
    [open(), place()],
    place({ orderId: orderId(2), side: 'sell', terms: { ...place().terms, simulated: !place().terms.simulated } }),
  ],
  too_many_orders: [
    [
      open(),
      ...Array.from({ length: MOST_OPEN_ORDERS }, (_, at) => limit('1', { orderId: orderId(at + 2), quantity: '0.1' })),
    ],
    limit('1'),
  ],
  too_many_coins: [
    [
      open(),
      ...Array.from({ length: MOST_COINS }, (_, at) =>
        limit('1', { orderId: orderId(at + 2), symbol: `C${at}`, quantity: '0.1' }),
      ),
    ],
    limit('1'),
  ],
  sent_before: [[open(), venue, send()], send()],
  too_late: [[open(), venue], send({ now: '2026-11-21T11:00:00.000Z' })],
  on_paper: [[open(), resting], send()],
  not_sent: [[open(), venue], reportUnresolved()],
};

describe('every refusal', () => {
  it.each(Object.entries(REACHED))('%s can be met', (code, [before, command]) => {
    const decision = accountDecider.decide(command, fold(history(...before)));
    const { kind, message } = ACCOUNT_REFUSALS[code as AccountRefusalCode];
    const [start] = message.split('{') as [string];
    expect(decision).toEqual({
      refused: expect.objectContaining({ code, kind, message: expect.stringContaining(start) }),
    });
    expect('refused' in decision && decision.refused.message).not.toMatch(/[{}]/);
  });
});
