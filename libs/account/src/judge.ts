/** The circuit breaker of the day's loss. */
import { cancelsOf, DAILY_LOSS } from './cancel.ts';
import { checkReason, checkTrading } from './checks.ts';
import type { JudgeAccount, ResetBreaker } from './commands.ts';
import { dayAt, dayStart, isTripped, lossOf } from './day.ts';
import { decided, NOTHING_NEW, type AccountDecision } from './decision.ts';
import { refuse } from './errors.ts';
import { evolve } from './evolve.ts';
import type { AccountEvent, BreakerTripped } from './events.ts';
import { equityOf, marksHeld, unmarked } from './portfolio.ts';
import type { ExistingAccount } from './state.ts';
import type { Instant, Marks } from './values.ts';

/**
 * Starts the day where it is new, at the prices of midnight where all of them are known and else at those of now, and
 * trips the breaker where the day's loss is at its limit. A trip cancels the open buys and spares the sells. Where a
 * price is missing nothing is judged: that waits for the next tick. Judged again, it adds nothing.
 */
export function judgeAccount({ now, marks, atMidnight }: JudgeAccount, account: ExistingAccount): AccountDecision {
  if (account.status !== 'active') return NOTHING_NEW;
  const start = (atMidnight && dayStart(account, now, atMidnight)) ?? dayStart(account, now, marks);
  const started = start === null ? account : (evolve(account, start) as ExistingAccount);
  const trip = tripOf(started, now, marks);
  const events: AccountEvent[] = start === null ? [] : [start];
  if (trip !== null) {
    events.push(trip, ...cancelsOf(account, 'breaker', DAILY_LOSS, ({ side }) => side === 'buy'));
  }
  return events.length === 0 ? NOTHING_NEW : decided(...events);
}

function tripOf(account: ExistingAccount, now: Instant, marks: Marks): BreakerTripped | null {
  const loss = isTripped(account, now) ? null : lossOf(account, now, marks);
  if (loss === null || !loss.reached) return null;
  return {
    type: 'BreakerTripped',
    data: {
      breaker: 'daily_loss',
      day: dayAt(account, now),
      baseline: loss.baseline,
      equity: loss.equity,
      loss: loss.loss,
      limit: loss.limit,
      marks: marksHeld(account, marks),
    },
  };
}

/** The operator's way to go on before the day is over: its loss counts from the equity of now. */
export function resetBreaker({ reason, now, marks }: ResetBreaker, account: ExistingAccount): AccountDecision {
  const wrong = checkTrading(account) ?? checkReason(reason);
  if (wrong !== null) return wrong;
  if (!isTripped(account, now)) return refuse('not_tripped');
  const baseline = equityOf(account, marks);
  if (baseline === null) return refuse('quote_unavailable', 'symbol', { symbol: unmarked(account, marks)! });
  return decided({
    type: 'BreakerReset',
    data: { reason, day: dayAt(account, now), baseline, marks: marksHeld(account, marks) },
  });
}
