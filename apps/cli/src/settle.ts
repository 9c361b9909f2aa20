/** A result that the operator tells: the way in for venues that nothing can be asked of. */
import { hash, randomUUID } from 'node:crypto';
import { SIGNAL_SCHEMA_VERSION, type SettleSignal } from '#libs/signal';
import { createHandle, type EventStore, newId } from '#libs/sourcing';
import { handledSignal, signalStream } from '../../server/src/signals/handled-signal.ts';
import { canonicalId } from './directory.ts';
import { CommandError, printable, refusalError } from './output.ts';

export const OUTCOMES = ['win', 'loss', 'push', 'void', 'expired'] as const satisfies SettleSignal['outcome'][];

export interface Settling {
  readonly signalId: string;
  readonly outcome: SettleSignal['outcome'];
  /** What the rest was closed at, or what the side taken paid; null where only the outcome is known. */
  readonly price: string | null;
  readonly reason: string;
  /** In words what the outcome rests on: where it was seen, and when. */
  readonly evidence: string;
}

export interface SettledByHand {
  readonly signal_id: string;
  /** `corrected`: another result stood before, and stays in the history. `unchanged`: this one did. */
  readonly done: 'settled' | 'corrected' | 'expired' | 'unchanged';
  readonly status: string;
  readonly price: string | null;
  readonly entry_price: string | null;
  readonly result_pct: string | null;
  readonly result_r: string | null;
  /** SHA-256 of the evidence that stands; null where none is kept with the state. */
  readonly evidence_hash: string | null;
}

const DONE: Readonly<Record<string, SettledByHand['done']>> = {
  SignalSettled: 'settled',
  SettlementCorrected: 'corrected',
  SignalExpired: 'expired',
};

/** Settles a signal, or corrects how it was. Throws a `CommandError` where its rules refuse it. */
export async function settleByHand(events: EventStore, settling: Settling): Promise<SettledByHand> {
  const { outcome, price } = settling;
  const reason = checkedText(settling.reason, 'reason', 1_000);
  const evidence = checkedText(settling.evidence, 'evidence', 2_000);
  if (outcome === 'expired' && price !== null)
    throw new CommandError('price_invalid', 'a signal that was never entered has no price', 'price');
  const signalId = canonicalId(settling.signalId);
  const [created] = await events.readStream(signalStream(signalId));
  const received = Date.now();
  const now = new Date(received).toISOString();
  const evidenceHash = hash('sha256', evidence);
  const command: SettleSignal = {
    type: 'SettleSignal',
    signalId,
    // Of a signal that is not there nothing is written.
    channelId: created?.channelId ?? '',
    now,
    outcome,
    price,
    reason,
    at: now,
    evidence: { decidedBy: 'operator', source: 'operator', hash: evidenceHash, text: evidence },
  };
  const settled = await createHandle(handledSignal, events)(command, {
    commandId: newId(received),
    requestId: `cli-${randomUUID()}`,
    dialect: 'cli',
    actor: 'operator',
    keyId: null,
    receivedAt: now,
    schemaVersion: SIGNAL_SCHEMA_VERSION,
  });
  if (!settled.done) throw refusalError(settled.refusal);
  const { state, position, revision } = settled;
  const [last] = position === null ? [] : await events.readStream(signalStream(signalId), revision);
  const stands = state.status === 'none' ? null : state.settled;
  return {
    signal_id: signalId,
    done: last === undefined ? 'unchanged' : DONE[last.type]!,
    status: state.status,
    price: stands?.price ?? null,
    entry_price: stands?.entryPrice ?? null,
    result_pct: stands?.resultPct ?? null,
    result_r: stands?.resultR ?? null,
    evidence_hash: last === undefined ? (stands?.evidence.hash ?? null) : evidenceHash,
  };
}

const TEXT = /^[^\p{Cc}]*[^\p{Cc}\s][^\p{Cc}]*$/u;

function checkedText(text: string, name: 'reason' | 'evidence', most: number): string {
  if (text.length <= most && TEXT.test(text)) return text;
  throw new CommandError(
    `${name}_invalid`,
    `${name} is a text of 1 to ${most} characters, none of them a control character`,
    name,
  );
}

/** What was done, in a line or two. */
export function describeSettled(value: SettledByHand): string {
  const figures = [
    ...(value.price === null ? [] : [`at ${value.price}`]),
    ...(value.result_pct === null ? [] : [`${value.result_pct} %`]),
    ...(value.result_r === null ? [] : [`${value.result_r} R`]),
  ];
  const result = printable([value.status, ...figures].join(', '));
  switch (value.done) {
    case 'settled':
      return `signal ${value.signal_id} is settled: ${result}`;
    case 'corrected':
      return `signal ${value.signal_id} is corrected: ${result}\nwhat was told before stays in its history`;
    case 'expired':
      return `signal ${value.signal_id} has expired: it was never entered`;
    case 'unchanged':
      return `signal ${value.signal_id} stands so already: ${result}\nnothing was added, and the evidence told first stands`;
    default:
      return value.done satisfies never;
  }
}
