/** The orders that a venue may know more of than their accounts, folded from what the log tells of them. */
import { type AccountEvent, upcast } from '#libs/account';
import type { Look } from '#libs/market';
import type { RecordedEvent } from '#libs/sourcing';
import type { OrderDocument } from '#libs/views';
import { afterEvent, type LiveOrder, liveOrderOfDocument, orderIdOf } from './live-order.ts';

export interface Tracked {
  order: LiveOrder;
  /** What looks at the venue told, while it is in doubt. */
  looks: readonly Look[];
  /** When it is to be looked at, milliseconds since 1970; `NEVER`: when the poll sees a change. */
  lookAt: number;
  /** It is in work, or waits for its turn. */
  busy: boolean;
  /** When the venue was asked to cancel it, milliseconds since 1970; null: it is yet to be asked. */
  cancelAskedAt: number | null;
  /** It is over: the waits before the looks that are left, in `lateMs`. Null before that. */
  late: readonly number[] | null;
  /** The trouble that was told last. */
  told: string | null;
}

export const NEVER = Infinity;

interface Heard {
  readonly accountId: string;
  readonly revision: number;
  readonly event: AccountEvent;
}

export class TrackedOrders {
  readonly #broker: string;
  readonly #onTrouble: (what: string, reason: string) => void;
  readonly #tracked = new Map<string, Tracked>();
  /**
   * What was heard of orders that nobody has told of yet, as far as their accounts would not tell it again. Null once
   * all are told of.
   */
  #early: Heard[] | null = [];

  /** Only orders of this broker are tracked. */
  constructor(broker: string, onTrouble: (what: string, reason: string) => void) {
    this.#broker = broker;
    this.#onTrouble = onTrouble;
  }

  get size(): number {
    return this.#tracked.size;
  }

  all(): Iterable<Tracked> {
    return this.#tracked.values();
  }

  delete({ order }: Tracked): void {
    this.#tracked.delete(order.orderId);
  }

  /** Takes in an event; answers the order that it tells something new of, or null. */
  hear(accountId: string, { type, metadata, data, revision }: RecordedEvent): Tracked | null {
    const heard = { accountId, revision, event: upcast(type, metadata.schemaVersion, data) };
    const tracked = this.#fold(heard);
    if (tracked === null && (type === 'OrderSent' || type === 'OrderCancelRequested')) this.#early?.push(heard);
    return tracked;
  }

  /** Takes in the orders of the view that are not over, some of which were heard of before or after. */
  know(documents: readonly OrderDocument[]): void {
    for (const document of documents) {
      const order = liveOrderOfDocument(document);
      const known = this.#tracked.get(document.orderId);
      if (order !== null && (known === undefined || known.order.revision < order.revision)) this.#track(order);
    }
    const early = this.#early ?? [];
    this.#early = null;
    for (const heard of early) this.#fold(heard);
  }

  #fold({ accountId, revision, event }: Heard): Tracked | null {
    const orderId = orderIdOf(event);
    const tracked = orderId === null ? undefined : this.#tracked.get(orderId);
    if (tracked !== undefined && tracked.order.revision >= revision) {
      // An account's state does not tell who wanted it, or why.
      if (event.type === 'OrderCancelRequested') tracked.order = { ...tracked.order, cancel: event.data };
      return null;
    }
    const order = afterEvent(tracked?.order ?? null, event, { accountId, revision });
    if (order === null) return null;
    if (tracked === undefined) return this.#track(order);
    tracked.order = order;
    return tracked;
  }

  #track(order: LiveOrder): Tracked | null {
    const { orderId, broker, isOver } = order;
    if (broker !== this.#broker) {
      if (!isOver) this.#onTrouble(orderId, `it is with ${broker}, which is not the broker of the settings`);
      return null;
    }
    const fresh = { looks: [], lookAt: NEVER, busy: false, cancelAskedAt: null, late: null, told: null };
    const tracked: Tracked = { order, ...fresh };
    this.#tracked.set(orderId, tracked);
    return tracked;
  }
}
