/** What a signal's events add up to, as far as a decision needs it. */
import { compare, multiply, sum } from './decimal.ts';
import { signOf } from './direction.ts';
import type { Sign } from './direction.ts';
import type {
  DcaAdded,
  Decimal,
  Dialect,
  Direction,
  Entry,
  Instant,
  Instrument,
  PricesUpdated,
  RebuyAdded,
  Side,
  SignalCreated,
  SignalEvent,
  SignalStatus,
  Size,
  TakeProfitAdded,
  TrailingPair,
} from './events.ts';
import type { MarketEvent, SignalSettled } from './market-events.ts';
import {
  addedExit,
  entryOrders,
  movedEntryOrders,
  trailFrom,
  type AddedExit,
  type AddOrder,
  type EntryOrder,
  type TargetOrder,
  type Trail,
} from './market/orders.ts';
import { decreased, increased, opened, openShare, type Position, type TradeSign } from './market/position.ts';
import { rebuyShareOf } from './market/shares.ts';

export type SignalState = NoSignal | ExistingSignal;

export interface NoSignal {
  readonly status: 'none';
}

export interface ExistingSignal {
  readonly status: SignalStatus;
  /**
   * The provider cancelled: it may call no more. Apart from the status, because after a match the market still
   * closes what is open and decides the result.
   */
  readonly callsEnded: boolean;
  readonly channelId: string;
  readonly dialect: Dialect;
  /** Events folded: a decision of the market names the state it was made on. */
  readonly version: number;
  readonly sandbox: boolean;
  readonly instrument: Instrument;
  readonly side: Side;
  readonly direction: Direction | null;
  /** Side and direction as the rules use them. */
  readonly sign: Sign;
  readonly entry: Entry | null;
  readonly targets: readonly Decimal[];
  readonly stop: Decimal | null;
  /** The version at which the stop was moved last; 0 where it is as it was made. */
  readonly stopSince: number;
  readonly size: Size | null;
  /** The trailing stop called for last; those that come with a take profit or a rebuy begin later and are not here. */
  readonly trailing: TrailingPair | null;
  /** Percent of the position promised to added take profits. */
  readonly promised: Decimal;
  /** Until when the entry may be met; null: for good. */
  readonly expiresAt: Instant | null;
  /** The open signal that this one closes. */
  readonly closesSignalId: string | null;
  /** Null until something happened to the entry: then `entryOrdersOf` knows them from the entry alone. */
  readonly entries: readonly EntryOrder[] | null;
  /** Null until something happened to a target. */
  readonly targetOrders: readonly TargetOrder[] | null;
  readonly takeProfits: readonly AddedExit[];
  readonly adds: readonly AddOrder[];
  readonly trail: Trail | null;
  /** Null before the match. */
  readonly position: Position | null;
  /** The settlement in force; null before one. */
  readonly settled: SignalSettled['data'] | null;
}

/** Before the first event. */
export const initial: SignalState = Object.freeze({ status: 'none' });

/**
 * The state after one more event.
 * @throws Error where the events are no history of a signal: that is a fault of the log, never of a request.
 */
export function evolve(state: SignalState, event: SignalEvent): SignalState {
  if (event.type === 'SignalCreated') {
    if (state.status !== 'none') throw new Error('a signal is created once');
    return created(event.data);
  }
  if (state.status === 'none') throw new Error(`${event.type} before SignalCreated`);
  const next = { ...state, version: state.version + 1 };
  switch (event.type) {
    case 'TakeProfitAdded':
      return takeProfitAdded(next, event.data);
    case 'TrailingStopAdded': {
      const { trigger, limit, reference } = event.data;
      return {
        ...next,
        trailing: { trigger, limit },
        trail: trailFrom({ trigger, limit }, reference, next.sign, next.version),
      };
    }
    case 'RebuyAdded':
      return { ...next, adds: [...next.adds, rebuyOrder(next, event.data)] };
    case 'DcaAdded':
      return { ...next, adds: [...next.adds, dcaOrder(next, event.data)] };
    case 'PricesUpdated':
      return repriced(next, event.data);
    case 'Cancelled':
      return { ...next, callsEnded: true, status: next.status === 'registered' ? 'cancelled' : next.status };
    default:
      return moved(next, event);
  }
}

/** What the market did. */
function moved(state: ExistingSignal, event: MarketEvent): ExistingSignal {
  switch (event.type) {
    case 'SignalMatched': {
      const { part, price, share, stop } = event.data;
      const sign = tradeSignOf(state);
      if (sign === null) {
        // A closing signal has no position of its own: its match says that it was carried out.
        return { ...state, status: 'matched' };
      }
      const entries = entryOrdersOf(state).map((order) => (order.part === part ? { ...order, filled: true } : order));
      const position =
        state.position === null ? opened(price, share, stop, sign) : increased(state.position, price, share);
      return { ...state, status: 'matched', entries, position };
    }
    case 'TakeProfitHit': {
      const { kind, place, price, share } = event.data;
      const after = { ...state, position: decreased(positionOf(state), price, share) };
      if (kind === 'target') {
        const targetOrders = targetOrdersOf(state).map((order, at) =>
          at === place - 1 ? { ...order, hit: true } : order,
        );
        return { ...after, targetOrders };
      }
      const exit = state.takeProfits[place - 1]!;
      const takeProfits = state.takeProfits.map((order) => (order === exit ? { ...order, hit: true } : order));
      // That of a market order began when it was called for (outcome rules, rule 15).
      const begins = exit.orderType === 'limit' && exit.trailing !== null;
      const trail = begins ? trailFrom(exit.trailing, exit.price, state.sign, state.version) : state.trail;
      return { ...after, takeProfits, trail };
    }
    case 'StopHit':
      return { ...state, position: decreased(positionOf(state), event.data.price, event.data.share) };
    case 'DcaFilled':
    case 'RebuyFilled': {
      const { place, price, share } = event.data;
      const kind = event.type === 'DcaFilled' ? 'dca' : 'rebuy';
      const filled = state.adds.find((order) => order.kind === kind && order.place === place)!;
      const adds = state.adds.map((order) => (order === filled ? { ...order, filled: true } : order));
      const trail =
        filled.trailing === null ? state.trail : trailFrom(filled.trailing, filled.price, state.sign, state.version);
      return { ...state, adds, trail, position: increased(positionOf(state), price, share) };
    }
    case 'SignalExpired':
      return { ...state, status: 'expired' };
    case 'SignalSettled':
    case 'SettlementCorrected':
      // The position stays as it was before: a correction closes it anew.
      return { ...state, status: event.data.result, settled: event.data };
    default:
      return unknownEvent(event);
  }
}

function positionOf({ position }: ExistingSignal): Position {
  if (position === null) throw new Error('an exit before the match');
  return position;
}

function created(data: SignalCreated['data']): ExistingSignal {
  return {
    status: 'registered',
    callsEnded: false,
    channelId: data.channelId,
    dialect: data.dialect,
    version: 1,
    sandbox: data.sandbox,
    instrument: data.instrument,
    side: data.side,
    direction: data.direction,
    sign: signOf(data.side, data.direction),
    entry: data.entry,
    targets: data.targets,
    stop: data.stop,
    stopSince: 0,
    size: data.size,
    trailing: null,
    promised: '0',
    expiresAt: data.expiresAt ?? null,
    closesSignalId: data.closesSignalId ?? null,
    entries: null,
    targetOrders: null,
    takeProfits: NONE,
    adds: NONE,
    trail: null,
    position: null,
    settled: null,
  };
}

const NONE: readonly never[] = Object.freeze([]);

function takeProfitAdded(state: ExistingSignal, data: TakeProfitAdded['data']): ExistingSignal {
  const trail =
    data.orderType === 'market' && data.trailing !== null
      ? trailFrom(data.trailing, data.reference ?? null, state.sign, state.version)
      : state.trail;
  return {
    ...state,
    promised: sum(state.promised, data.share),
    takeProfits: [...state.takeProfits, addedExit(data, state.version)],
    trail,
  };
}

/** A rebuy is one order at its worst price, as an entry is (outcome rules, rule 7). */
function rebuyOrder(state: ExistingSignal, { min, max, invest, trailing }: RebuyAdded['data']): AddOrder {
  const price = state.sign < 0 ? min : max;
  const share = rebuyShareOf(invest, state.size);
  return {
    kind: 'rebuy',
    place: nextPlace(state, 'rebuy'),
    price,
    share,
    trailing,
    since: state.version,
    filled: false,
  };
}

function dcaOrder(state: ExistingSignal, { price, multiplier }: DcaAdded['data']): AddOrder {
  const share = multiply('100', multiplier);
  return {
    kind: 'dca',
    place: nextPlace(state, 'dca'),
    price,
    share,
    trailing: null,
    since: state.version,
    filled: false,
  };
}

function nextPlace(state: ExistingSignal, kind: AddOrder['kind']): number {
  return state.adds.filter((order) => order.kind === kind).length + 1;
}

function repriced(state: ExistingSignal, changes: PricesUpdated['data']): ExistingSignal {
  const entry = entryAfter(state.entry, changes);
  const targets = targetsAfter(state.targets, changes.targets);
  // After the match the entry's bounds have no effect (outcome rules, rule 19).
  const entryMoves = entry !== state.entry && state.position === null;
  return {
    ...state,
    entry,
    targets,
    stop: changes.stop ?? state.stop,
    stopSince: changes.stop === undefined ? state.stopSince : state.version,
    entries: entryMoves ? movedEntryOrders(entryOrdersOf(state), entry, state.sign, state.version) : state.entries,
    targetOrders:
      changes.targets === undefined ? state.targetOrders : movedTargets(targetOrdersOf(state), targets, state.version),
  };
}

function movedTargets(
  before: readonly TargetOrder[],
  targets: readonly Decimal[],
  since: number,
): readonly TargetOrder[] {
  return targets.map((price, at) => {
    const order = before[at];
    const stays = order !== undefined && (order.hit || compare(order.price, price) === 0);
    return stays ? order : { price, since, hit: false };
  });
}

/** The orders of the entry as they stand. */
export function entryOrdersOf(state: ExistingSignal): readonly EntryOrder[] {
  return state.entries ?? entryOrders(state.entry, state.sign, 1);
}

/** The declared targets as they stand. */
export function targetOrdersOf(state: ExistingSignal): readonly TargetOrder[] {
  return state.targetOrders ?? state.targets.map((price) => ({ price, since: 1, hit: false }));
}

/** Where profit lies: a YES and a NO are bought, each at the price of its side. Null for what takes no position. */
export function tradeSignOf({ side, direction }: Pick<ExistingSignal, 'side' | 'direction'>): TradeSign | null {
  if (side === 'close' || direction === null) return null;
  return direction === 'short' ? -1 : 1;
}

/** Whether its result stands, or it ended without one. */
export function isOver(status: SignalStatus): boolean {
  return status !== 'registered' && status !== 'matched';
}

/** The entry once its bounds have moved. A signal that entered at any price gets an entry by the first bound given. */
export function entryAfter(entry: Entry | null, { entryMin, entryMax }: PricesUpdated['data']): Entry | null {
  if (entryMin === undefined && entryMax === undefined) return entry;
  return {
    ...entry,
    ...(entryMin === undefined ? {} : { min: entryMin }),
    ...(entryMax === undefined ? {} : { max: entryMax }),
  };
}

/** The targets once some have moved or been appended; `changes` is keyed by place, from "1". */
export function targetsAfter(
  targets: readonly Decimal[],
  changes: PricesUpdated['data']['targets'],
): readonly Decimal[] {
  if (changes === undefined) return targets;
  const after = [...targets];
  for (const [place, price] of Object.entries(changes)) after[Number(place) - 1] = price;
  return after;
}

/** The target that comes next; undefined where none is open. */
export function nextTarget(signal: ExistingSignal): Decimal | undefined {
  return targetOrdersOf(signal).find(({ hit }) => !hit)?.price;
}

/** Percent of the position that is still open; all of it before the match. */
export function leftOf({ position }: ExistingSignal): Decimal {
  return position === null ? '100' : openShare(position);
}

function unknownEvent(event: never): never {
  throw new Error(`unknown event ${(event as SignalEvent).type}`);
}
