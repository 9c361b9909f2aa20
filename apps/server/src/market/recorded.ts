/** What the recorded events of a signal tell of its steps, and what the market records with one. */
import {
  type Evidence,
  type ExistingSignal,
  SIGNAL_SCHEMA_VERSION,
  signalDecider,
  type SignalState,
} from '#libs/signal';
import { dashedId, derivedEventId, type EventMetadata, type RecordedEvent } from '#libs/sourcing';
import { instant } from './judging.ts';
import { evolved } from './states.ts';

/** A tick by its time, ms, and the hash of its evidence: of ticks of one millisecond those up to it were judged. */
export interface JudgedTick {
  readonly time: number;
  readonly hash: string;
}

/** The ids of a step's events follow from the signal and its version, so that no step is ever recorded twice. */
export function metadataOf(id: string, version: number, heard: number): EventMetadata {
  return {
    commandId: derivedEventId(dashedId(id), version),
    requestId: '',
    dialect: 'market',
    actor: 'market',
    keyId: null,
    receivedAt: instant(heard),
    schemaVersion: SIGNAL_SCHEMA_VERSION,
  };
}

/** When an event came into force, ms: a step of the market at the time of its price, anything else when received. */
export function forceOf({ time, data }: RecordedEvent): number {
  const { at } = data as { readonly at?: string };
  return Date.parse(at ?? time);
}

/** Whether the market recorded it. */
export function isStep({ data }: RecordedEvent): boolean {
  return (data as { readonly at?: unknown }).at !== undefined;
}

/** The tick that a step rests on; null for any other event, and for steps on candles, which never share a time. */
export function judgedTick({ data }: RecordedEvent): JudgedTick | null {
  const { at, evidence } = data as { readonly at?: string; readonly evidence?: Evidence };
  if (at === undefined || evidence?.decidedBy !== 'tick') return null;
  return { time: Date.parse(at), hash: evidence.hash };
}

/** The state after the first events of a signal, at least one. */
export function folded(events: readonly RecordedEvent[]): ExistingSignal {
  let state: SignalState = signalDecider.initial;
  for (const event of events) state = evolved(state, event);
  return state as ExistingSignal;
}
