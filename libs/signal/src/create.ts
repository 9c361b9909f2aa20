/** Creating a signal. */
import type { CreateSignal } from './commands.ts';
import { compare, isDecimal, isPercent, sum } from './decimal.ts';
import { decided } from './decision.ts';
import type { Refusal, SignalDecision } from './decision.ts';
import { losingBound, losingWord, onLosingSide, signOf } from './direction.ts';
import type { Sign } from './direction.ts';
import { refusal } from './errors.ts';
import type { Entry, InstrumentClass, SignalCreated, Size } from './events.ts';
import {
  ALL_NAMED,
  beyondTargetRefusal,
  entryOrderRefusal,
  MAX_TARGETS,
  priceRefusal,
  targetsRefusal,
} from './prices.ts';

const ENTRY_PRICES = ['min', 'mid', 'max'] as const;

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/**
 * Accepts a signal whose prices make sense together.
 *
 * - Entry min ≤ mid ≤ max, of those given; a split allocates exactly 100 percent, and only to prices that are given.
 * - Targets, at most 6, on the profit side of the whole entry, each further out than the one before.
 * - The stop strictly on the losing side of the whole entry, or of the first target where the entry is at any price.
 * - Size: a percentage in (0, 100], anything else above 0. Leverage at least 1.
 * - On SPOT no leverage above 1 and no CROSS margin; ISOLATED is accepted there, as the documented default of the Anny
 *   API is sent by clients that trade spot.
 * - `expiresAt`, if given, is still to come.
 *
 * A signal without the directions long or short, or one that closes a position, has no profit side: there the rules
 * about sides don't apply. Prices are kept as they were written.
 */
export function createSignal(command: CreateSignal): SignalDecision {
  const refused =
    entryRefusal(command.entry, command.instrument.class) ??
    exitRefusal(command) ??
    sizeRefusal(command.size) ??
    termsRefusal(command);
  return refused === null ? decided({ type: 'SignalCreated', data: createdData(command) }) : { refused };
}

function entryRefusal(entry: Entry | null, instrument: InstrumentClass): Refusal | null {
  if (entry === null) return null;
  let given = 0;
  for (const name of ENTRY_PRICES) {
    const price = entry[name];
    if (price === undefined) continue;
    given++;
    const refused = priceRefusal(price, `entry.${name}`, instrument);
    if (refused !== null) return refused;
  }
  if (given === 0) return refusal('entry_price_missing', 'entry');
  return entryOrderRefusal(entry, ALL_NAMED) ?? splitRefusal(entry);
}

function splitRefusal(entry: Entry): Refusal | null {
  const split = entry.split;
  if (split === undefined) return null;
  const shares: string[] = [];
  let first = 'split';
  for (const name of ENTRY_PRICES) {
    const share = split[name];
    if (share === undefined) continue;
    const field = `split.${name}`;
    if (!isPercent(share)) return refusal('percent_invalid', field);
    if (entry[name] === undefined) return refusal('split_without_price', field);
    if (shares.length === 0) first = field;
    shares.push(share);
  }
  if (shares.length === 0) return null;
  const total = sum(...shares);
  return compare(total, '100') === 0 ? null : refusal('split_sum', first, { sum: total });
}

function exitRefusal(command: CreateSignal): Refusal | null {
  const { targets, stop, entry } = command;
  const instrument = command.instrument.class;
  if (targets.length > MAX_TARGETS)
    return refusal('too_many_targets', `targets.${MAX_TARGETS + 1}`, { most: String(MAX_TARGETS) });
  for (let at = 0; at < targets.length; at++) {
    const refused = priceRefusal(targets[at], `targets.${at + 1}`, instrument);
    if (refused !== null) return refused;
  }
  const sign = signOf(command.side, command.direction);
  const refused = targetsRefusal(sign, targets, entry, ALL_NAMED);
  if (refused !== null || stop === null) return refused;
  return priceRefusal(stop, 'stop', instrument) ?? stopRefusal(sign, stop, command);
}

function stopRefusal(sign: Sign, stop: string, { entry, targets }: CreateSignal): Refusal | null {
  const bound = losingBound(sign, entry);
  if (bound === null) return beyondTargetRefusal(sign, stop, targets[0], 'stop_beyond_target', 'stop');
  return onLosingSide(sign, stop, bound) ? null : refusal('stop_side', 'stop', { side: losingWord(sign), bound });
}

function sizeRefusal(size: Size | null): Refusal | null {
  if (size === null) return null;
  if (size.kind === 'percent') return isPercent(size.value) ? null : refusal('percent_invalid', 'size');
  return isDecimal(size.value) ? null : refusal('number_invalid', 'size');
}

function termsRefusal({ leverage, marginType, instrument, expiresAt, now }: CreateSignal): Refusal | null {
  const spot = instrument.account === 'SPOT';
  if (leverage !== undefined) {
    if (!isDecimal(leverage)) return refusal('number_invalid', 'leverage');
    const beyondOne = compare(leverage, '1');
    if (beyondOne < 0) return refusal('leverage_too_low', 'leverage');
    if (spot && beyondOne > 0) return refusal('leverage_on_spot', 'leverage');
  }
  if (spot && marginType === 'CROSS') return refusal('margin_on_spot', 'marginType');
  // Moments of one fixed form compare as text; what has not that form is refused too.
  if (expiresAt !== undefined && !(INSTANT.test(expiresAt) && expiresAt > now))
    return refusal('expiry_passed', 'expiresAt');
  return null;
}

/** What the event keeps: always the same keys in the same order, and none for what was not given. */
function createdData(command: CreateSignal): SignalCreated['data'] {
  const data: Mutable<SignalCreated['data']> = {
    channelId: command.channelId,
    dialect: command.dialect,
    sandbox: command.sandbox,
    instrument: command.instrument,
    side: command.side,
    direction: command.direction,
    entry: command.entry,
    targets: command.targets,
    stop: command.stop,
    size: command.size,
  };
  if (command.leverage !== undefined) data.leverage = command.leverage;
  if (command.marginType !== undefined) data.marginType = command.marginType;
  if (command.expiresAt !== undefined) data.expiresAt = command.expiresAt;
  if (command.strategyId !== undefined) data.strategyId = command.strategyId;
  if (command.closesSignalId !== undefined) data.closesSignalId = command.closesSignalId;
  if (command.signalTime !== undefined) data.signalTime = command.signalTime;
  if (command.clientSignalId !== undefined) data.clientSignalId = command.clientSignalId;
  if (command.note !== undefined) data.note = command.note;
  if (command.metadata !== undefined) data.metadata = command.metadata;
  return data;
}
