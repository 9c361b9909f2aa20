/** A view with several documents of each stream, for tests of the kernel: what moved an account, by kind of movement. */
import type { RecordedEvent } from '../events.ts';
import type { EventStore } from '../ports.ts';
import type { View, ViewDocument } from '../views.ts';
import type { AccountEvent } from './account.ts';

export interface MovementsDocument extends ViewDocument {
  readonly sum: number;
  /** Revisions of what was folded in. */
  readonly revisions: readonly number[];
}

/**
 * Deposits of an account by their last digit, and its withdrawals; opening and closing are no movement. A deposit of
 * exactly 666 is one it can't take.
 */
export const movementsView: View<MovementsDocument> = {
  name: 'movements',
  version: 1,
  streamPrefix: 'account-',
  part(recorded) {
    const event = recorded as unknown as AccountEvent;
    if (event.type === 'Withdrawn') return 'out';
    return event.type === 'Deposited' ? `in${event.data.amount % 10}` : null;
  },
  project(document, recorded) {
    const { amount } = recorded.data as { amount: number };
    if (amount === 666) throw new Error('no account takes 666');
    const id = `${recorded.stream.slice('account-'.length)}.${movementsView.part!(recorded)}`;
    const { sum, revisions } = document ?? { sum: 0, revisions: [] };
    return { id, revision: recorded.revision, sum: sum + amount, revisions: [...revisions, recorded.revision] };
  },
  fields: ({ sum }) => ({ sum }),
  fieldTypes: { sum: 'integer' },
  indexes: [['sum']],
};

/**
 * What the view must come to, worked out without it: by id the revisions and the sum, up to the first event of each
 * stream that it can't take.
 */
export async function movementsIn(events: EventStore): Promise<ReadonlyMap<string, MovementsDocument>> {
  const documents = new Map<string, MovementsDocument>();
  const poisoned = new Set<string>();
  const { events: all } = await events.readAll(0n, 100_000, 'account-');
  for (const event of all) {
    const part = movementsView.part!(event);
    const { amount } = event.data as { amount?: number };
    if (amount === 666) poisoned.add(event.stream);
    if (part === null || poisoned.has(event.stream)) continue;
    const id = `${event.stream.slice('account-'.length)}.${part}`;
    const before = documents.get(id);
    const sum = (before?.sum ?? 0) + amount!;
    documents.set(id, { id, revision: event.revision, sum, revisions: [...(before?.revisions ?? []), event.revision] });
  }
  return documents;
}

/** How far each stream is, by its id. */
export async function endsIn(events: EventStore): Promise<ReadonlyMap<string, RecordedEvent>> {
  const { events: all } = await events.readAll(0n, 100_000, 'account-');
  return new Map(all.map((event) => [event.stream.slice('account-'.length), event]));
}
