/** What came of a close-all: the orders that sell, and those that it cancelled, as they are when it is told. */
import type { AccountCommand, AccountEvent } from '#libs/account';
import type { EventStore, RecordedEvent } from '#libs/sourcing';
import type { OrderDocument } from '#libs/views';
import type { AccountOutcome } from './handle-account.ts';
import { accountStream } from './handled-account.ts';
import type { AccountReader } from './reader.ts';

/** Orders that a close-all tells of as cancelled; of more it tells the number. */
export const MOST_CANCELLED_TOLD = 100;

export interface Closed {
  /** Those that sell. */
  readonly orders: readonly OrderDocument[];
  /** Those that it cancelled or asked the venue to cancel, the oldest first, at most `MOST_CANCELLED_TOLD`. */
  readonly cancelled: readonly OrderDocument[];
  /** How many it cancelled or asked the venue to cancel in all. */
  readonly cancelledCount: number;
  readonly position: bigint | null;
}

/** Reads what a close-all that was carried out, now or long ago, came to. Throws what the event store throws. */
export async function closedBy(
  outcome: AccountOutcome & { readonly done: true },
  { events, reader }: { readonly events: EventStore; readonly reader: Pick<AccountReader, 'ordersNamed'> },
): Promise<Closed> {
  const { command, revision, added, position } = outcome;
  const written = added === 0 ? [] : await events.readStream(accountStream(command.accountId), revision - added + 1);
  const cancels = written.slice(0, added).flatMap(cancelledIn);
  const sells = sellsIn(command);
  const told = cancels.slice(0, MOST_CANCELLED_TOLD);
  const found = await reader.ordersNamed(command.accountId, [...sells, ...told]);
  const isSell = new Set(sells);
  return {
    orders: found.filter(({ orderId }) => isSell.has(orderId)),
    cancelled: found.filter(({ orderId }) => !isSell.has(orderId)),
    cancelledCount: cancels.length,
    position,
  };
}

function sellsIn(command: AccountCommand): readonly string[] {
  return command.type === 'CloseAll' ? Object.values(command.sells).map(({ orderId }) => orderId) : [];
}

/** The order that an event of the close-all ends or asks the venue to end; none for its other events. */
function cancelledIn(recorded: RecordedEvent): readonly string[] {
  const { type, data } = recorded as unknown as AccountEvent;
  return type === 'OrderCancelled' || type === 'OrderCancelRequested' ? [data.orderId] : [];
}
