/** The UTC day whose loss is limited: when it begins, what it lost, and whether its breaker has tripped. */
import type { DayStarted } from './events.ts';
import { equityOf, marksHeld } from './portfolio.ts';
import type { ExistingAccount } from './state.ts';
import { compare, subtract } from './decimal.ts';
import type { Day, Decimal, Instant, Marks, SignedDecimal } from './values.ts';

/** The account's day at a moment. It never goes back: a process with a late clock does not begin yesterday again. */
export function dayAt({ day }: Pick<ExistingAccount, 'day'>, now: Instant): Day {
  const today = now.slice(0, '2026-11-21'.length);
  return day !== null && day.day > today ? day.day : today;
}

/** The day that is running; null where the one at `now` has not been started. */
function dayRunning(account: Pick<ExistingAccount, 'day'>, now: Instant): ExistingAccount['day'] {
  return account.day !== null && account.day.day === dayAt(account, now) ? account.day : null;
}

/** Whether what opens or adds is refused for the rest of the day. A new day clears it. */
export function isTripped(account: Pick<ExistingAccount, 'day'>, now: Instant): boolean {
  return dayRunning(account, now)?.tripped === true;
}

/** The start of the day at `now`; null where it is running, or a holding has no mark: nothing is invented. */
export function dayStart(account: ExistingAccount, now: Instant, marks: Marks): DayStarted | null {
  if (dayRunning(account, now) !== null) return null;
  const equity = equityOf(account, marks);
  if (equity === null) return null;
  return { type: 'DayStarted', data: { day: dayAt(account, now), equity, marks: marksHeld(account, marks) } };
}

/** The same before an order of an account whose loss is limited: what the order costs counts as loss of this day. */
export function dayStartOfLimited(account: ExistingAccount, now: Instant, marks: Marks): readonly DayStarted[] {
  const start = account.dailyLossLimit === null ? null : dayStart(account, now, marks);
  return start === null ? [] : [start];
}

/** How a day stands against its limit, US dollars. */
export interface Loss {
  readonly baseline: SignedDecimal;
  readonly equity: SignedDecimal;
  /** Below zero: a gain. */
  readonly loss: SignedDecimal;
  readonly limit: Decimal;
  /** The loss is at the limit or beyond. */
  readonly reached: boolean;
}

/** The loss of the day so far; of a day that begins only now it is 0. Null without a limit, or where a holding has no mark. */
export function lossOf(account: ExistingAccount, now: Instant, marks: Marks): Loss | null {
  const limit = account.dailyLossLimit;
  const equity = equityOf(account, marks);
  if (limit === null || equity === null) return null;
  const baseline = dayRunning(account, now)?.baseline ?? equity;
  const loss = subtract(baseline, equity);
  return { baseline, equity, loss, limit, reached: compare(loss, limit) >= 0 };
}
