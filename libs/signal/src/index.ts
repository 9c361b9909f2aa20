/** The domain of a signal: its events, its state, and what it decides. Pure; imports nothing of the rest. */
import { decide } from './decide.ts';
import { evolve, initial } from './state.ts';

/** `initial`, `evolve` and `decide` as one: all of a signal's behaviour. */
export const signalDecider = { initial, evolve, decide } as const;

export type * from './commands.ts';
export * from './decimal.ts';
export type { Refusal, RefusalKind, SignalDecision } from './decision.ts';
export { SIGNAL_REFUSALS } from './errors.ts';
export type { SignalRefusalCode } from './errors.ts';
export * from './events.ts';
export type * from './market-events.ts';
export { observe, type Observation } from './market/observe.ts';
export {
  averageEntry,
  decreased,
  increased,
  measured,
  opened,
  openShare,
  type Measured,
  type Position,
  type TradeSign,
} from './market/position.ts';
export * from './market/price-point.ts';
export { retracking, type Retracking, type TimedEvent, type TimedPrice } from './market/retracking.ts';
export { tracked, waitsOf, type SignalWaits } from './market/waits.ts';
export { isOver, leftOf, targetsAfter, tradeSignOf } from './state.ts';
export type { ExistingSignal, NoSignal, SignalState } from './state.ts';
export { upcast } from './upcast.ts';
