/**
 * One signal judged twice, by fine prices and by the candles that they make up, side by side. They must come to the same
 * but where a candle can't tell what happened inside it, and what it can't tell is read off the candle and the levels.
 */
import Big from 'big.js';
import {
  type CandlePoint,
  type ExistingSignal,
  type PricePoint,
  type ProviderCommand,
  type SignalEvent,
  tradeSignOf,
} from '#libs/signal';
import { called, existing, type Followed, judged, NOTHING_YET } from '../../libs/signal/src/testing/follow.ts';
import { isOfMarket } from '../../libs/signal/src/testing/steps.ts';
import { entryOrdersOf, isOver, targetOrdersOf } from '../../libs/signal/src/state.ts';

/** The prices of one coarse candle. */
export interface Stretch {
  readonly coarse: CandlePoint;
  readonly fine: readonly PricePoint[];
}

/** A signal and calls on it, each at the open of a stretch, by its place. */
export interface Plan {
  readonly from: number;
  /** Stretches that it is followed through at most. */
  readonly most: number;
  /** `last` is the last price. */
  readonly calls: readonly { readonly at: number; readonly command: (last: string) => ProviderCommand }[];
}

/** What a candle can't tell. */
export type Reason =
  | 'stop and target'
  | 'target in the candle that matched'
  | 'target and what adds'
  | 'trail raised in the candle'
  | 'trail raised in the candle that matched'
  | 'trail replaced in the candle'
  | 'jump over the stop'
  | 'jump over two levels';

export type Verdict = 'the same' | Reason | 'unexplained';

/** How the two ways of judging compare: the first difference counts, all later ones follow from it. */
export function compared({ from, most, calls }: Plan, stretches: readonly Stretch[]): Verdict {
  let [fine, coarse] = [NOTHING_YET, NOTHING_YET];
  for (let at = from; at < Math.min(from + most, stretches.length); at += 1) {
    const stretch = stretches[at]!;
    for (const { command } of calls.filter((call) => call.at === at)) {
      const last = stretches[at - 1]!.coarse.close;
      fine = called(fine, command(last));
      coarse = called(coarse, command(last));
    }
    const before = coarse;
    const steps = { fine: fine.events.length, coarse: coarse.events.length };
    for (const price of stretch.fine) fine = judged(fine, price);
    coarse = judged(coarse, stretch.coarse);
    const [told, due] = [stepsSince(fine, steps.fine), stepsSince(coarse, steps.coarse)];
    if (!isSame(told, due) || !sameTrail(fine, coarse)) {
      return reasonFor(before, stretch.coarse, told) ?? 'unexplained';
    }
    if (isOver(existing(fine.state).status) && isOver(existing(coarse.state).status)) return 'the same';
  }
  return 'the same';
}

/** An expiry is told at the next price, whenever that comes; that it may not be followed by a match shows later. */
function stepsSince({ events }: Followed, from: number): readonly SignalEvent[] {
  return events.slice(from).filter((event) => isOfMarket(event) && event.type !== 'SignalExpired');
}

function isSame(told: readonly SignalEvent[], due: readonly SignalEvent[]): boolean {
  return JSON.stringify(told.map(essence)) === JSON.stringify(due.map(essence));
}

/** A step without its time and what decided it. */
function essence({ type, data }: SignalEvent): unknown {
  switch (type) {
    case 'SignalMatched':
      return [type, data.part, spelt(data.price), data.share];
    case 'TakeProfitHit':
    case 'StopHit':
      return [type, data.kind, 'place' in data ? data.place : null, spelt(data.price), data.share];
    case 'DcaFilled':
    case 'RebuyFilled':
      return [type, data.place, spelt(data.price), data.share];
    case 'SignalSettled':
      return [type, data.result, data.by, data.resultPct, data.resultR];
    default:
      return [type, data];
  }
}

/** A fill at a stop has the spelling of the stop, one at a tick that of the tick. */
function spelt(price: string): string {
  return new Big(price).toFixed();
}

/** Whether the trail stands at the same level and rides on from the same price. */
function sameTrail(fine: Followed, coarse: Followed): boolean {
  if (isOver(existing(coarse.state).status)) return true;
  const [one, other] = [fine.tracking.trail, coarse.tracking.trail].map(
    (trail) => trail && [trail.floor, trail.best].map((price) => price && spelt(price)),
  );
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What the candle can't tell of a signal that stood so at its open; null where it can tell everything. */
function reasonFor(before: Followed, candle: CandlePoint, told: readonly SignalEvent[]): Reason | null {
  // The open is the first of the fine prices: both begin with it.
  const opened = judged(before, { kind: 'tick', at: candle.opens, price: candle.open });
  const state = existing(opened.state);
  const levels = levelsOf(opened);
  const { reachesDown, reachesUp } = reachOf(state, candle);
  const exit = levels.exits.some(reachesUp);
  const adds = levels.adds.filter(reachesDown);
  if (state.position === null) {
    const entry = entryOrdersOf(state)[0]!.price;
    if (entry === null || !reachesDown(entry)) return null;
    if (exit) return 'target in the candle that matched';
    if (state.trail !== null && isBeyondClose(state, candle)) return 'trail raised in the candle that matched';
    if (adds.length > 0) return 'jump over two levels';
    return jumpsStop(told, levels.stop, candle) ? 'jump over the stop' : null;
  }
  const stop = levels.stop !== null && reachesDown(levels.stop);
  if (stop && exit) return 'stop and target';
  if (exit && adds.length > 0) return 'target and what adds';
  if (stop && adds.length > 0) return 'jump over two levels';
  const raised = raisedLevel(opened, candle);
  if (raised !== null && reachesDown(raised)) return 'trail raised in the candle';
  // The pair of a take profit takes the place of a trail that the way to it had raised.
  if (raised !== null && pairsOf(state).some(reachesUp)) return 'trail replaced in the candle';
  return stop && jumpsStop(told, levels.stop, candle) ? 'jump over the stop' : null;
}

interface Levels {
  readonly stop: string | null;
  readonly exits: readonly string[];
  readonly adds: readonly string[];
}

function levelsOf({ state, tracking }: Followed): Levels {
  const signal = existing(state);
  const sign = tradeSignOf(signal)!;
  const trail = tracking.trail ?? signal.trail;
  const stops = [
    ...(signal.stop === null ? [] : [signal.stop]),
    ...(tracking.trail === null ? [] : [tracking.trail.floor]),
    ...(trail === null || tracking.trail === null ? [] : [ridden(tracking.trail, tracking.trail.best, sign)]),
    ...(tracking.trail === null && signal.trail !== null ? [signal.trail.trigger] : []),
  ].filter((level) => level !== null);
  const nearest = stops.toSorted((one, other) => new Big(other).cmp(one) * sign)[0] ?? null;
  return {
    stop: nearest,
    exits: [
      ...targetOrdersOf(signal).flatMap(({ hit, price }) => (hit ? [] : [price])),
      ...signal.takeProfits.flatMap(({ hit, price }) => (hit || price === null ? [] : [price])),
    ],
    adds: signal.adds.flatMap(({ filled, price }) => (filled ? [] : [price])),
  };
}

/** Take profits with a trailing pair that wait. */
function pairsOf({ takeProfits }: ExistingSignal): readonly string[] {
  return takeProfits.flatMap(({ hit, price, trailing }) => (hit || price === null || trailing === null ? [] : [price]));
}

function ridden({ distance }: { readonly distance: string | null }, best: string | null, sign: 1 | -1): string | null {
  return distance === null || best === null ? null : new Big(best).minus(new Big(distance).times(sign)).toFixed();
}

/** Where the trail stands once the candle was at its best; null where that does not raise it. */
function raisedLevel({ state, tracking: { trail } }: Followed, { high, low }: CandlePoint): string | null {
  const sign = tradeSignOf(existing(state))!;
  const best = sign > 0 ? high : low;
  if (trail === null || trail.best === null || new Big(best).minus(trail.best).times(sign).lte(0)) return null;
  return ridden(trail, best, sign);
}

function reachOf(state: ExistingSignal, { high, low }: CandlePoint) {
  const sign = tradeSignOf(state)!;
  const [worst, best] = sign > 0 ? [low, high] : [high, low];
  return {
    reachesDown: (level: string): boolean => new Big(worst).minus(level).times(sign).lte(0),
    reachesUp: (level: string): boolean => new Big(best).minus(level).times(sign).gte(0),
  };
}

/** Whether the candle went further to the profit side than its close proves. */
function isBeyondClose(state: ExistingSignal, { high, low, close }: CandlePoint): boolean {
  return !new Big(tradeSignOf(state)! > 0 ? high : low).eq(close);
}

/** Whether a fine price beyond the stop, and no other than inside the candle, closed the position. */
function jumpsStop(told: readonly SignalEvent[], stop: string | null, { high, low }: CandlePoint): boolean {
  const hit = told.find((event) => event.type === 'StopHit');
  if (hit === undefined || stop === null) return false;
  const price = new Big(hit.data.price);
  return !price.eq(stop) && price.gte(low) && price.lte(high);
}
