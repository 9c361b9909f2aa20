/**
 * The mirror: every price p becomes 200000 − p, long becomes short, lower bounds become upper ones. What is true of a
 * command on a long is true of its mirror image on a short, so each rule is tested on both by one row.
 */
import type { ProviderCommand } from '../commands.ts';
import { subtract } from '../decimal.ts';
import type { SignalDecision } from '../decision.ts';
import type { Direction, Entry, ProviderEvent, SignalEvent, TrailingPair } from '../events.ts';

/** Prices in mirrored tests lie between 0 and this. */
const SPAN = '200000';

/** Something that is no price (a text sent as one) stays what it is: it is refused on both sides. */
export function mirrorPrice(price: string): string {
  return /^[1-9]\d{0,5}(\.\d+)?$/.test(price) ? subtract(SPAN, price) : price;
}

function mirrorDirection(direction: Direction | null): Direction | null {
  if (direction === 'long') return 'short';
  return direction === 'short' ? 'long' : direction;
}

type Bounds = { readonly min?: string; readonly mid?: string; readonly max?: string };

function mirrorBounds(bounds: Bounds, image: (value: string) => string): Bounds {
  return {
    ...(bounds.max === undefined ? {} : { min: image(bounds.max) }),
    ...(bounds.mid === undefined ? {} : { mid: image(bounds.mid) }),
    ...(bounds.min === undefined ? {} : { max: image(bounds.min) }),
  };
}

function mirrorEntry(entry: Entry | null): Entry | null {
  if (entry === null) return null;
  return {
    ...mirrorBounds(entry, mirrorPrice),
    ...(entry.mode === undefined ? {} : { mode: entry.mode }),
    ...(entry.split === undefined ? {} : { split: mirrorBounds(entry.split, (share) => share) }),
  };
}

function mirrorPair<Pair extends Partial<TrailingPair> | null>(pair: Pair): Pair {
  if (pair === null) return pair;
  return {
    ...pair,
    ...(pair.trigger === undefined ? {} : { trigger: mirrorPrice(pair.trigger) }),
    ...(pair.limit === undefined ? {} : { limit: mirrorPrice(pair.limit) }),
  };
}

function mirrorReference({ reference }: { readonly reference?: string }): { readonly reference?: string } {
  return reference === undefined ? {} : { reference: mirrorPrice(reference) };
}

interface Updated {
  readonly entryMin?: string;
  readonly entryMax?: string;
  readonly targets?: Readonly<Record<string, string>>;
  readonly stop?: string;
}

function mirrorUpdate({ entryMin, entryMax, targets, stop }: Updated): Updated {
  return {
    ...(entryMax === undefined ? {} : { entryMin: mirrorPrice(entryMax) }),
    ...(entryMin === undefined ? {} : { entryMax: mirrorPrice(entryMin) }),
    ...(targets === undefined
      ? {}
      : { targets: Object.fromEntries(Object.entries(targets).map(([place, price]) => [place, mirrorPrice(price)])) }),
    ...(stop === undefined ? {} : { stop: mirrorPrice(stop) }),
  };
}

function orNull(price: string | null): string | null {
  return price === null ? null : mirrorPrice(price);
}

export function mirrorCommand(command: ProviderCommand): ProviderCommand {
  switch (command.type) {
    case 'CreateSignal':
      return {
        ...command,
        direction: mirrorDirection(command.direction),
        entry: mirrorEntry(command.entry),
        targets: command.targets.map(mirrorPrice),
        stop: orNull(command.stop),
      };
    case 'AddTakeProfit':
      return {
        ...command,
        ...(command.price === undefined ? {} : { price: mirrorPrice(command.price) }),
        ...(command.trailing === undefined ? {} : { trailing: mirrorPair(command.trailing) }),
        ...mirrorReference(command),
      };
    case 'AddTrailingStop':
      return {
        ...command,
        trigger: mirrorPrice(command.trigger),
        limit: mirrorPrice(command.limit),
        reference: orNull(command.reference),
      };
    case 'AddRebuy':
      return {
        ...command,
        min: mirrorPrice(command.max),
        max: mirrorPrice(command.min),
        ...(command.trailing === undefined ? {} : { trailing: mirrorPair(command.trailing) }),
      };
    case 'AddDca':
      return { ...command, price: mirrorPrice(command.price) };
    case 'UpdatePrices': {
      const { signalId, channelId, dialect, now } = command;
      return { type: command.type, signalId, channelId, dialect, now, ...mirrorUpdate(command) };
    }
    case 'CancelSignal':
      return command;
  }
}

export function mirrorEvent(event: SignalEvent): SignalEvent {
  return mirrorProviderEvent(event as ProviderEvent);
}

function mirrorProviderEvent(event: ProviderEvent): ProviderEvent {
  switch (event.type) {
    case 'SignalCreated': {
      const { direction, entry, targets, stop } = event.data;
      const mirrored = {
        direction: mirrorDirection(direction),
        entry: mirrorEntry(entry),
        targets: targets.map(mirrorPrice),
        stop: orNull(stop),
      };
      return { type: event.type, data: { ...event.data, ...mirrored } };
    }
    case 'TakeProfitAdded':
      return {
        type: event.type,
        data: {
          ...event.data,
          price: orNull(event.data.price),
          trailing: mirrorPair(event.data.trailing),
          ...mirrorReference(event.data),
        },
      };
    case 'TrailingStopAdded':
      return { type: event.type, data: { ...mirrorPair(event.data), reference: orNull(event.data.reference) } };
    case 'RebuyAdded': {
      const { min, max, trailing } = event.data;
      return {
        type: event.type,
        data: { ...event.data, min: mirrorPrice(max), max: mirrorPrice(min), trailing: mirrorPair(trailing) },
      };
    }
    case 'DcaAdded':
      return { type: event.type, data: { ...event.data, price: mirrorPrice(event.data.price) } };
    case 'PricesUpdated':
      return { type: event.type, data: mirrorUpdate(event.data) };
    case 'Cancelled':
      return event;
  }
}

/**
 * A decision without what the mirror does not keep: messages, and which bound of a range is blamed where both are at
 * fault (min ≤ max is a rule about numbers, the same in both directions).
 */
export function essence(decision: SignalDecision): unknown {
  if ('events' in decision) return decision;
  const { code, kind, field } = decision.refused;
  return { code, kind, field: sameOnBothSides(field) };
}

export function mirrorDecision(decision: SignalDecision): SignalDecision {
  return 'events' in decision ? { events: decision.events.map(mirrorEvent) } : decision;
}

export function sameOnBothSides(field: string | undefined): string | undefined {
  return field?.replace(/\b(min|max)$/, 'bound');
}
