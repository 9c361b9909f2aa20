/** Folding the events of an account's stream into its document. Pure. */
import type { RecordedEvent } from '#libs/sourcing';
import { type AccountEvent, type AccountOpened, cashOf, feeOf, type OrderFilled, sum, upcast } from '#libs/account';
import type { AccountDocument, EquityPoint } from './document.ts';
import { EQUITY_POINTS } from './document.ts';
import { filled, keptBack } from './holdings.ts';

/** The streams of accounts: `account-<id>`. */
export const ACCOUNT_STREAM_PREFIX = 'account-';

/**
 * The document after one more event of its stream.
 * @throws Error for an event it does not know or that can't follow: the processor then parks the stream.
 */
export function project(document: AccountDocument | null, recorded: RecordedEvent): AccountDocument {
  const event = upcast(recorded.type, recorded.metadata.schemaVersion, recorded.data);
  if (event.type === 'AccountOpened') {
    if (document !== null) throw new Error(`${recorded.stream} is opened twice`);
    return opened(event.data, recorded);
  }
  if (document === null) throw new Error(`${recorded.stream} begins with ${event.type}`);
  return changed({ ...document, revision: recorded.revision, updatedAt: recorded.time }, event, recorded.time);
}

type Later = Exclude<AccountEvent, AccountOpened>;

function changed(document: AccountDocument, event: Later, at: string): AccountDocument {
  switch (event.type) {
    case 'AccountApproved':
      return { ...document, status: 'active' };
    case 'PermissionsChanged':
      return { ...document, permissions: event.data.permissions };
    case 'AccountPaused':
      return { ...document, paused: { by: event.data.by, reason: event.data.reason, at } };
    case 'AccountResumed':
      return { ...document, paused: null };
    case 'AccountClosed':
      return { ...document, status: 'closed', closed: { reason: event.data.reason, at } };
    case 'OrderPlaced': {
      const { reserved, simulated, symbol, side } = event.data;
      const after = keptBack(document, symbol, side, reserved, '0');
      return { ...after, openOrders: document.openOrders + 1, simulated: document.simulated || simulated };
    }
    case 'OrderModified': {
      const { reserved, released, symbol, side } = event.data;
      return keptBack(document, symbol, side, reserved, released);
    }
    case 'OrderFilled':
      return booked(document, event.data);
    case 'OrderCancelled':
    case 'OrderRejected': {
      const { released, symbol, side } = event.data;
      return { ...keptBack(document, symbol, side, '0', released), openOrders: document.openOrders - 1 };
    }
    case 'OrderSent':
    case 'OrderAccepted':
    case 'OrderCancelRequested':
    case 'OrderUnresolved':
      return document;
    case 'DayStarted': {
      const { day, equity } = event.data;
      const started = { ...document, day: { day, baseline: equity, tripped: false }, breaker: null };
      return judged(started, { at, equity, why: 'day' });
    }
    case 'BreakerTripped': {
      const { breaker, day, baseline, equity, loss, limit } = event.data;
      const tripped = {
        ...document,
        day: { day, baseline, tripped: true },
        breaker: { breaker, day, baseline, equity, loss, limit, at },
      };
      return judged(tripped, { at, equity, why: 'trip' });
    }
    case 'BreakerReset': {
      const { day, baseline } = event.data;
      const reset = { ...document, day: { day, baseline, tripped: false }, breaker: null };
      return judged(reset, { at, equity: baseline, why: 'reset' });
    }
    case 'HoldingWrittenOff': {
      const { symbol, realized } = event.data;
      const holdings = document.holdings.filter((one) => one.symbol !== symbol);
      return { ...document, holdings, realized: sum(document.realized, realized) };
    }
    default:
      return unknownEvent(event);
  }
}

function opened(data: AccountOpened['data'], recorded: RecordedEvent): AccountDocument {
  const id = recorded.stream.slice(ACCOUNT_STREAM_PREFIX.length);
  return {
    id,
    accountId: data.accountId,
    name: data.name,
    mode: data.mode,
    status: data.mode === 'live' ? 'pending' : 'active',
    permissions: data.permissions,
    balance: data.balance,
    dailyLossLimit: data.dailyLossLimit,
    maxPositionSize: data.maxPositionSize,
    keyHash: data.keyHash,
    sealedSecret: data.sealedSecret,
    paused: null,
    closed: null,
    cash: data.balance,
    reservedCash: '0',
    holdings: [],
    realized: '0',
    fees: '0',
    openOrders: 0,
    simulated: false,
    day: null,
    breaker: null,
    equity: [],
    revision: recorded.revision,
    created: recorded.position.toString(),
    createdAt: recorded.time,
    updatedAt: recorded.time,
  };
}

/** A fill of an order that was over already completes it without being one of the open ones. */
function booked(document: AccountDocument, data: OrderFilled['data']): AccountDocument {
  const after = keptBack(document, data.symbol, data.side, '0', data.released);
  const ends = data.completes && !data.flags.includes('after_finish');
  return {
    ...filled(after, data),
    cash: sum(document.cash, cashOf(data)),
    realized: sum(document.realized, data.realized),
    fees: sum(document.fees, feeOf(data)),
    openOrders: document.openOrders - (ends ? 1 : 0),
  };
}

function judged(document: AccountDocument, point: EquityPoint): AccountDocument {
  return { ...document, equity: [...document.equity, point].slice(-EQUITY_POINTS) };
}

function unknownEvent(event: never): never {
  throw new Error(`unknown event ${(event as AccountEvent).type}`);
}
