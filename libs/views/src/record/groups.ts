/** Records side by side: the whole, and each part of it. Pure. */
import type { SignalDocument } from '../signals/document.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import type { RecordOptions, TrackRecord } from './track-record.ts';

export const GROUPINGS = ['month', 'instrument', 'dialect', 'strategy'] as const;

export type Grouping = (typeof GROUPINGS)[number];

/** Groups that have a record of their own; signals of any more share the last. */
export const MAX_GROUPS = 500;

export interface RecordGroup {
  /** The month of creation (UTC), `venue:symbol`, the dialect, or the strategy's id; null for signals without. */
  readonly key: string | null;
  /** All that is in no group of its own, because there are too many. */
  readonly rest: boolean;
  readonly record: TrackRecord;
}

export interface GroupedRecord {
  readonly whole: TrackRecord;
  /** In order of key; none where nothing is grouped. */
  readonly groups: readonly RecordGroup[];
}

export interface GroupedRecorder {
  add(document: SignalDocument): void;
  /** The records of all that was added so far, in steps as those of a recorder. */
  steps(): Generator<void, GroupedRecord>;
}

export function createGroupedRecorder(by: Grouping | null, options: RecordOptions = {}): GroupedRecorder {
  const whole = createRecorder(options);
  const parts = new Map<string | null, Recorder>();
  let rest: Recorder | null = null;

  function partOf(key: string | null): Recorder {
    const known = parts.get(key);
    if (known !== undefined) return known;
    if (parts.size === MAX_GROUPS) return (rest ??= createRecorder(options));
    const part = createRecorder(options);
    parts.set(key, part);
    return part;
  }

  return {
    add: (document) => {
      whole.add(document);
      if (by !== null) partOf(keyOf(document, by)).add(document);
    },
    steps: function* steps() {
      const groups: RecordGroup[] = [];
      for (const [key, part] of [...parts].sort(([one], [other]) => inOrder(one, other))) {
        groups.push({ key, rest: false, record: yield* part.steps() });
        yield;
      }
      if (rest !== null) groups.push({ key: null, rest: true, record: yield* rest.steps() });
      return { whole: yield* whole.steps(), groups };
    },
  };
}

function keyOf({ createdAt, instrument, dialect, strategyId }: SignalDocument, by: Grouping): string | null {
  switch (by) {
    case 'month':
      return createdAt.slice(0, 'YYYY-MM'.length);
    case 'instrument':
      return `${instrument.venue}:${instrument.symbol}`;
    case 'dialect':
      return dialect;
    case 'strategy':
      return strategyId;
    default:
      return unknownGrouping(by);
  }
}

function inOrder(one: string | null, other: string | null): number {
  if (one === null || other === null) return one === other ? 0 : one === null ? -1 : 1;
  return one < other ? -1 : one > other ? 1 : 0;
}

function unknownGrouping(by: never): never {
  throw new Error(`unknown grouping ${String(by)}`);
}
