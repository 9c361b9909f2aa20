/** What a signal waits for: from this an index knows which prices can touch it. */
import { compare } from '../decimal.ts';
import type { Decimal, Instant } from '../events.ts';
import { entryOrdersOf, isOver, leftOf, targetOrdersOf, tradeSignOf, type ExistingSignal } from '../state.ts';
import type { TradeSign } from './position.ts';
import { Judgement } from './judgement.ts';
import type { Source, Tracking } from './price-point.ts';
import { targetShare } from './shares.ts';

export interface SignalWaits {
  /** A price at or below it does something; null where none does. */
  readonly below: Decimal | null;
  /** A price at or above it does something. */
  readonly above: Decimal | null;
  /** A price of this moment or later does something: the time for the entry is over. */
  readonly until: Instant | null;
  /** The very next price does something: an order is new to the market, or all is to be sold. */
  readonly next: boolean;
  /** A trailing stop that moves with the best price. */
  readonly trail: { readonly sign: TradeSign; readonly distance: Decimal; readonly best: Decimal } | null;
}

const NOWHERE: Source = { source: '', hash: '' };

/** The tracking of a signal after an event: a trail that was called for begins where it was called for. */
export function tracked(signal: ExistingSignal, tracking: Tracking): Tracking {
  const sign = tradeSignOf(signal);
  return sign === null ? tracking : { ...tracking, trail: new Judgement(signal, tracking, sign, NOWHERE).trail };
}

/** Null where nothing is waited for: the signal is over, or takes no position that prices could decide. */
export function waitsOf(signal: ExistingSignal, tracking: Tracking): SignalWaits | null {
  const sign = tradeSignOf(signal);
  if (sign === null || isOver(signal.status)) return null;
  return signal.position === null ? entryWaits(signal, tracking, sign) : positionWaits(signal, tracking, sign);
}

function entryWaits(signal: ExistingSignal, { seen }: Tracking, sign: TradeSign): SignalWaits {
  const orders = entryOrdersOf(signal);
  const next = orders.some(({ since, price }) => since > seen || price === null);
  const losing = furthest(
    sign,
    orders.flatMap(({ price }) => price ?? []),
  );
  return { ...sided(sign, losing, null), until: signal.expiresAt, next, trail: null };
}

function positionWaits(signal: ExistingSignal, tracking: Tracking, sign: TradeSign): SignalWaits {
  const judgement = new Judgement(signal, tracking, sign, NOWHERE);
  const { trail, stopLevel } = judgement;
  const exits = judgement.exits().filter(({ kind }) => kind === 'take_profit' || hasShare(signal));
  const entries = judgement.entries('');
  const adds = judgement.adds();
  const losing = furthest(sign, [
    ...(stopLevel === null ? [] : [stopLevel]),
    ...entries.flatMap(({ price }) => price ?? []),
    ...adds.map(({ price }) => price),
  ]);
  const isNew = (order: { readonly since: number }): boolean => judgement.isNew(order);
  const next =
    signal.callsEnded ||
    judgement.trailIsDue ||
    judgement.stopIsNew ||
    adds.some(isNew) ||
    exits.some(({ order }) => isNew(order)) ||
    signal.takeProfits.some(({ orderType, hit }) => orderType === 'market' && !hit);
  const rides = trail !== null && trail.distance !== null && trail.best !== null;
  return {
    ...sided(sign, losing, exits[0]?.order.price ?? null),
    until: null,
    next,
    trail: rides ? { sign, distance: trail.distance!, best: trail.best! } : null,
  };
}

/** A target that nothing is left for makes no step. */
function hasShare(signal: ExistingSignal): boolean {
  return targetShare(leftOf(signal), targetOrdersOf(signal), signal.takeProfits) !== '0';
}

/** The level that a price moving to the losing side meets first. */
function furthest(sign: TradeSign, levels: readonly Decimal[]): Decimal | null {
  let found: Decimal | null = null;
  for (const level of levels) if (found === null || compare(level, found) === sign) found = level;
  return found;
}

function sided(sign: TradeSign, losing: Decimal | null, profit: Decimal | null): Pick<SignalWaits, 'below' | 'above'> {
  return sign > 0 ? { below: losing, above: profit } : { below: profit, above: losing };
}
