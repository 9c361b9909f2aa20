/** One price judged on one signal: what is true so far, and the steps that change it. */
import { compare } from '../decimal.ts';
import type { Decimal, Instant } from '../events.ts';
import type { DecidedBy, Evidence, MarketEvent, SettledBy } from '../market-events.ts';
import { entryOrdersOf, evolve, type ExistingSignal, leftOf, targetOrdersOf } from '../state.ts';
import { exact } from './exact.ts';
import type { AddedExit, AddOrder, EntryOrder, TargetOrder } from './orders.ts';
import { averageEntry, decreased, measured, type Position, type TradeSign } from './position.ts';
import type { Source, Tracking, TrailTracking } from './price-point.ts';
import { cappedShare, targetShare } from './shares.ts';
import { begun, followed, levelOf, referenceOf, tighter } from './trail.ts';

/** When something happened, and what decided it. */
export interface Moment {
  readonly at: Instant;
  readonly by: DecidedBy;
}

/** An exit that waits for its price, nearest first where several do. */
export type WaitingExit =
  | { readonly kind: 'target'; readonly place: number; readonly order: TargetOrder }
  | { readonly kind: 'take_profit'; readonly place: number; readonly order: AddedExit & { readonly price: Decimal } };

/** Mutable while one price is judged, and never seen outside. */
export class Judgement {
  signal: ExistingSignal;
  trail: TrailTracking | null;
  readonly sign: TradeSign;
  readonly events: MarketEvent[] = [];
  readonly #seen: number;
  readonly #last: Decimal | null;
  readonly #source: Source;

  constructor(signal: ExistingSignal, tracking: Tracking, sign: TradeSign, source: Source) {
    this.signal = signal;
    this.sign = sign;
    this.#seen = tracking.seen;
    this.#last = tracking.last;
    this.#source = source;
    this.trail = tracking.trail;
    if (signal.position !== null && signal.trail !== null && signal.trail.since !== this.trail?.since) {
      this.trail = begun(signal.trail, this.trail, referenceOf(signal.trail, sign), sign);
    }
  }

  get position(): Position | null {
    return this.signal.position;
  }

  get isOpen(): boolean {
    return this.signal.status === 'matched' && this.position !== null;
  }

  /** Whether this price is the first that an order meets. */
  isNew(order: { readonly since: number }): boolean {
    return order.since > this.#seen;
  }

  /** Whether a price lies at a level or beyond it, on the losing side. */
  reachesDown(price: Decimal, level: Decimal): boolean {
    return compare(price, level) !== this.sign;
  }

  /** Whether a price lies at a level or beyond it, on the profit side. */
  reachesUp(price: Decimal, level: Decimal): boolean {
    return compare(price, level) !== -this.sign;
  }

  /** The level of the stop in force: the tighter of the fixed one and the trail (rule 13). */
  get stopLevel(): Decimal | null {
    return tighter(this.sign, this.signal.stop, this.trail === null ? null : levelOf(this.trail, this.sign));
  }

  /** Entry orders that wait, in the order in which a falling price (for a short a rising one) meets them. */
  entries(until: Instant): readonly EntryOrder[] {
    const { signal } = this;
    if (signal.callsEnded || (signal.expiresAt !== null && signal.expiresAt <= until)) return [];
    // What has not filled lapses at the first target (rule 7).
    if (targetOrdersOf(signal).some(({ hit }) => hit) || signal.takeProfits.some(({ hit }) => hit)) return [];
    return entryOrdersOf(signal)
      .filter(({ filled }) => !filled)
      .sort((one, other) => this.#downwards(one.price, other.price));
  }

  /** DCAs and rebuys that wait, in the same order. */
  adds(): readonly AddOrder[] {
    return this.signal.adds
      .filter(({ filled }) => !filled)
      .sort((one, other) => this.#downwards(one.price, other.price));
  }

  #downwards(one: Decimal | null, other: Decimal | null): number {
    return one === null || other === null ? 0 : compare(other, one) * this.sign;
  }

  /** Limit exits that wait, nearest first. */
  exits(): readonly WaitingExit[] {
    const { signal } = this;
    const exits: WaitingExit[] = [];
    signal.takeProfits.forEach((order, at) => {
      const { price } = order;
      if (!order.hit && price !== null) exits.push({ kind: 'take_profit', place: at + 1, order: { ...order, price } });
    });
    targetOrdersOf(signal).forEach((order, at) => {
      if (!order.hit) exits.push({ kind: 'target', place: at + 1, order });
    });
    return exits.sort((one, other) => compare(one.order.price, other.order.price) * this.sign);
  }

  /** Fills a part of the entry. The first one is the match: the trail begins with it. */
  fillEntry({ part, share }: EntryOrder, price: Decimal, moment: Moment): void {
    const { signal } = this;
    if (this.position === null && signal.trail !== null) this.trail = begun(signal.trail, null, price, this.sign);
    this.#emit({ type: 'SignalMatched', data: { part, price, share, stop: this.stopLevel, ...this.#step(moment) } });
  }

  fillAdd({ kind, place, share, trailing }: AddOrder, price: Decimal, moment: Moment): void {
    const data = { place, price, share, ...this.#step(moment) };
    this.#emit(kind === 'dca' ? { type: 'DcaFilled', data } : { type: 'RebuyFilled', data });
    if (trailing !== null) this.#beginTrail(price);
  }

  /** Takes a profit. Answers whether anything was left for it: without, there is no step (rule 16). */
  takeProfit({ kind, place, order }: WaitingExit, price: Decimal, moment: Moment): boolean {
    const { signal } = this;
    const left = leftOf(signal);
    const share =
      kind === 'target'
        ? cappedShare(targetShare(left, targetOrdersOf(signal), signal.takeProfits), left)
        : cappedShare(order.share, left);
    if (share === '0') return false;
    const begins = kind === 'take_profit' && order.orderType === 'limit' && order.trailing !== null;
    // On the way to it the price has raised the trail that this one replaces.
    if (begins) this.follow(price);
    this.#emit({ type: 'TakeProfitHit', data: { kind, place, price, share, ...this.#step(moment) } });
    if (begins) this.#beginTrail(price);
    this.#settleIfClosed(moment);
    return true;
  }

  /** A take profit at the market. */
  takeProfitAtMarket(place: number, order: AddedExit, price: Decimal, moment: Moment): void {
    this.takeProfit({ kind: 'take_profit', place, order: { ...order, price } }, price, moment);
  }

  /** The stop closes all that is left. */
  stopOut(price: Decimal, moment: Moment): void {
    const share = leftOf(this.signal);
    this.#emit({ type: 'StopHit', data: { kind: this.#stopKind(), price, share, ...this.#step(moment) } });
    this.#settleIfClosed(moment);
  }

  #stopKind(): 'stop' | 'trailing' | 'break-even' {
    const { stop, position } = this.signal;
    const level = this.stopLevel;
    if (stop === null || level === null || compare(stop, level) !== 0) return 'trailing';
    return compare(stop, averageEntry(position!)) === 0 ? 'break-even' : 'stop';
  }

  /** Closes all that is left because somebody said so. */
  close(by: SettledBy, price: Decimal, moment: Moment, more: { closedBySignalId?: string } = {}): void {
    const share = leftOf(this.signal);
    const position = decreased(this.position!, price, share);
    this.#emit({
      type: 'SignalSettled',
      data: { by, price, share, ...this.#outcome(position), ...more, ...this.#step(moment) },
    });
  }

  expire(moment: Moment): void {
    this.#emit({ type: 'SignalExpired', data: this.#step(moment) });
  }

  /** The trail moves with the best price. */
  follow(price: Decimal): void {
    if (this.trail !== null) this.trail = followed(this.trail, price, this.sign);
  }

  /** Whether the trail was called for at or beyond the market: then it closes at whatever price comes next. */
  get trailIsDue(): boolean {
    const distance = this.trail?.distance ?? null;
    return distance !== null && exact(distance).lte(0);
  }

  /** Whether the stop was moved and has met no price yet. */
  get stopIsNew(): boolean {
    return this.signal.stopSince > this.#seen && this.position !== null;
  }

  /** Whether the stop was moved to the market or beyond it (rule 19). */
  get stopIsDue(): boolean {
    const { stop } = this.signal;
    return this.stopIsNew && stop !== null && this.#last !== null && this.reachesDown(this.#last, stop);
  }

  #beginTrail(price: Decimal): void {
    this.trail = begun(this.signal.trail!, this.trail, price, this.sign);
  }

  #settleIfClosed(moment: Moment): void {
    const position = this.position!;
    if (position.closed !== '100') return;
    this.#emit({
      type: 'SignalSettled',
      data: { by: 'exits', price: null, share: '0', ...this.#outcome(position), ...this.#step(moment) },
    });
  }

  #outcome(position: Position) {
    return { ...measured(position, this.sign), entryPrice: averageEntry(position) };
  }

  #step({ at, by }: Moment): { readonly at: Instant; readonly evidence: Evidence } {
    return { at, evidence: { decidedBy: by, ...this.#source } };
  }

  #emit(event: MarketEvent): void {
    this.events.push(event);
    this.signal = evolve(this.signal, event) as ExistingSignal;
  }
}
