/** The two requests that change something at a venue. Each is made once; what it came to is looked at, not guessed. */
import { type Broker, BrokerUnavailable, fittingQuantity } from '#libs/market';
import { nameOf } from './live-order.ts';
import type { OrderReports } from './order-reports.ts';
import type { Tracked } from './tracked-orders.ts';

interface Sending {
  readonly broker: Broker;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds from an answer that tells nothing to the first look. */
  readonly doubtMs: number;
}

/** Writes down that the order is sent, asks the venue, and writes down what it answered. */
export async function placeAtVenue(
  tracked: Tracked,
  { broker, now, doubtMs }: Sending,
  reports: OrderReports,
): Promise<void> {
  const { orderId, pair, side, orderType, price, sendBy, sent, isOver } = tracked.order;
  if (sent || isOver) return;
  const rejected = (code: string, reason: string): Promise<void> =>
    reports.carryOut(tracked, [{ type: 'ReportRejected', code, reason }]);
  if (now() > sendBy) return rejected('too_late', 'it was not sent in time');
  const quantity = await taken(tracked, broker);
  if (Number(quantity) === 0) {
    const reason = `the venue sells ${pair} in larger pieces than the ${tracked.order.quantity} that are held`;
    return rejected('denied_precision', reason);
  }
  const refused = await reports.tell(tracked, { type: 'SendOrder', quantity });
  if (refused !== null) {
    const { code, message } = refused;
    if (code === 'too_late') return rejected(code, message);
    // Another process sent it, or this one did not hear that its own word was written down.
    if (code === 'sent_before') tracked.lookAt = now() + doubtMs;
    else if (code !== 'order_finished') reports.trouble(tracked, message);
    tracked.order = { ...tracked.order, sent: true, isOver: code !== 'sent_before' };
    return;
  }
  const placed = await broker.place({ clientOrderId: orderId, pair, side, type: orderType, quantity, price, sendBy });
  switch (placed.outcome) {
    case 'accepted':
      // It may have traded at once.
      tracked.lookAt = now();
      return reports.carryOut(tracked, [{ type: 'ReportAccepted', venueOrderId: placed.venueOrderId }]);
    case 'refused':
      return rejected(placed.code, placed.reason);
    case 'unknown':
      tracked.lookAt = now() + doubtMs;
      return reports.trouble(tracked, `nobody knows whether the venue has it: ${placed.reason}`);
    default:
      return placed satisfies never;
  }
}

/**
 * How much of an order the venue is asked for: all of it, and of one that sells what is held as much as fits the steps of
 * its pair. A venue that takes its fees in what was bought leaves holdings that fit none.
 */
async function taken({ order }: Tracked, broker: Broker): Promise<string> {
  const { pair, quantity, sellsAll } = order;
  if (!sellsAll) return quantity;
  try {
    const step = (await broker.rules(pair))?.quantityStep ?? null;
    return step === null ? quantity : fittingQuantity(quantity, step);
  } catch (error) {
    // It can't be sent then, and that is told as of any order.
    if (error instanceof BrokerUnavailable) return quantity;
    throw error;
  }
}

/** Asks the venue to cancel; what became of the order is read afterwards, whatever the answer. */
export async function cancelAtVenue(
  tracked: Tracked,
  { broker, now }: Omit<Sending, 'doubtMs'>,
  reports: OrderReports,
): Promise<void> {
  const { order } = tracked;
  if (order.isOver) return;
  tracked.cancelAskedAt = now();
  const answer = await broker.cancel(nameOf(order, null));
  if (answer.outcome === 'refused' || answer.outcome === 'unknown')
    reports.trouble(tracked, `the venue was asked to cancel it: ${answer.reason}`);
  tracked.lookAt = now();
}
