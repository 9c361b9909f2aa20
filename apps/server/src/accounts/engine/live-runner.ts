/**
 * Carries orders to a venue and brings back what becomes of them. It runs in the one process that leads.
 *
 * That an order is sent is written down before the venue is asked, and only who wrote it down asks, once: what happened
 * to a request after a crash, a time-out or a paused process is found out by looking, never by asking again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountCommand, AccountState } from '#libs/account';
import { type Broker, BrokerUnavailable } from '#libs/market';
import { type Handle, messageOf, type RecordedEvent, Turns } from '#libs/sourcing';
import type { OrderDocument } from '#libs/views';
import type { LiveOrder } from './live-order.ts';
import { OpenOrdersPoll } from './open-orders-poll.ts';
import { OrderReports } from './order-reports.ts';
import { lateFills, namedAtVenue, reconcile } from './reconcile.ts';
import { cancelAtVenue, placeAtVenue } from './sending.ts';
import { SideBySide } from './side-by-side.ts';
import { NEVER, type Tracked, TrackedOrders } from './tracked-orders.ts';

export interface LiveRunnerOptions {
  readonly broker: Broker;
  readonly handle: Handle<AccountState, AccountCommand>;
  readonly signal: AbortSignal;
  /** What an order, or the venue, has trouble with, for the log. */
  readonly onTrouble: (what: string, reason: string) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Milliseconds between two looks at the open orders of a pair: 2000. */
  readonly pollMs?: number;
  /** Milliseconds from an answer that tells nothing to the first look: 2000. */
  readonly doubtMs?: number;
  /** Milliseconds after the end of an order at which trades that are told late are looked for: 30 000. */
  readonly lateMs?: number;
  /** Milliseconds after which a first look at the start that told nothing is tried again, doubled each time: 1000. */
  readonly startWaitMs?: number;
}

/** Accounts whose orders are on their way side by side. */
const ACCOUNTS = 8;
const LOOKS = 4;
const TICK_MS = 100;
/** Tries at the start to look at an order that the venue does not tell of, before new orders are taken. */
const START_TRIES = 5;
/** A cancel that the venue did not carry out is asked for again so much later. */
const CANCEL_AGAIN_MS = 5_000;
/** An order that somebody ended without the venue's word is looked at after so many times the wait for late trades. */
const UNSEEN_TIMES = [1, 10, 60];
/** What failed by a fault is tried again so much later. */
const FAULT_MS = 5_000;

export class LiveRunner {
  readonly #options: Required<LiveRunnerOptions>;
  readonly #orders: TrackedOrders;
  readonly #reports: OrderReports;
  readonly #poll: OpenOrdersPoll;
  /** What was left is looked at: from now on orders are carried out. */
  #started = false;
  /** Pairs with orders that were left, of which the venue has told nothing since the start: nothing is bought there yet. */
  #unread: ReadonlySet<string> = new Set();
  readonly #turns = new Turns();
  readonly #accounts = new SideBySide(ACCOUNTS);
  readonly #lookers = new SideBySide(LOOKS);
  /** All that is under way: it is waited for at the end. */
  readonly #work = new Set<Promise<void>>();
  #polledAt = -Infinity;
  #polling = false;

  constructor(options: LiveRunnerOptions) {
    this.#options = { now: Date.now, pollMs: 2_000, doubtMs: 2_000, lateMs: 30_000, startWaitMs: 1_000, ...options };
    this.#orders = new TrackedOrders(options.broker.name, options.onTrouble);
    this.#reports = new OrderReports(this.#options);
    this.#poll = new OpenOrdersPoll(this.#options);
  }

  /** Orders that are followed. */
  get size(): number {
    return this.#orders.size;
  }

  /** Takes in events of an account, in order. What they want done is done once `start` has looked at what was left. */
  heard(accountId: string, events: readonly RecordedEvent[]): void {
    for (const event of events) {
      const tracked = this.#orders.hear(accountId, event);
      if (tracked !== null && this.#started) this.#wants(tracked);
      // What ended before there was anything to do needs no look.
      else if (tracked?.order.isOver === true) this.#orders.delete(tracked);
    }
  }

  /**
   * Takes up the orders that are not over, and looks at each that the venue may know of. Resolves when all were looked
   * at, or could not be after some tries: those are told, and looked at later. Only then are new orders sent; of a pair
   * that could not be read nothing is bought before it was.
   */
  async start(unsettled: readonly OrderDocument[]): Promise<void> {
    const { broker, now, signal } = this.#options;
    this.#orders.know(unsettled);
    const unread = await this.#poll.run(this.#orders.all());
    // What rests as it did needs no look of its own.
    const isDue = ({ order, lookAt }: Tracked): boolean => !order.accepted || order.cancel !== null || lookAt <= now();
    const left = [...this.#orders.all()].filter((one) => one.order.sent && !one.order.isOver && isDue(one));
    const silent = await Promise.all(left.map((tracked) => this.#firstLook(tracked)));
    this.#unread = new Set([...unread, ...silent.filter((pair) => pair !== null)]);
    // The first question reads the markets of the venue, for which no order should wait.
    if (left.length === 0) this.#note(broker.rules('').then(() => undefined));
    if (signal.aborted) return;
    this.#started = true;
    for (const tracked of this.#orders.all()) this.#wants(tracked);
  }

  /** Runs until the signal aborts, that of the options or a narrower one, and until what is under way is done. */
  async run(signal: AbortSignal = this.#options.signal): Promise<void> {
    const { now, pollMs } = this.#options;
    while (!signal.aborted) {
      const at = now();
      for (const tracked of this.#orders.all()) if (tracked.lookAt <= at && !tracked.busy) this.#due(tracked);
      if (at - this.#polledAt >= pollMs && !this.#polling) {
        this.#polledAt = at;
        this.#polling = true;
        this.#note(this.#pollAll().finally(() => (this.#polling = false)));
      }
      await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
    }
    await Promise.all(this.#work);
  }

  async #pollAll(): Promise<void> {
    const before = this.#unread;
    const unread = await this.#poll.run(this.#orders.all(), before);
    this.#unread = new Set([...before].filter((pair) => unread.has(pair)));
    if (this.#unread.size === before.size) return;
    for (const tracked of this.#orders.all()) if (!tracked.order.sent) this.#wants(tracked);
  }

  /** Begins what an order needs now. */
  #wants(tracked: Tracked): void {
    const { order } = tracked;
    if (order.isOver) return this.#forgetLater(tracked);
    if (tracked.busy) return;
    if (this.#isHeld(order)) {
      tracked.lookAt = order.sendBy + 1;
      this.#reports.trouble(tracked, `it waits until the venue tells of the orders of ${order.pair} that were left`);
    } else if (!order.sent && !order.accepted)
      this.#begin(tracked, this.#accounts, () => placeAtVenue(tracked, this.#options, this.#reports));
    else if (order.cancel !== null && tracked.cancelAskedAt === null)
      this.#begin(tracked, this.#accounts, () => cancelAtVenue(tracked, this.#options, this.#reports));
    // Sent by a process that is gone, or by one that goes on beside this one.
    else if (!order.accepted && tracked.lookAt === NEVER) tracked.lookAt = this.#options.now();
  }

  /** A buy that is not to be sent yet; once it is too late for it, that is told instead. */
  #isHeld({ pair, side, sent, accepted, sendBy }: LiveOrder): boolean {
    return !sent && !accepted && side === 'buy' && this.#unread.has(pair) && this.#options.now() <= sendBy;
  }

  #due(tracked: Tracked): void {
    const { sent, accepted, isOver } = tracked.order;
    if (sent || accepted || isOver) return this.#begin(tracked, this.#lookers, () => this.#look(tracked));
    // Sending it failed by a fault.
    tracked.lookAt = NEVER;
    this.#wants(tracked);
  }

  /** Starts work on an order, in its account's order. What it wants next is begun when that is done. */
  #begin(tracked: Tracked, lane: SideBySide, task: () => Promise<void>): void {
    const { signal } = this.#options;
    tracked.busy = true;
    const { accountId } = tracked.order;
    const key = lane === this.#accounts ? accountId : tracked.order.orderId;
    const work = async (): Promise<void> => {
      try {
        await this.#turns.run(key, () => lane.run(async () => (signal.aborted ? undefined : task())));
        tracked.busy = false;
        if (!signal.aborted) this.#wants(tracked);
      } catch (error) {
        tracked.busy = false;
        if (signal.aborted) return;
        this.#reports.trouble(tracked, messageOf(error));
        tracked.lookAt = this.#options.now() + FAULT_MS;
      }
    };
    this.#note(work());
  }

  #note(work: Promise<void>): void {
    const { broker, onTrouble } = this.#options;
    const noted = work
      .catch((error: unknown) => onTrouble(broker.name, messageOf(error)))
      .finally(() => this.#work.delete(noted));
    this.#work.add(noted);
  }

  async #look(tracked: Tracked): Promise<void> {
    const { broker, now } = this.#options;
    tracked.lookAt = NEVER;
    if (tracked.order.isOver) return this.#lookLate(tracked);
    const { reports, stands, reason, again, looks } = await reconcile(broker, tracked.order, tracked.looks, now);
    tracked.looks = looks;
    await this.#reports.carryOut(tracked, reports);
    if (tracked.order.isOver) return;
    if (stands !== 'resting') {
      // What was refused keeps it from its end, though the venue is done with it.
      tracked.lookAt = stands === 'over' ? Math.max(again, now() + FAULT_MS) : again;
      if (reason !== null) this.#reports.trouble(tracked, reason);
    } else if (tracked.order.cancel !== null) {
      // The cancel did not reach it.
      const askedAt = tracked.cancelAskedAt ?? -Infinity;
      if (now() - askedAt >= CANCEL_AGAIN_MS) tracked.cancelAskedAt = null;
      else tracked.lookAt = askedAt + CANCEL_AGAIN_MS;
    }
  }

  /** An order that is over: what was told late of it is booked. */
  async #lookLate(tracked: Tracked): Promise<void> {
    const { broker } = this.#options;
    try {
      const { order, isOpen } = await namedAtVenue(broker, tracked.order);
      if (isOpen)
        this.#reports.trouble(tracked, 'it was ended by the operator, and the venue has it open: cancel it there');
      await this.#reports.carryOut(tracked, await lateFills(broker, order));
    } catch (error) {
      if (!(error instanceof BrokerUnavailable)) throw error;
      this.#reports.trouble(tracked, `trades after its end could not be looked for: ${error.message}`);
    }
    this.#lookLater(tracked);
  }

  /** What the venue had is looked at once more; what was ended without its word several times, as far as it was sent. */
  #forgetLater(tracked: Tracked): void {
    if (tracked.late !== null) return;
    const { endedUnseen, venueOrderId } = tracked.order;
    tracked.late = endedUnseen ? UNSEEN_TIMES : venueOrderId === null ? [] : [1];
    this.#lookLater(tracked);
  }

  /** Followed no more after the last look. */
  #lookLater(tracked: Tracked): void {
    const [times, ...later] = tracked.late ?? [];
    tracked.late = later;
    if (times === undefined) this.#orders.delete(tracked);
    else tracked.lookAt = this.#options.now() + times * this.#options.lateMs;
  }

  /** At the start: the first look, again where the venue could not be read. Answers its pair where it never could. */
  async #firstLook(tracked: Tracked): Promise<string | null> {
    const { signal, startWaitMs } = this.#options;
    for (let n = 0; n < START_TRIES && !signal.aborted; n += 1) {
      if (n > 0) await sleep(startWaitMs * 2 ** (n - 1), undefined, { signal }).catch(() => undefined);
      await this.#lookers.run(() => this.#look(tracked));
      const last = tracked.looks.at(-1);
      if (last === undefined || last.found.outcome !== 'unknown') return null;
    }
    return tracked.order.pair;
  }
}
