/** Trailing stops: the pair of prices that each consists of, and the call that sets one. */
import type { AddTrailingStop } from './commands.ts';
import { compare } from './decimal.ts';
import { decided, NOTHING_NEW } from './decision.ts';
import type { Refusal, SignalDecision } from './decision.ts';
import { losingWord, onLosingSide, onProfitSide, profitWord } from './direction.ts';
import { refusal } from './errors.ts';
import type { TrailingPair } from './events.ts';
import { beyondTargetRefusal, priceRefusal } from './prices.ts';
import { nextTarget } from './state.ts';
import type { ExistingSignal } from './state.ts';

/**
 * The form of a trailing pair: a trigger and a limit, both or (unless `required`) neither, both prices. The limit is
 * the worst price at which the exit may execute once triggered (Anny documentation), so for a long it is not above
 * the trigger, for a short not below it.
 */
export function trailingRefusal(
  pair: Partial<TrailingPair> | undefined,
  required: boolean,
  signal: ExistingSignal,
): Refusal | null {
  const { trigger, limit } = pair ?? {};
  if (trigger === undefined && limit === undefined && !required) return null;
  if (trigger === undefined) return refusal('trailing_missing', 'trailing.trigger');
  if (limit === undefined) return refusal('trailing_missing', 'trailing.limit');
  const refused =
    priceRefusal(trigger, 'trailing.trigger', signal.instrument.class) ??
    priceRefusal(limit, 'trailing.limit', signal.instrument.class);
  if (refused !== null) return refused;
  if (signal.sign === 0 || !onProfitSide(signal.sign, limit, trigger)) return null;
  return refusal('trailing_limit_side', 'trailing.limit', { side: profitWord(signal.sign), bound: trigger });
}

/** A pair that passed `trailingRefusal`; null where none was given. */
export function trailingPair(pair: Partial<TrailingPair> | undefined): TrailingPair | null {
  if (pair?.trigger === undefined || pair.limit === undefined) return null;
  return { trigger: pair.trigger, limit: pair.limit };
}

/**
 * Sets the trailing stop, or moves it.
 *
 * - It only ever tightens: the trigger is not below (short: not above) that of the trailing stop before it. With the
 *   trigger unchanged the limit may move either way, as it decides nothing about when the exit starts.
 * - The trigger lies on the losing side of the next open target: beyond it, the exit would always come first.
 * - A trigger looser than the fixed stop is accepted: the tighter of the two is in force (outcome rules, rule 13).
 * - Pairs given with a take profit or a rebuy begin later (rule 15) and are not compared with.
 * - The very pair that is set already adds nothing, whatever the last price is by now: it is a repeat, and a trail's
 *   distance must not change because a client sent its call twice. Another distance needs another trigger.
 */
export function addTrailingStop(command: AddTrailingStop, signal: ExistingSignal): SignalDecision {
  const refused = trailingRefusal(command, true, signal);
  if (refused !== null) return { refused };
  const { trigger, limit, reference } = command;
  const { sign, trailing } = signal;
  if (trailing !== null) {
    if (compare(trigger, trailing.trigger) === 0 && compare(limit, trailing.limit) === 0) return NOTHING_NEW;
    if (sign !== 0 && onLosingSide(sign, trigger, trailing.trigger)) {
      return {
        refused: refusal('trailing_loosened', 'trailing.trigger', { side: losingWord(sign), bound: trailing.trigger }),
      };
    }
  }
  const beyond = beyondTargetRefusal(sign, trigger, nextTarget(signal), 'trailing_beyond_target', 'trailing.trigger');
  return beyond === null
    ? decided({ type: 'TrailingStopAdded', data: { trigger, limit, reference } })
    : { refused: beyond };
}
