/**
 * The orders that a signal's events add up to: what would rest at a venue. Each knows the version of its signal (the
 * number of events folded) at which it came to be as it is: a price judged later than that finds it resting, the first
 * one finds it new (outcome rules, rule 6).
 */
import { compare, subtract } from '../decimal.ts';
import { profitBound, type Sign } from '../direction.ts';
import type { Decimal, Entry, TakeProfitAdded, TrailingPair } from '../events.ts';

type EntryPart = 'min' | 'mid' | 'max';

/** One order of the entry. */
export interface EntryOrder {
  readonly part: EntryPart | null;
  /** Null: at any price. */
  readonly price: Decimal | null;
  /** Percent of the original investment. */
  readonly share: Decimal;
  readonly since: number;
  readonly filled: boolean;
}

/** A declared target. */
export interface TargetOrder {
  readonly price: Decimal;
  readonly since: number;
  readonly hit: boolean;
}

/** A take profit added by a call. */
export interface AddedExit {
  readonly orderType: 'limit' | 'market';
  readonly price: Decimal | null;
  readonly share: Decimal;
  readonly trailing: TrailingPair | null;
  readonly since: number;
  readonly hit: boolean;
}

/** A DCA or a rebuy: an order that adds to the position. */
export interface AddOrder {
  readonly kind: 'dca' | 'rebuy';
  /** Its place among its kind, from 1. */
  readonly place: number;
  readonly price: Decimal;
  /** Percent of the original investment. */
  readonly share: Decimal;
  readonly trailing: TrailingPair | null;
  readonly since: number;
  readonly filled: boolean;
}

/** The trailing stop that moves now. */
export interface Trail {
  readonly trigger: Decimal;
  /** How far it stays behind the best price; null where no price was known at receipt: then it stays at its trigger. */
  readonly distance: Decimal | null;
  readonly since: number;
}

/**
 * The orders of an entry: one for the whole size at the worst price given, or with a split one for each part
 * (outcome rules, rule 7).
 */
export function entryOrders(entry: Entry | null, sign: Sign, since: number): readonly EntryOrder[] {
  const split = entry?.split;
  const parts = split === undefined ? [] : (['min', 'mid', 'max'] as const).filter((part) => split[part] !== undefined);
  if (parts.length === 0) {
    return [{ part: null, price: profitBound(sign === 0 ? 1 : sign, entry), share: '100', since, filled: false }];
  }
  return parts.map((part) => ({ part, price: entry![part]!, share: split![part]!, since, filled: false }));
}

/** The orders after the entry's bounds moved: one whose price stayed rests on. */
export function movedEntryOrders(
  before: readonly EntryOrder[],
  entry: Entry | null,
  sign: Sign,
  since: number,
): readonly EntryOrder[] {
  return entryOrders(entry, sign, since).map((order) => {
    const same = before.find(({ part }) => part === order.part);
    const stayed = same !== undefined && samePrice(same.price, order.price);
    return stayed ? same : order;
  });
}

function samePrice(one: Decimal | null, other: Decimal | null): boolean {
  return one === null || other === null ? one === other : compare(one, other) === 0;
}

/** A trailing pair that begins at a price, or begins at none known. */
export function trailFrom({ trigger }: TrailingPair, price: Decimal | null, sign: Sign, since: number): Trail {
  if (price === null) return { trigger, distance: null, since };
  return { trigger, distance: sign < 0 ? subtract(trigger, price) : subtract(price, trigger), since };
}

/** An added take profit as an order. */
export function addedExit({ orderType, price, share, trailing }: TakeProfitAdded['data'], since: number): AddedExit {
  return { orderType, price, share, trailing, since, hit: false };
}
