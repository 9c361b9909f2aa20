/** Documents of signals that lived through commands and prices. */
import type { RecordedEvent } from '#libs/sourcing';
import type { CreateSignal, SignalCommand } from '../../../signal/src/commands.ts';
import { decide } from '../../../signal/src/decide.ts';
import type { SignalEvent } from '../../../signal/src/events.ts';
import { observe } from '../../../signal/src/market/observe.ts';
import { type PricePoint, UNTRACKED } from '../../../signal/src/market/price-point.ts';
import { create } from '../../../signal/src/testing/commands.ts';
import { evolve, type ExistingSignal, initial, type SignalState } from '../../../signal/src/state.ts';
import type { SignalDocument } from '../signals/document.ts';
import { project } from '../signals/project.ts';

/** A command, or a price. */
export type Happening = SignalCommand | PricePoint;

export const EVIDENCE = { decidedBy: 'candle', source: 'ccxt:binance', hash: 'h' } as const;

/** The events of a signal that all this happened to. Throws where a command is refused. */
export function eventsOf(...happenings: readonly Happening[]): readonly SignalEvent[] {
  let state: SignalState = initial;
  let tracking = UNTRACKED;
  const events: SignalEvent[] = [];
  for (const one of happenings) {
    if ('kind' in one) {
      const seen = observe(state as ExistingSignal, tracking, one, EVIDENCE);
      events.push(...seen.events);
      ({ state, tracking } = seen);
      continue;
    }
    const decision = decide(one, state);
    if ('refused' in decision) throw new Error(`${one.type}: ${decision.refused.message}`);
    for (const event of decision.events) state = evolve(state, event);
    events.push(...decision.events);
  }
  return events;
}

/** Noon of a day in April 2026. */
export function day(number: number): string {
  return new Date(Date.UTC(2026, 3, number, 12)).toISOString();
}

export function tick(at: number, price: string): PricePoint {
  return { kind: 'tick', at: day(at), price };
}

export interface Origin {
  readonly id?: string;
  /** Position of its first event. */
  readonly created?: number;
  readonly createdAt?: string;
}

/** The document that events fold into. */
export function documentOf(
  events: readonly SignalEvent[],
  { id = '019d5a3c6b7470008000000000000001', created = 1, createdAt = day(1) }: Origin = {},
): SignalDocument {
  let document: SignalDocument | null = null;
  events.forEach((event, revision) => {
    document = project(document, recorded(event, revision, `signal-${id}`, BigInt(created + revision), createdAt));
  });
  return document!;
}

/** The document of a signal that all this happened to. */
export function lived(origin: Origin, ...happenings: readonly Happening[]): SignalDocument {
  return documentOf(eventsOf(...happenings), origin);
}

/** A long at 100 with its stop at 90, unless told otherwise. */
export function at100(named: Partial<Omit<CreateSignal, 'type'>> = {}): CreateSignal {
  return create({ now: day(1), entry: { max: '100' }, targets: ['110', '120'], stop: '90', ...named });
}

function recorded(event: SignalEvent, revision: number, stream: string, position: bigint, time: string): RecordedEvent {
  const metadata = {
    commandId: 'c',
    requestId: 'r',
    dialect: 'anny',
    actor: 'channel:channel-1',
    keyId: null,
    receivedAt: time,
    schemaVersion: 1,
  };
  return { ...event, id: `event-${revision}`, stream, revision, position, time, channelId: 'channel-1', metadata };
}
