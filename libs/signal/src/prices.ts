/** The rules that the prices of a signal obey together: at its creation, and after each update. */
import { compare, isDecimal } from './decimal.ts';
import type { Refusal } from './decision.ts';
import { onLosingSide, onProfitSide, losingWord, profitBound, profitWord } from './direction.ts';
import type { Sign } from './direction.ts';
import { refusal } from './errors.ts';
import type { Decimal, Entry, InstrumentClass } from './events.ts';

/** Most targets a signal has (Anny documentation: `sell_price_1` to `sell_price_6`). */
export const MAX_TARGETS = 6;

/** Whether a command named this field. Of two prices that disagree, the one that was named is at fault. */
export type Named = (field: string) => boolean;

/** A creation names all of its prices. */
export const ALL_NAMED: Named = () => true;

/** A price is a plain decimal above 0, and on a prediction market below 1, since it is a probability. */
export function priceRefusal(price: unknown, field: string, instrument: InstrumentClass): Refusal | null {
  if (!isDecimal(price)) return refusal('price_invalid', field);
  if (instrument === 'prediction' && compare(price, '1') >= 0) return refusal('price_not_a_probability', field);
  return null;
}

/** min ≤ mid ≤ max, of those given. A range is a range in any direction, so this rule has no mirror. */
export function entryOrderRefusal(entry: Entry, named: Named): Refusal | null {
  return (
    risingRefusal(entry.min, entry.mid, 'entry.mid', 'entry.min', named) ??
    risingRefusal(entry.mid, entry.max, 'entry.mid', 'entry.max', named) ??
    risingRefusal(entry.min, entry.max, 'entry.min', 'entry.max', named)
  );
}

function risingRefusal(
  lower: Decimal | undefined,
  upper: Decimal | undefined,
  field: string,
  other: string,
  named: Named,
): Refusal | null {
  if (lower === undefined || upper === undefined || compare(lower, upper) <= 0) return null;
  return refusal('entry_order', named(field) ? field : other, { lower, upper });
}

/**
 * Targets lie on the profit side of the whole entry (long: above its highest price) and each lies strictly further
 * out than the one before. Where the signal enters at any price, only their order is judged.
 */
export function targetsRefusal(
  sign: Sign,
  targets: readonly Decimal[],
  entry: Entry | null,
  named: Named,
): Refusal | null {
  if (sign === 0) return null;
  const bound = profitBound(sign, entry);
  const first = targets[0];
  if (first !== undefined && bound !== null && !onProfitSide(sign, first, bound)) {
    return refusal('target_side', named('targets.1') ? 'targets.1' : entryFieldAt(sign, named), {
      side: profitWord(sign),
      bound,
    });
  }
  for (let at = 1; at < targets.length; at++) {
    const before = targets[at - 1]!;
    if (onProfitSide(sign, targets[at]!, before)) continue;
    const field = `targets.${at + 1}`;
    return refusal('target_order', named(field) ? field : `targets.${at}`, { side: profitWord(sign), bound: before });
  }
  return null;
}

/** Which bound of the entry an update moved onto the first target: the one on the profit side, if it was named. */
function entryFieldAt(sign: Sign, named: Named): string {
  const [profit, losing] = sign > 0 ? ['entry.max', 'entry.min'] : ['entry.min', 'entry.max'];
  return named(profit!) || !named(losing!) ? profit! : losing!;
}

/**
 * A stop, fixed or trailing, lies strictly on the losing side of the next open target. It may lie beyond the entry:
 * break-even and locked profit are the commonest updates. Without a target it is free.
 */
export function beyondTargetRefusal(
  sign: Sign,
  stop: Decimal | null,
  nextTarget: Decimal | undefined,
  code: 'stop_beyond_target' | 'trailing_beyond_target',
  field: string,
): Refusal | null {
  if (stop === null || nextTarget === undefined || onLosingSide(sign, stop, nextTarget)) return null;
  return refusal(code, field, { side: losingWord(sign), bound: nextTarget });
}
