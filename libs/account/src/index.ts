/** The domain of an account: its events, its state, and what it decides. Pure; imports nothing of the rest. */
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import { initial } from './state.ts';

/** `initial`, `evolve` and `decide` as one: all of an account's behaviour. */
export const accountDecider = { initial, evolve, decide } as const;

export type * from './commands.ts';
export { dayAt, isTripped } from './day.ts';
export { compare, divide, isDecimal, multiply, subtract, sum } from './decimal.ts';
export type { AccountDecision, Refusal, RefusalKind } from './decision.ts';
export { ACCOUNT_REFUSALS, type AccountRefusalCode } from './errors.ts';
export * from './events.ts';
export { isReached } from './fills.ts';
export { bookFill, cashOf, DOLLARS, feeOf, type Lot, piecesOf, type Trade } from './money.ts';
export { isAtVenue, isOnPaper, isOver, remainingOf } from './order.ts';
export { NO_HOLDING } from './order-events.ts';
export { averagePrice, equityOf, findOrder, freeCash, freeHolding, markOf } from './portfolio.ts';
export * from './state.ts';
export { upcast } from './upcast.ts';
export * from './values.ts';
