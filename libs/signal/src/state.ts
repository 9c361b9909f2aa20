/** What a signal's events add up to, as far as a decision needs it. */
import { sum } from './decimal.ts';
import { signOf } from './direction.ts';
import type { Sign } from './direction.ts';
import type {
  Decimal,
  Dialect,
  Direction,
  Entry,
  InstrumentClass,
  PricesUpdated,
  Side,
  SignalCreated,
  SignalEvent,
  SignalStatus,
  Size,
  TrailingPair,
} from './events.ts';

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
  readonly instrumentClass: InstrumentClass;
  readonly side: Side;
  readonly direction: Direction | null;
  /** Side and direction as the rules use them. */
  readonly sign: Sign;
  readonly entry: Entry | null;
  readonly targets: readonly Decimal[];
  readonly stop: Decimal | null;
  readonly size: Size | null;
  /** The trailing stop called for last; those that come with a take profit or a rebuy begin later and are not here. */
  readonly trailing: TrailingPair | null;
  /** Percent of the position promised to added take profits. */
  readonly promised: Decimal;
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
  switch (event.type) {
    case 'TakeProfitAdded':
      return { ...state, promised: sum(state.promised, event.data.share) };
    case 'TrailingStopAdded':
      return { ...state, trailing: { trigger: event.data.trigger, limit: event.data.limit } };
    case 'RebuyAdded':
    case 'DcaAdded':
      // Orders of their own: no later decision depends on them.
      return state;
    case 'PricesUpdated':
      return repriced(state, event.data);
    case 'Cancelled':
      return { ...state, callsEnded: true, status: state.status === 'registered' ? 'cancelled' : state.status };
    default:
      return unknownEvent(event);
  }
}

function created(data: SignalCreated['data']): ExistingSignal {
  return {
    status: 'registered',
    callsEnded: false,
    channelId: data.channelId,
    dialect: data.dialect,
    instrumentClass: data.instrument.class,
    side: data.side,
    direction: data.direction,
    sign: signOf(data.side, data.direction),
    entry: data.entry,
    targets: data.targets,
    stop: data.stop,
    size: data.size,
    trailing: null,
    promised: '0',
  };
}

function repriced(state: ExistingSignal, changes: PricesUpdated['data']): ExistingSignal {
  return {
    ...state,
    entry: entryAfter(state.entry, changes),
    targets: targetsAfter(state.targets, changes.targets),
    stop: changes.stop ?? state.stop,
  };
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

/** The target that comes next; undefined where none is open. Until the market tells of hits, all of them are open. */
export function nextTarget(signal: ExistingSignal): Decimal | undefined {
  return signal.targets[0];
}

function unknownEvent(event: never): never {
  throw new Error(`unknown event ${(event as SignalEvent).type}`);
}
