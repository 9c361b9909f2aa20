/** The limit orders that rest on paper, by instrument, and the fills that prices bring them. */
import type { Price } from '#libs/market';
import { dashedId, derivedEventId } from '#libs/sourcing';
import { RestingBook, type RestingOrder, type Touch } from './resting-book.ts';
import { tellAccount, type Telling } from './told-account.ts';

/** Orders that one price touches are filled side by side, at most so many: their appends share commits. */
const SIDE_BY_SIDE = 256;

/** Beyond the indexes of a command's own events. */
const FILL_STEP = 1_000;

export class PaperOrders {
  readonly #telling: Telling;
  readonly #books = new Map<string, RestingBook>();
  /** Which book an open order is in. */
  readonly #bookOf = new Map<string, RestingBook>();

  constructor(telling: Telling) {
    this.#telling = telling;
  }

  get size(): number {
    return this.#bookOf.size;
  }

  /** Instruments with resting orders. */
  instruments(): Iterable<string> {
    return this.#books.keys();
  }

  isWatched(instrument: string): boolean {
    return this.#books.has(instrument);
  }

  /** Prices before this concern no order of an instrument, milliseconds since 1970; Infinity where it has none. */
  since(instrument: string): number {
    return this.#books.get(instrument)?.since ?? Infinity;
  }

  get(orderId: string): RestingOrder | null {
    return this.#bookOf.get(orderId)?.get(orderId) ?? null;
  }

  /** Takes an order in, or its new limit. It may be filled at once, by a price that was told before it was heard of. */
  async set(instrument: string, order: RestingOrder): Promise<void> {
    let book = this.#books.get(instrument);
    if (book === undefined) this.#books.set(instrument, (book = new RestingBook()));
    this.#bookOf.set(order.orderId, book);
    const touch = book.set(order);
    if (touch !== null) await this.#fill(touch);
  }

  /** The same for an order whose instrument is known already. */
  async change(order: RestingOrder): Promise<void> {
    const touch = this.#bookOf.get(order.orderId)?.set(order) ?? null;
    if (touch !== null) await this.#fill(touch);
  }

  delete(orderId: string): void {
    const book = this.#bookOf.get(orderId);
    if (book === undefined) return;
    this.#bookOf.delete(orderId);
    book.delete(orderId);
  }

  /** Forgets the instruments that no order waits at; answers which. */
  forgetIdle(): readonly string[] {
    const idle = [...this.#books].filter(([, { size }]) => size === 0).map(([instrument]) => instrument);
    for (const instrument of idle) this.#books.delete(instrument);
    return idle;
  }

  /** Resolves when every fill of a price is durable. */
  async price(instrument: string, price: Price): Promise<void> {
    const touches = this.#books.get(instrument)?.touched(price) ?? [];
    for (let at = 0; at < touches.length; at += SIDE_BY_SIDE) {
      await Promise.all(touches.slice(at, at + SIDE_BY_SIDE).map((touch) => this.#fill(touch)));
    }
  }

  /** An order fills whole, so its fill has one name: told twice, it is booked once. */
  async #fill({ order: { accountId, orderId }, price, at }: Touch): Promise<void> {
    const told = new Date(at).toISOString();
    await tellAccount(
      this.#telling,
      {
        type: 'FillResting',
        accountId,
        orderId,
        now: new Date().toISOString(),
        price,
        tradeId: `paper-${orderId}`,
        at: told,
      },
      derivedEventId(dashedId(orderId), FILL_STEP),
    );
    this.delete(orderId);
  }
}
