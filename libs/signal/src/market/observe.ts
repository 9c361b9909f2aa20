/**
 * What a price does to a signal (outcome rules): the rules that the server, the replay tool and every figure of a track
 * record share. Written for a long; a short is the same on mirrored prices.
 */
import type { Decimal } from '../events.ts';
import type { MarketEvent } from '../market-events.ts';
import { isOver, tradeSignOf, type ExistingSignal } from '../state.ts';
import { Judgement, type Moment } from './judgement.ts';
import type { CandlePoint, PricePoint, Source, Tracking } from './price-point.ts';

export interface Observation {
  readonly events: readonly MarketEvent[];
  readonly state: ExistingSignal;
  readonly tracking: Tracking;
}

/**
 * Judges one price. A candle is judged by what is in force at its open, so the caller gives the state as of then.
 * `closedBy` names a signal that closes this one at the next price.
 */
export function observe(
  signal: ExistingSignal,
  tracking: Tracking,
  price: PricePoint,
  source: Source,
  closedBy: string | null = null,
): Observation {
  const sign = tradeSignOf(signal);
  if (sign === null || isOver(signal.status)) {
    return { events: [], state: signal, tracking: { ...tracking, seen: signal.version } };
  }
  const judgement = new Judgement(signal, tracking, sign, source);
  const opens = price.kind === 'tick' ? price.at : price.opens;
  if (!expiredBy(judgement, opens, price.kind)) {
    if (price.kind === 'tick') judgePoint(judgement, price.price, { at: price.at, by: 'tick' }, closedBy);
    else judgeCandle(judgement, price, closedBy);
  }
  const { events, signal: state, trail } = judgement;
  return { events, state, tracking: { seen: state.version, trail, last: null } };
}

/** Ends an unmatched signal whose time was over at a moment. Answers whether it did. */
function expiredBy(judgement: Judgement, moment: string, by: 'tick' | 'candle'): boolean {
  const { expiresAt, position } = judgement.signal;
  if (position !== null || expiresAt === null || expiresAt > moment) return false;
  judgement.expire({ at: expiresAt, by });
  return true;
}

/** A tick, or a candle's open: everything that it reaches happens at it. */
function judgePoint(judgement: Judgement, price: Decimal, moment: Moment, closedBy: string | null): void {
  if (judgement.position === null) {
    if (enterAt(judgement, price, moment)) afterMatch(judgement, price, moment);
  } else {
    exitAtNext(judgement, price, moment, closedBy);
    stopAt(judgement, price, moment);
    takeProfitsAt(judgement, price, moment);
    if (judgement.isOpen) {
      addAt(judgement, price, moment);
      stopAt(judgement, price, moment);
    }
  }
  if (judgement.isOpen) judgement.follow(price);
}

/** Fills the parts of the entry that a price reaches: a new order at it, one that rested at its own price (rule 6). */
function enterAt(judgement: Judgement, price: Decimal, moment: Moment): boolean {
  for (const order of judgement.entries(moment.at)) {
    if (order.price !== null && !judgement.reachesDown(price, order.price)) break;
    judgement.fillEntry(order, order.price === null || judgement.isNew(order) ? price : order.price, moment);
  }
  return judgement.position !== null;
}

/** With the match the other orders come into force: one that the market is beyond already fills at that price. */
function afterMatch(judgement: Judgement, price: Decimal, moment: Moment): void {
  stopAt(judgement, price, moment);
  for (const exit of judgement.isOpen ? judgement.exits() : []) {
    if (judgement.isOpen && judgement.reachesUp(price, exit.order.price)) judgement.takeProfit(exit, price, moment);
  }
  for (const order of judgement.isOpen ? judgement.adds() : []) {
    if (judgement.reachesDown(price, order.price)) judgement.fillAdd(order, price, moment);
  }
  stopAt(judgement, price, moment);
}

/** What was to be sold at the next price: all of it after a cancel or a close, shares at the market (rule 11). */
function exitAtNext(judgement: Judgement, price: Decimal, moment: Moment, closedBy: string | null): void {
  const { signal } = judgement;
  if (signal.callsEnded) return judgement.close('cancelled', price, moment);
  if (closedBy !== null) return judgement.close('closed', price, moment, { closedBySignalId: closedBy });
  signal.takeProfits.forEach((order, at) => {
    if (judgement.isOpen && order.orderType === 'market' && !order.hit)
      judgement.takeProfitAtMarket(at + 1, order, price, moment);
  });
}

/**
 * A price that reaches the stop, or jumps it, closes all at that price (rule 9). A stop that was set at or beyond the
 * market closes at any price (rule 19), but after the targets that this one reaches.
 */
function stopAt(judgement: Judgement, price: Decimal, moment: Moment): void {
  if (!judgement.isOpen) return;
  const level = judgement.stopLevel;
  const isDue = judgement.trailIsDue || judgement.stopIsDue;
  const comesAfter = isDue && judgement.exits().some(({ order }) => judgement.reachesUp(price, order.price));
  if ((isDue && !comesAfter) || (level !== null && judgement.reachesDown(price, level)))
    judgement.stopOut(price, moment);
}

function takeProfitsAt(judgement: Judgement, price: Decimal, moment: Moment): void {
  for (const exit of judgement.isOpen ? judgement.exits() : []) {
    if (!judgement.isOpen || !judgement.reachesUp(price, exit.order.price)) return;
    judgement.takeProfit(exit, judgement.isNew(exit.order) ? price : exit.order.price, moment);
  }
}

/** Adds to the position: parts of the entry that still wait, DCAs, rebuys. */
function addAt(judgement: Judgement, price: Decimal, moment: Moment): void {
  enterAt(judgement, price, moment);
  for (const order of judgement.adds()) {
    if (!judgement.reachesDown(price, order.price)) break;
    judgement.fillAdd(order, judgement.isNew(order) ? price : order.price, moment);
  }
}

/** First what the open decides, then what lies between low and high (rule 10). */
function judgeCandle(judgement: Judgement, candle: CandlePoint, closedBy: string | null): void {
  judgePoint(judgement, candle.open, { at: candle.opens, by: 'candle' }, closedBy);
  if (isOver(judgement.signal.status)) return;
  const matchedInside = judgement.position === null && enterInside(judgement, candle);
  if (judgement.isOpen) judgeInside(judgement, candle, matchedInside);
  if (judgement.position === null && judgement.signal.status === 'registered')
    expiredBy(judgement, candle.closes, 'candle');
}

/** An entry that the candle touches after its open. One whose time ends in the candle could only fill at the open. */
function enterInside(judgement: Judgement, candle: CandlePoint): boolean {
  const moment: Moment = { at: candle.closes, by: 'candle' };
  const [first] = waitingThrough(judgement, candle);
  if (first === undefined || first.price === null || !judgement.reachesDown(worstOf(judgement, candle), first.price))
    return false;
  const { price } = first;
  for (const order of waitingThrough(judgement, candle)) {
    if (order.price !== null && judgement.reachesDown(price, order.price)) judgement.fillEntry(order, price, moment);
  }
  afterMatch(judgement, price, moment);
  return true;
}

/** The parts of the entry that wait and whose time does not end inside the candle. */
function waitingThrough(judgement: Judgement, candle: CandlePoint) {
  const { expiresAt } = judgement.signal;
  return expiresAt !== null && expiresAt < candle.closes ? [] : judgement.entries(candle.opens);
}

function worstOf({ sign }: Judgement, candle: CandlePoint): Decimal {
  return sign > 0 ? candle.low : candle.high;
}

function bestOf({ sign }: Judgement, candle: CandlePoint): Decimal {
  return sign > 0 ? candle.high : candle.low;
}

/**
 * An open position between low and high. On the way down to the stop everything is certain: what adds to the position
 * lies before it. Whether a target came first is not, so the stop comes before any target, and a target before what
 * adds: the smaller result.
 */
function judgeInside(judgement: Judgement, candle: CandlePoint, matchedInside: boolean): void {
  const worst = worstOf(judgement, candle);
  const at = candle.closes;
  // In the candle that matched, only its close proves that a price came after the match.
  const proven = matchedInside ? candle.close : bestOf(judgement, candle);
  const reached = judgement.exits().filter(({ order }) => judgement.reachesUp(proven, order.price));
  const level = judgement.stopLevel;
  if (level !== null && judgement.reachesDown(worst, level)) {
    addInside(judgement, candle, { at, by: 'candle' });
    if (judgement.isOpen)
      judgement.stopOut(judgement.stopLevel!, { at, by: reached.length > 0 ? 'order-rule' : 'candle' });
    return;
  }
  const addsToo = waitingAdds(judgement, candle).some(({ price }) => judgement.reachesDown(worst, price));
  let taken = false;
  for (const exit of reached) {
    if (!judgement.isOpen) return;
    taken = judgement.takeProfit(exit, exit.order.price, { at, by: addsToo ? 'order-rule' : 'candle' }) || taken;
  }
  if (!judgement.isOpen) return;
  const added = addInside(judgement, candle, { at, by: taken ? 'order-rule' : 'candle' });
  if (!judgement.isOpen) return;
  // A trail that began with what was added, below, has only the close for a better price.
  judgement.follow(added === 'began a trail' ? candle.close : proven);
  const raised = judgement.stopLevel;
  if (raised !== null && judgement.reachesDown(candle.close, raised)) judgement.stopOut(raised, { at, by: 'candle' });
}

interface WaitingAdd {
  readonly price: Decimal;
  readonly fill: (moment: Moment) => void;
  readonly beginsTrail: boolean;
}

/** Everything that would add to the position, in the order in which the candle meets it. */
function waitingAdds(judgement: Judgement, candle: CandlePoint): readonly WaitingAdd[] {
  const parts = waitingThrough(judgement, candle).flatMap((order): WaitingAdd[] => {
    const { price } = order;
    if (price === null) return [];
    return [{ price, fill: (moment) => judgement.fillEntry(order, price, moment), beginsTrail: false }];
  });
  const adds = judgement.adds().map((order): WaitingAdd => ({
    price: order.price,
    fill: (moment) => judgement.fillAdd(order, order.price, moment),
    beginsTrail: order.trailing !== null,
  }));
  return [...parts, ...adds].sort((one, other) =>
    judgement.reachesDown(one.price, other.price) ? (judgement.reachesDown(other.price, one.price) ? 0 : 1) : -1,
  );
}

/** Fills what the candle touches before the stop; a trail that begins with it can be hit on the same way down. */
function addInside(judgement: Judgement, candle: CandlePoint, moment: Moment): 'began a trail' | null {
  const worst = worstOf(judgement, candle);
  let began: 'began a trail' | null = null;
  for (const add of waitingAdds(judgement, candle)) {
    const stop = judgement.stopLevel;
    if (!judgement.reachesDown(worst, add.price)) break;
    if (stop !== null && judgement.reachesDown(add.price, stop)) break;
    add.fill(moment);
    if (!add.beginsTrail) continue;
    began = 'began a trail';
    const raised = judgement.stopLevel;
    if (raised !== null && judgement.reachesDown(worst, raised)) {
      judgement.stopOut(raised, moment);
      break;
    }
  }
  return began;
}
