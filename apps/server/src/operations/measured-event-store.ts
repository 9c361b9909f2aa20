/** An event store whose appends are counted. */
import {
  type Append,
  type Appended,
  type EventStore,
  OutcomeUnknown,
  RevisionConflict,
  StoreUnavailable,
} from '#libs/sourcing';
import { Buckets } from './buckets.ts';

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const EVENTS = [1, 2, 3, 5, 10, 25, 50, 100, 250, 1_000];

/** What became of the appends of this process's callers; each call counts once. */
export class AppendMeter {
  /** From the call to the answer, seconds, whatever the answer was. */
  readonly seconds = new Buckets(SECONDS);
  /** Events that one call brought. */
  readonly events = new Buckets(EVENTS);
  /** Events that one commit of the store made durable, of however many calls; null where the store does not tell. */
  commits: Buckets | null = null;
  /** Appends that wait for the store or are in its work: the depth of its queue. */
  inFlight = 0;
  conflicts = 0;
  unknown = 0;
  unavailable = 0;
  /** What no store should throw. */
  failed = 0;

  failedWith(error: unknown): void {
    if (error instanceof RevisionConflict) this.conflicts += 1;
    else if (error instanceof OutcomeUnknown) this.unknown += 1;
    else if (error instanceof StoreUnavailable) this.unavailable += 1;
    else this.failed += 1;
  }
}

/** What some stores tell beside the port. */
interface MayTellCommits {
  readonly onCommit?: (tell: (events: number) => void) => void;
}

/** The same store; reads go to it as they are. */
export function measuredEventStore(store: EventStore & MayTellCommits, meter: AppendMeter): EventStore {
  const { appendAll } = store;
  if (store.onCommit !== undefined) {
    const commits = (meter.commits ??= new Buckets(EVENTS));
    store.onCommit((events) => commits.observe(events));
  }
  async function measured<Result>(events: number, append: () => Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    meter.events.observe(events);
    meter.inFlight += 1;
    try {
      return await append();
    } catch (error) {
      meter.failedWith(error);
      throw error;
    } finally {
      meter.inFlight -= 1;
      meter.seconds.observe((performance.now() - startedAt) / 1_000);
    }
  }
  return {
    ...store,
    append: (append) => measured(append.events.length, () => store.append(append)),
    ...(appendAll !== undefined && {
      appendAll: (appends: readonly Append[]): Promise<readonly Appended[]> =>
        measured(eventsOf(appends), () => appendAll(appends)),
    }),
  };
}

function eventsOf(appends: readonly Append[]): number {
  let count = 0;
  for (const { events } of appends) count += events.length;
  return count;
}
