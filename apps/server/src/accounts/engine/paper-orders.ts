/** The limit orders that rest on paper, by instrument, and the fills that prices bring them. */
import type { Price } from '#libs/market';
import { dashedId, derivedEventId, messageOf } from '#libs/sourcing';
import { RestingBook, type RestingOrder, type Touch } from './resting-book.ts';
import { tellAccount, type Telling } from './told-account.ts';

/** Orders that one price touches are filled side by side, at most so many: their appends share commits. */
const SIDE_BY_SIDE = 256;

/** Beyond the indexes of a command's own events. */
const FILL_STEP = 1_000;

/** An order whose account could not be told of its fill is left alone by the prices of so long. */
const AGAIN_MS = 60_000;

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

  /**
   * An order fills whole, so its fill has one name: told twice, it is booked once. One whose limit was changed since the
   * price was compared with it is not filled, and still rests. An account that can't be told holds no other up.
   */
  async #fill({ order: { accountId, orderId }, price, at }: Touch): Promise<void> {
    const { onTrouble, signal } = this.#telling;
    const told = new Date(at).toISOString();
    try {
      const outcome = await tellAccount(
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
      if (!outcome.done) this.#later(orderId, at);
      else if (outcome.state.status === 'none' || !outcome.state.open.has(orderId)) this.delete(orderId);
    } catch (error) {
      if (signal.aborted) throw error;
      onTrouble(accountId, `order ${orderId} is not filled: ${messageOf(error)}`);
      this.#later(orderId, at);
    }
  }

  /** No price before that fills it: it may have been changed meanwhile, or be gone. */
  #later(orderId: string, at: number): void {
    const order = this.get(orderId);
    if (order !== null) this.#bookOf.get(orderId)!.set({ ...order, from: Math.max(order.from, at + AGAIN_MS) });
  }
}
