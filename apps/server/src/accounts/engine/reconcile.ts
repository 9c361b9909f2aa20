/**
 * What the venue tells of an order, as reports to its account. Fills are booked, not statuses: an order ends when its
 * trades add up to what the venue says was filled of it. What can't be said yet is looked at again.
 */
import { compare, divide, multiply, OPERATOR_TRADES, subtract, sum } from '#libs/account';
import type { ReportAccepted, ReportCancelled, ReportFill, ReportRejected, ReportUnresolved } from '#libs/account';
import {
  type Broker,
  BrokerUnavailable,
  deadAtOf,
  type Found,
  type Look,
  settle,
  type Trade,
  type VenueOrder,
} from '#libs/market';
import { type LiveOrder, nameOf } from './live-order.ts';

/** A command on an order, without whose it is and when it was given. */
export type Unaddressed<Command> = Omit<Command, 'accountId' | 'now' | 'orderId'>;

/** A report on the order, without whose it is and when it was heard. */
export type Report =
  | Unaddressed<ReportAccepted>
  | Unaddressed<ReportFill>
  | Unaddressed<ReportCancelled>
  | Unaddressed<ReportRejected>
  | Unaddressed<ReportUnresolved>;

export interface Reconciled {
  /** To be carried out in this order. */
  readonly reports: readonly Report[];
  /** `resting`: open at the venue, and nothing is in doubt. `over`: the reports end it. `open`: it is to be looked at again. */
  readonly stands: 'resting' | 'over' | 'open';
  /** Why it is open, for people. */
  readonly reason: string | null;
  /** Not to be looked at again before this, milliseconds since 1970. */
  readonly again: number;
  /** For the next look. */
  readonly looks: readonly Look[];
}

/** Between looks at an order of which nobody knows, and after them: seconds, then for good. */
const WAITS_S = [2, 3, 5, 10, 20, 30, 60];
/** Two empty looks that prove something are so far apart. */
const APART_MS = 5_000;
/** An order that the venue had and no longer tells is over when it is missing twice, so far apart: its trades may be told late. */
const GONE_APART_MS = 10_000;
/** Looks that failed to find it before it is written down that nobody knows. */
const DOUBTS = 2;
/** Of the looks so far the first and the last decide. */
const MOST_LOOKS = 8;

/** Looks at the venue once. `looks`: those of before, from the last answer. Never throws for what the venue does. */
export async function reconcile(
  broker: Broker,
  order: LiveOrder,
  looks: readonly Look[],
  now: () => number = Date.now,
): Promise<Reconciled> {
  const deadAt = deadAtOf(order.sendBy, broker.fenceMs);
  const at = now();
  const found = await broker.find(nameOf(order, deadAt));
  const all = [...looks.slice(0, 1), ...looks.slice(1).slice(-(MOST_LOOKS - 2)), { at, found }];
  try {
    if (found.outcome === 'found') return await fromOrder(broker, order, found.order, all);
    if (order.accepted) return await fromAbsence(broker, order, found, all);
    return fromDoubt(order, all, deadAt);
  } catch (error) {
    if (!(error instanceof BrokerUnavailable)) throw error;
    const again = at + Math.max(waitOf(all.length), error.retryIn);
    return { reports: acceptedBy(order, found), stands: 'open', reason: error.message, again, looks: all };
  }
}

/** Trades of an order that is over, which are booked nowhere: venues tell some late. @throws BrokerUnavailable */
export async function lateFills(broker: Broker, order: LiveOrder): Promise<readonly Report[]> {
  return order.venueOrderId === null ? [] : newFills(order, await tradesOf(broker, order, order.venueOrderId));
}

/**
 * An order that is over, with its id at the venue as far as that can be found; and whether it is open there all the same.
 * Only one that was ended without the venue's word is asked for. @throws BrokerUnavailable
 */
export async function namedAtVenue(
  broker: Broker,
  order: LiveOrder,
): Promise<{ readonly order: LiveOrder; readonly isOpen: boolean }> {
  if (!order.endedUnseen) return { order, isOpen: false };
  const found = await broker.find(nameOf(order, null));
  if (found.outcome === 'unknown') throw new BrokerUnavailable(found.reason);
  if (found.outcome === 'missing') return { order, isOpen: false };
  const { venueOrderId, status } = found.order;
  return { order: { ...order, venueOrderId }, isOpen: status === 'open' };
}

/** The venue tells the order. */
async function fromOrder(
  broker: Broker,
  order: LiveOrder,
  told: VenueOrder,
  looks: readonly Look[],
): Promise<Reconciled> {
  const accepted = acceptedBy(order, { outcome: 'found', order: told });
  const { at } = looks.at(-1)!;
  const isKnown = told.filled !== null && compare(told.filled, order.filled) === 0;
  const trades = isKnown && told.status === 'open' ? [] : await tradesOf(broker, order, told.venueOrderId);
  const fills = newFills(order, trades);
  const total = sum(order.filled, ...fills.map(({ quantity }) => quantity));
  const reports = [...accepted, ...fills];
  const lacks = told.filled !== null && compare(total, told.filled) < 0;
  if (lacks) {
    const reason = `the venue says that ${told.filled} is filled and tells trades of ${total}`;
    return { reports, stands: 'open', reason, again: at + waitOf(looks.length), looks };
  }
  // An order that was resting and rests still gives the next doubt fresh looks.
  if (told.status === 'open') return { reports, stands: 'resting', reason: null, again: at, looks: [] };
  if (compare(total, order.quantity) >= 0) return { reports, stands: 'over', reason: null, again: at, looks };
  if (told.filled === null && told.status === 'closed' && looks.length < DOUBTS) {
    const reason = 'the venue says that it is over and does not say what is filled';
    return { reports, stands: 'open', reason, again: at + waitOf(looks.length), looks };
  }
  const end: Report =
    told.status === 'rejected' && compare(total, '0') === 0
      ? { type: 'ReportRejected', code: 'rejected_by_venue', reason: 'the venue took it and rejected it' }
      : cancelled(order, null);
  return { reports: [...reports, end], stands: 'over', reason: null, again: at, looks };
}

/** The venue had the order, and does not tell it now: it was filled or cancelled. Its trades tell which. */
async function fromAbsence(
  broker: Broker,
  order: LiveOrder,
  found: Exclude<Found, { outcome: 'found' }>,
  looks: readonly Look[],
): Promise<Reconciled> {
  const { at } = looks.at(-1)!;
  const open = (reason: string, reports: readonly Report[] = []): Reconciled => ({
    reports,
    stands: 'open',
    reason,
    again: at + Math.max(waitOf(looks.length), found.outcome === 'missing' ? GONE_APART_MS : 0),
    looks,
  });
  if (found.outcome === 'unknown') return open(found.reason);
  if (order.venueOrderId === null) return open('the venue no longer tells it, and its id there is not known');
  const fills = newFills(order, await tradesOf(broker, order, order.venueOrderId));
  const total = sum(order.filled, ...fills.map(({ quantity }) => quantity));
  if (compare(total, order.quantity) >= 0) return { reports: fills, stands: 'over', reason: null, again: at, looks };
  const first = looks.find((look) => look.found.outcome === 'missing')!;
  if (at - first.at < GONE_APART_MS) return open('the venue no longer tells it', fills);
  const end = cancelled(order, 'the venue no longer has it');
  return { reports: [...fills, end], stands: 'over', reason: null, again: at, looks };
}

/** It was sent, and nobody knows whether the venue has it. */
function fromDoubt(order: LiveOrder, looks: readonly Look[], deadAt: number | null): Reconciled {
  const { at } = looks.at(-1)!;
  const settled = settle(looks, { deadAt, apartMs: APART_MS });
  if (settled.outcome === 'found') throw new Error('what is found is no doubt');
  if (settled.outcome === 'never_placed') {
    const reason = 'the venue never had it: it is found nowhere, and can no longer arrive';
    const end: Report = { type: 'ReportRejected', code: 'never_placed', reason };
    return { reports: [end], stands: 'over', reason: null, again: at, looks };
  }
  const { reason } = settled;
  // Not later than when a look can decide.
  const again = Math.min(at + waitOf(looks.length), settled.at > at ? settled.at : Infinity);
  const doubted = looks.length >= DOUBTS && !order.unresolved;
  return { reports: doubted ? [{ type: 'ReportUnresolved', reason }] : [], stands: 'open', reason, again, looks };
}

function acceptedBy({ accepted, unresolved, venueOrderId }: LiveOrder, found: Found): readonly Report[] {
  if (found.outcome !== 'found' || (accepted && !unresolved && venueOrderId !== null)) return [];
  return [{ type: 'ReportAccepted', venueOrderId: found.order.venueOrderId }];
}

function cancelled({ cancel }: LiveOrder, reason: string | null): Report {
  return { type: 'ReportCancelled', by: cancel?.by ?? 'venue', reason: cancel?.reason ?? reason };
}

function tradesOf(broker: Broker, order: LiveOrder, venueOrderId: string): Promise<readonly Trade[]> {
  return broker.trades({ ...nameOf(order, null), venueOrderId });
}

/**
 * Trades that are booked nowhere. Pieces that the operator booked are part of what the venue tells, under other ids: they
 * are taken off, from the oldest trades on.
 */
function newFills(order: LiveOrder, trades: readonly Trade[]): readonly Unaddressed<ReportFill>[] {
  const { booked } = order;
  let covered = bookedByOperator(order, trades);
  const fills: Unaddressed<ReportFill>[] = [];
  for (const trade of trades) {
    const { tradeId, price, feeCurrency, at } = trade;
    if (booked.has(tradeId)) continue;
    const rest = subtract(trade.quantity, covered);
    covered = compare(rest, '0') < 0 ? subtract('0', rest) : '0';
    if (compare(rest, '0') <= 0) continue;
    const isWhole = compare(rest, trade.quantity) === 0;
    fills.push({
      type: 'ReportFill',
      tradeId,
      quantity: isWhole ? trade.quantity : rest,
      price,
      fee: isWhole ? trade.fee : divide(multiply(trade.fee, rest), trade.quantity),
      // Where the venue tells no fee it is 0, of whatever.
      feeCurrency: feeCurrency ?? 'USD',
      at: new Date(at).toISOString(),
    });
  }
  return fills;
}

/** Pieces of the order that the operator booked, and no trade that is booked has taken the place of. */
function bookedByOperator({ booked, filled }: LiveOrder, trades: readonly Trade[]): string {
  if (![...booked].some((tradeId) => tradeId.startsWith(OPERATOR_TRADES))) return '0';
  const told = trades.filter(({ tradeId }) => booked.has(tradeId)).map(({ quantity }) => quantity);
  const left = subtract(filled, sum(...told));
  return compare(left, '0') > 0 ? left : '0';
}

function waitOf(looks: number): number {
  return WAITS_S[Math.min(looks, WAITS_S.length) - 1]! * 1_000;
}
