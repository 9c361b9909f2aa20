/** The two requests that change something at a venue. Each is made once; what it came to is looked at, not guessed. */
import type { Broker } from '#libs/market';
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
  const { orderId, pair, side, orderType, quantity, price, sendBy, sent, isOver } = tracked.order;
  if (sent || isOver) return;
  const rejected = (code: string, reason: string): Promise<void> =>
    reports.carryOut(tracked, [{ type: 'ReportRejected', code, reason }]);
  if (now() > sendBy) return rejected('too_late', 'it was not sent in time');
  const refused = await reports.tell(tracked, { type: 'SendOrder' });
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
