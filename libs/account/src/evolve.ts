/** The state after one more event: O(log n) of the orders. */
import { List, Map as PersistentMap } from 'immutable';
import { sum } from './decimal.ts';
import type { AccountEvent, AccountOpened } from './events.ts';
import { accepted, cancelRequested, filled, finished, modified, placed, sent, unresolved } from './order-events.ts';
import type { AccountState, ExistingAccount } from './state.ts';

/**
 * The state after one more event.
 * @throws Error for an event that can't follow: the stream is damaged, which is never the fault of a request.
 */
export function evolve(state: AccountState, event: AccountEvent): AccountState {
  if (event.type === 'AccountOpened') {
    if (state.status !== 'none') throw new Error('an account is opened once');
    return opened(event.data);
  }
  if (state.status === 'none') throw new Error(`${event.type} before AccountOpened`);
  switch (event.type) {
    case 'AccountApproved':
      return { ...state, status: 'active' };
    case 'PermissionsChanged':
      return { ...state, permissions: event.data.permissions };
    case 'AccountPaused':
      return { ...state, paused: { by: event.data.by, reason: event.data.reason } };
    case 'AccountResumed':
      return { ...state, paused: null };
    case 'AccountClosed':
      return { ...state, status: 'closed' };
    case 'OrderPlaced':
      return placed(state, event.data);
    case 'OrderSent':
      return sent(state, event.data);
    case 'OrderAccepted':
      return accepted(state, event.data);
    case 'OrderFilled':
      return filled(state, event.data);
    case 'OrderModified':
      return modified(state, event.data);
    case 'OrderCancelRequested':
      return cancelRequested(state, event.data);
    case 'OrderCancelled':
      return finished(state, event.data, 'cancelled');
    case 'OrderRejected':
      return finished(state, event.data, 'rejected');
    case 'OrderUnresolved':
      return unresolved(state, event.data);
    case 'DayStarted':
      return { ...state, day: { day: event.data.day, baseline: event.data.equity, tripped: false } };
    case 'BreakerTripped':
      return { ...state, day: { day: event.data.day, baseline: event.data.baseline, tripped: true } };
    case 'BreakerReset':
      return { ...state, day: { day: event.data.day, baseline: event.data.baseline, tripped: false } };
    case 'HoldingWrittenOff': {
      const { symbol, realized } = event.data;
      return { ...state, holdings: state.holdings.delete(symbol), realized: sum(state.realized, realized) };
    }
    default:
      return unknownEvent(event);
  }
}

function opened(data: AccountOpened['data']): ExistingAccount {
  return {
    status: data.mode === 'live' ? 'pending' : 'active',
    accountId: data.accountId,
    mode: data.mode,
    permissions: data.permissions,
    balance: data.balance,
    dailyLossLimit: data.dailyLossLimit,
    maxPositionSize: data.maxPositionSize,
    paused: null,
    cash: data.balance,
    reservedCash: '0',
    holdings: PersistentMap(),
    realized: '0',
    fees: '0',
    open: PersistentMap(),
    buying: PersistentMap(),
    over: PersistentMap(),
    overIds: List(),
    broker: null,
    simulated: null,
    day: null,
  };
}

function unknownEvent(event: never): never {
  throw new Error(`unknown event ${(event as AccountEvent).type}`);
}
