/** What one price does to one signal: judged, recorded, and judged anew where its provider was faster. */
import { knownAt, type Price } from '#libs/market';
import {
  type ExistingSignal,
  isOver,
  type MarketCommand,
  observe,
  type SignalCommand,
  type SignalState,
  type Source,
  tracked,
  type Tracking,
} from '#libs/signal';
import type { Handle } from '#libs/sourcing';
import { instant, pointOf } from './judging.ts';
import { metadataOf } from './recorded.ts';
import type { States } from './states.ts';
import { nextChange, type Subject, takeAsOf } from './subject.ts';
import { surely } from './surely.ts';

const LONGEST_WAIT_MS = 5_000;

export interface JudgeOptions {
  readonly states: States;
  readonly handle: Handle<SignalState, SignalCommand>;
  readonly signal: AbortSignal;
  readonly onTrouble: (reason: string) => void;
  /** A step was recorded. `at`: when the process heard of the price, ms. */
  readonly onSteps?: (count: number, at: number) => void;
  /** A signal was closed because another asked for it. */
  readonly onClosed?: (closing: string, state: ExistingSignal) => void;
  /** The last price that was known at a moment, ms; null where none is known. */
  readonly lastBy: (time: number) => string | null;
}

export interface Judged {
  readonly id: string;
  readonly subject: Subject;
  /** As of before this price. */
  readonly tracking: Tracking;
  readonly price: Price;
  readonly source: Source;
  /** When the process heard of the price, ms: now. */
  readonly heard?: number;
}

/**
 * Judges one price on one signal, until its steps are durable or there are none. Answers the signal as it is waited
 * with from then on, whose tracking the subject has.
 */
export async function judge(
  { id, subject, tracking, price, source, heard = Date.now() }: Judged,
  { states, handle, signal, onTrouble, onSteps, onClosed, lastBy }: JudgeOptions,
): Promise<ExistingSignal> {
  const store = { signal, onTrouble, longestWaitMs: LONGEST_WAIT_MS };
  let state = await surely(() => states.get(id), store);
  const point = pointOf(price);
  for (;;) {
    const changedAt = nextChange(subject, price.time);
    const past = takeAsOf(subject, price.time);
    const judged = past ?? state;
    if (changedAt !== null)
      tracking = { ...tracked(judged, subject.tracking), last: lastBy(changedAt) ?? tracking.last };
    const closedBy = subject.closed !== null && price.time >= subject.closed.at ? subject.closed.by : null;
    const { events, tracking: after, state: next } = observe(judged, tracking, point, source, closedBy);
    if (events.length === 0) {
      subject.tracking = after;
      return judged;
    }
    const command: MarketCommand = {
      signalId: id,
      channelId: subject.channelId,
      now: instant(heard),
      basedOn: state.version,
      ...(past === null
        ? { type: 'ObservePrice', tracking, price: point, source, closedBySignalId: closedBy }
        : { type: 'RecordSteps', events }),
    };
    const metadata = metadataOf(id, state.version, heard);
    const outcome = await surely(() => handle(command, metadata), store);
    if (outcome.done) {
      if (past !== null) state = await surely(() => states.read(id), store);
      else states.set(id, (state = next));
      subject.asOf = null;
      subject.tracking = { ...after, seen: state.version };
      subject.version = state.version;
      subject.from = Math.max(subject.from, knownAt(price));
      onSteps?.(events.length, heard);
      if (closedBy !== null && isOver(state.status)) onClosed?.(closedBy, state);
      return state;
    }
    if (outcome.refusal.code !== 'judged_before') throw new Error(`${id}: ${outcome.refusal.message}`);
    // The provider was faster: what it said is in force, and the price is judged anew.
    state = await surely(() => states.read(id), store);
    subject.asOf = null;
    subject.version = state.version;
    if (isOver(state.status)) return state;
  }
}
