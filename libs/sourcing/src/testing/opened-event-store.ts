/** What the parts of the event store contract are given. */
import type { EventStore } from '../ports.ts';

/** A store under test. Its data may be shared with other tests: the suite uses names of its own and looks from the head on. */
export interface OpenedEventStore {
  readonly store: EventStore;
  /** Closes the store and opens the same data again. Absent where closing loses it. */
  readonly reopen?: () => Promise<EventStore>;
  /** A second handle on the same data, as another process would have. */
  readonly another?: () => Promise<EventStore>;
}

/** Given to each part of the suite; `opened` only once its tests run. */
export type Opened = () => OpenedEventStore;
