/** The calls that add an order to a signal: take profit, rebuy, DCA. */
import type { AddDca, AddRebuy, AddTakeProfit } from './commands.ts';
import { compare, isDecimal, isPercent, multiply, subtract, sum } from './decimal.ts';
import { decided } from './decision.ts';
import type { Refusal, SignalDecision } from './decision.ts';
import { losingBound, losingWord, onLosingSide, onProfitSide, profitBound, profitWord } from './direction.ts';
import { refusal } from './errors.ts';
import { priceRefusal } from './prices.ts';
import type { ExistingSignal } from './state.ts';
import { trailingPair, trailingRefusal } from './trailing.ts';

/** Most rebuys and DCAs of a signal, together: each is looked at with every price that touches it. */
const MAX_ADDS = 100;

/**
 * Adds an exit for a share of the whole position, in percent.
 *
 * - A limit order needs a price on the profit side of the whole entry; it need not follow the declared targets. A
 *   market order has none: a price sent with it is ignored, as an exchange would, and the event says null.
 * - The share is 1 to 100, and all added shares together are at most 100.
 * - Under 100 a trailing pair is required for what is left (Anny documentation). At 100 it is optional, but never half.
 * - That pair begins when the exit is done (outcome rules, rule 15): with a limit order its trigger lies on the losing
 *   side of the price, or it would close the rest in the same moment.
 *
 * A market order before the match is refused where a venue follows the signal (outcome rules, rule 11). Elsewhere nobody
 * knows whether there is a position, and it is accepted.
 * Two equal take profits are two: nothing is guessed from the body.
 */
export function addTakeProfit(command: AddTakeProfit, signal: ExistingSignal): SignalDecision {
  const price = command.orderType === 'limit' ? command.price : null;
  if (price === undefined) return { refused: refusal('price_missing', 'price') };
  const refused =
    shareRefusal(command.share) ??
    positionRefusal(command, signal) ??
    trailingRefusal(command.trailing, compare(command.share, '100') < 0, signal) ??
    limitRefusal(price, command, signal) ??
    leftRefusal(command.share, signal);
  if (refused !== null) return { refused };
  const trailing = trailingPair(command.trailing);
  const data = { orderType: command.orderType, price, share: command.share, trailing };
  return decided({
    type: 'TakeProfitAdded',
    data: {
      ...data,
      ...(command.symbol !== undefined && { symbol: command.symbol }),
      ...(price === null && command.reference !== undefined && { reference: command.reference }),
    },
  });
}

function positionRefusal({ orderType, tracked }: AddTakeProfit, { position }: ExistingSignal): Refusal | null {
  return orderType === 'market' && tracked === true && position === null ? refusal('not_matched', 'orderType') : null;
}

function shareRefusal(share: string): Refusal | null {
  return isPercent(share) && compare(share, '1') >= 0 ? null : refusal('share_out_of_range', 'share');
}

function limitRefusal(price: string | null, { trailing }: AddTakeProfit, signal: ExistingSignal): Refusal | null {
  if (price === null) return null;
  const { sign } = signal;
  const refused = priceRefusal(price, 'price', signal.instrument.class);
  if (refused !== null) return refused;
  const bound = profitBound(sign, signal.entry);
  if (bound !== null && !onProfitSide(sign, price, bound)) {
    return refusal('take_profit_side', 'price', { side: profitWord(sign), bound });
  }
  if (trailing?.trigger === undefined || onLosingSide(sign, trailing.trigger, price)) return null;
  return refusal('trailing_side', 'trailing.trigger', { side: losingWord(sign), bound: price });
}

function leftRefusal(share: string, { promised }: ExistingSignal): Refusal | null {
  if (compare(sum(promised, share), '100') <= 0) return null;
  return refusal('shares_over_100', 'share', { left: subtract('100', promised) });
}

/**
 * Adds a second entry zone, with a trailing stop for the whole position from then on, if a pair is given.
 *
 * Where the zone lies is the provider's own choice: the Anny documentation speaks of a lower price and states no
 * rule, and buying again on strength is common. `invest` is a percentage in (0, 100]; without one as much as the
 * original is bought again (outcome rules, rule 18).
 */
export function addRebuy(command: AddRebuy, signal: ExistingSignal): SignalDecision {
  const { min, max, invest } = command;
  const refused =
    priceRefusal(min, 'min', signal.instrument.class) ??
    priceRefusal(max, 'max', signal.instrument.class) ??
    (compare(min, max) > 0 ? refusal('rebuy_order', 'min', { upper: max }) : null) ??
    (invest === undefined || isPercent(invest) ? null : refusal('percent_invalid', 'invest')) ??
    trailingRefusal(command.trailing, false, signal) ??
    countRefusal(signal);
  if (refused !== null) return { refused };
  return decided({
    type: 'RebuyAdded',
    data: { min, max, invest: invest ?? null, trailing: trailingPair(command.trailing) },
  });
}

/**
 * Adds a level at which the position is averaged down: beyond the whole entry on the losing side. It may lie beyond
 * the stop too (the published example does): the stop then comes first, until it is moved.
 *
 * The order's size is original size × multiplier, in the unit of the original (Anny documentation: 10 % × 1.5 is
 * 15 %). It is not capped: a multiplier that asks for more than a follower has is the follower's limit to apply.
 */
export function addDca(command: AddDca, signal: ExistingSignal): SignalDecision {
  const { price, multiplier } = command;
  const refused =
    priceRefusal(price, 'price', signal.instrument.class) ??
    (isDecimal(multiplier) ? null : refusal('number_invalid', 'multiplier')) ??
    dcaSideRefusal(price, signal) ??
    countRefusal(signal);
  if (refused !== null) return { refused };
  const invest = signal.size === null ? null : multiply(signal.size.value, multiplier);
  return decided({ type: 'DcaAdded', data: { price, multiplier, invest } });
}

function countRefusal({ adds }: ExistingSignal): Refusal | null {
  return adds.length < MAX_ADDS ? null : refusal('too_many_orders', 'signalId', { most: String(MAX_ADDS) });
}

function dcaSideRefusal(price: string, { sign, entry }: ExistingSignal): Refusal | null {
  const bound = losingBound(sign, entry);
  return bound === null || onLosingSide(sign, price, bound)
    ? null
    : refusal('dca_side', 'price', { side: losingWord(sign), bound });
}
