/** What is asked of orders before they are taken: numbers that make sense, and the limits on what opens or adds. */
import type { Terms } from './commands.ts';
import { isTripped, lossOf } from './day.ts';
import { compare, isDecimal, multiply, sum } from './decimal.ts';
import type { Refusal } from './decision.ts';
import { refuse } from './errors.ts';
import { boundTo, markOf, simulatedIn, unmarked } from './portfolio.ts';
import type { ExistingAccount } from './state.ts';
import type { Decimal, Instant, Marks } from './values.ts';

/** A refusal, or null: nothing speaks against it. */
export type Checked = { readonly refused: Refusal } | null;

/** Whether the account trades at all. */
export function checkTrading({ status }: ExistingAccount): Checked {
  if (status === 'closed') return refuse('account_closed', 'accountId');
  return status === 'pending' ? refuse('not_approved', 'accountId') : null;
}

/** That each number given is a plain decimal above zero. The first that is not is named. */
export function checkNumbers(numbers: Readonly<Record<string, Decimal | null | undefined>>): Checked {
  for (const [field, number] of Object.entries(numbers)) {
    if (number != null && !isDecimal(number)) return refuse('number_invalid', field);
  }
  return null;
}

export function checkReason(reason: string): Checked {
  return reason.trim() === '' ? refuse('reason_missing', 'reason') : null;
}

/** What would be added, and what is known at that moment. */
export interface Adding {
  readonly symbol: string;
  /** Pieces on top of the holding and of the open buys as they are. */
  readonly quantity: Decimal;
  readonly now: Instant;
  readonly marks: Marks;
}

/** Whether a buy may open or add at all. */
export function checkPaused({ paused }: ExistingAccount): Checked {
  return paused === null ? null : refuse('paused', undefined, { reason: paused.reason });
}

/**
 * Whether the account's orders go to this broker, at prices of this kind: what is held at one can't be sold at another,
 * and what was bought on real prices not on invented ones, nor the other way round.
 */
export function checkTerms(
  account: ExistingAccount,
  { broker: asked, simulated }: Pick<Terms, 'broker' | 'simulated'>,
): Checked {
  const own = boundTo(account);
  if (own !== null && own !== asked) return refuse('other_broker', undefined, { own, asked });
  const kind = simulatedIn(account);
  if (kind === null || kind === simulated) return null;
  return refuse('other_prices', 'symbol', kind ? SIMULATED_ONLY : REAL_ONLY);
}

const SIMULATED_ONLY = { own: 'simulated', asked: 'real' };
const REAL_ONLY = { own: 'real', asked: 'simulated' };

/**
 * Whether a buy keeps to the limits that are set: prices are known to judge them by; the breaker has not tripped and the
 * day's loss is below its limit, whether or not that was judged yet; the position stays within its cap, where all open
 * buys count as if they were filled.
 */
export function checkLimits(account: ExistingAccount, { symbol, quantity, now, marks }: Adding): Checked {
  const { dailyLossLimit, maxPositionSize } = account;
  const quote = markOf(marks, symbol);
  if (maxPositionSize !== null && quote === undefined) return refuse('quote_unavailable', 'symbol', { symbol });
  if (dailyLossLimit !== null) {
    const loss = lossOf(account, now, marks);
    if (loss === null) return refuse('quote_unavailable', 'symbol', { symbol: unmarked(account, marks) ?? symbol });
    if (loss.reached || isTripped(account, now)) {
      return refuse('daily_loss', undefined, { loss: loss.loss, limit: loss.limit });
    }
  }
  if (maxPositionSize === null || quote === undefined) return null;
  const position = sum(account.holdings.get(symbol)?.quantity ?? '0', account.buying.get(symbol) ?? '0', quantity);
  const value = multiply(position, quote.price);
  return compare(value, maxPositionSize) > 0
    ? refuse('position_cap', undefined, { value, limit: maxPositionSize })
    : null;
}
