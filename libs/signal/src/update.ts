/** Moving the prices of a signal. */
import type { UpdatePrices } from './commands.ts';
import { compare } from './decimal.ts';
import { decided, NOTHING_NEW } from './decision.ts';
import type { Refusal, SignalDecision } from './decision.ts';
import { refusal } from './errors.ts';
import type { Decimal, PricesUpdated } from './events.ts';
import { beyondTargetRefusal, entryOrderRefusal, MAX_TARGETS, priceRefusal, targetsRefusal } from './prices.ts';
import type { Named } from './prices.ts';
import { entryAfter, targetsAfter } from './state.ts';
import type { ExistingSignal } from './state.ts';

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
type Changes = Mutable<PricesUpdated['data']>;

/**
 * Changes the prices that are named and no others; the event holds only those that differ, and an update that differs
 * in nothing adds none.
 *
 * - The result obeys the rules of creation for entry and targets. A mid price of the entry can't be moved (the API has
 *   no field for it), so the range goes on containing it.
 * - What can have no effect any more is left out: bounds of the entry after the match, targets that were hit.
 * - Targets may be appended directly after the last one, several at once; never with a hole between.
 * - The stop is freer than at creation: it only needs to lie on the losing side of the next open target, so that it
 *   can go to break-even or lock in a profit. Without a target it is free.
 * - A target does not move onto or past the trailing stop either: the two would contradict each other.
 * - Take profits and DCAs added by calls of their own stay where they are, wherever the entry goes.
 *
 * Of two prices that disagree, the refusal blames the one that was named.
 */
export function updatePrices(command: UpdatePrices, signal: ExistingSignal): SignalDecision {
  const refused = formRefusal(command, signal);
  if (refused !== null) return { refused };
  const changes = changesOf(command, signal);
  if (changes === null) return NOTHING_NEW;
  const broken = resultRefusal(changes, signal);
  return broken === null ? decided({ type: 'PricesUpdated', data: changes }) : { refused: broken };
}

/** Each price named by itself: its form, and for a target its place. */
function formRefusal(
  { entryMin, entryMax, targets, stop }: UpdatePrices,
  { instrument, targets: before }: ExistingSignal,
): Refusal | null {
  const places = targets === undefined ? [] : Object.keys(targets).sort();
  if (entryMin === undefined && entryMax === undefined && stop === undefined && places.length === 0)
    return refusal('prices_missing', 'prices');
  let refused =
    (entryMin === undefined ? null : priceRefusal(entryMin, 'entry.min', instrument.class)) ??
    (entryMax === undefined ? null : priceRefusal(entryMax, 'entry.max', instrument.class));
  let next = before.length + 1;
  for (const place of places) {
    if (refused !== null) return refused;
    const field = `targets.${place}`;
    if (!isPlace(place)) return refusal('too_many_targets', field, { most: String(MAX_TARGETS) });
    if (Number(place) > next) return refusal('target_gap', field, { next: String(next) });
    if (Number(place) === next) next++;
    refused = priceRefusal(targets![place], field, instrument.class);
  }
  return refused ?? (stop === undefined ? null : priceRefusal(stop, 'stop', instrument.class));
}

/** `1` to `6`, one character each: places therefore sort as text. */
function isPlace(place: string): boolean {
  return place.length === 1 && place >= '1' && place <= String(MAX_TARGETS);
}

/**
 * What differs from the prices there are, by value and not by spelling, and can still have an effect; null where
 * nothing does. After the match the entry stays what it was, and so does a target that was hit (outcome rules, rule 19).
 */
function changesOf({ entryMin, entryMax, targets, stop }: UpdatePrices, signal: ExistingSignal): Changes | null {
  const changes: Changes = {};
  if (signal.position === null) {
    if (entryMin !== undefined && differs(entryMin, signal.entry?.min)) changes.entryMin = entryMin;
    if (entryMax !== undefined && differs(entryMax, signal.entry?.max)) changes.entryMax = entryMax;
  }
  const moved: Record<string, Decimal> = {};
  for (const place in targets) {
    const at = Number(place) - 1;
    if (signal.targetOrders?.[at]?.hit !== true && differs(targets[place]!, signal.targets[at]))
      moved[place] = targets[place]!;
  }
  if (isSome(moved)) changes.targets = moved;
  if (stop !== undefined && differs(stop, signal.stop ?? undefined)) changes.stop = stop;
  return isSome(changes) ? changes : null;
}

function differs(price: Decimal, before: Decimal | undefined): boolean {
  return before === undefined || compare(price, before) !== 0;
}

function isSome(record: object): boolean {
  for (const _ in record) return true;
  return false;
}

/** The prices as they would be, together. */
function resultRefusal(changes: Changes, signal: ExistingSignal): Refusal | null {
  const named: Named = (field) => isNamed(changes, field);
  const { sign, trailing } = signal;
  const entry = entryAfter(signal.entry, changes);
  const targets = targetsAfter(signal.targets, changes.targets);
  const open = targets.findIndex((_, at) => signal.targetOrders?.[at]?.hit !== true);
  const next = targets[open];
  return (
    (entry === null ? null : entryOrderRefusal(entry, named)) ??
    targetsRefusal(sign, targets, entry, named) ??
    beyondTargetRefusal(
      sign,
      changes.stop ?? signal.stop,
      next,
      'stop_beyond_target',
      changes.stop === undefined ? 'targets.1' : 'stop',
    ) ??
    beyondTargetRefusal(sign, trailing?.trigger ?? null, next, 'trailing_beyond_target', 'targets.1')
  );
}

function isNamed(changes: Changes, field: string): boolean {
  if (field === 'entry.min') return changes.entryMin !== undefined;
  if (field === 'entry.max') return changes.entryMax !== undefined;
  return field.startsWith('targets.') && changes.targets?.[field.slice('targets.'.length)] !== undefined;
}
