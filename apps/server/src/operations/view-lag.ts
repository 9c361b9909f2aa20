/** How far views are behind the log. */
import { type EventStore, LOG_START, type View, type ViewStore } from '#libs/sourcing';

/** Events are counted up to here. */
export const MOST_COUNTED = 1_000;

/** An answer is given again for so long: whoever asks often costs no more. */
const FRESH_MS = 500;

/** A store that does not answer in this time leaves the lag unknown. */
const LIMIT_MS = 2_000;

/** Every parked stream is read to be counted, so that is done less often. */
const PARKED_FRESH_MS = 10_000;

/**
 * Positions of a store are not dense, so their difference is no number of events: what is counted are the events of the
 * view's streams that stand behind its checkpoint. A view that was never built, or from other events, is behind by all
 * of them.
 */
export interface Lag {
  /** Null where a store could not be asked. */
  readonly events: number | null;
  /** There are more than `events`, which then is `MOST_COUNTED`. */
  readonly more: boolean;
  /** Age of the oldest of these events, by the event's own time; 0 when there is none, null where it can't be told. */
  readonly seconds: number | null;
}

const UNKNOWN: Lag = { events: null, more: false, seconds: null };
const CAUGHT_UP: Lag = { events: 0, more: false, seconds: 0 };

export class ViewLag {
  readonly #lags: () => Promise<ReadonlyMap<string, Lag>>;
  readonly #parked: () => Promise<ReadonlyMap<string, number | null>>;

  constructor(all: readonly View[], events: EventStore, views: ViewStore) {
    this.#lags = remembered(FRESH_MS, () =>
      forEach(all, UNKNOWN, (view, isLate) => lagOf(view, events, views, isLate)),
    );
    this.#parked = remembered(PARKED_FRESH_MS, () => forEach(all, null, (view) => parkedOf(view, views)));
  }

  /** Of each view, by name. Answers within two seconds, and never throws. */
  lags(): Promise<ReadonlyMap<string, Lag>> {
    return this.#lags();
  }

  /** Parked streams of the live version of each view; null where they could not be counted. As bounded as `lags`. */
  parked(): Promise<ReadonlyMap<string, number | null>> {
    return this.#parked();
  }
}

async function lagOf(view: View, events: EventStore, views: ViewStore, isLate: () => boolean): Promise<Lag> {
  const live = await views.live(view.name);
  const head = await events.head();
  // A checkpoint in other events, such as those from before a restore, says nothing of these.
  const isOfThese = live !== null && live.checkpoint <= head && live.eventStoreId === (await events.id());
  let after = isOfThese ? live.checkpoint : LOG_START;
  let count = 0;
  let oldest: string | null = null;
  while (after < head && count <= MOST_COUNTED) {
    if (isLate()) return UNKNOWN;
    const page = await events.readAll(after, MOST_COUNTED + 1 - count, view.streamPrefix);
    if (page.checkpoint === after) break;
    oldest ??= page.events[0]?.time ?? null;
    count += page.events.length;
    after = page.checkpoint;
  }
  if (oldest === null) return CAUGHT_UP;
  return {
    events: Math.min(count, MOST_COUNTED),
    more: count > MOST_COUNTED,
    seconds: Math.max(0, Date.now() - Date.parse(oldest)) / 1_000,
  };
}

async function parkedOf({ name }: View, views: ViewStore): Promise<number> {
  const live = await views.live(name);
  return live === null ? 0 : (await views.parked({ view: name, version: live.version })).length;
}

/** Asks for every view at once; what fails or is late is `unknown`. */
async function forEach<Result>(
  all: readonly View[],
  unknown: Result,
  ask: (view: View, isLate: () => boolean) => Promise<Result>,
): Promise<ReadonlyMap<string, Result>> {
  let isLate = false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Result>((resolve) => {
    timer = setTimeout(() => {
      isLate = true;
      resolve(unknown);
    }, LIMIT_MS);
  });
  const asked = all.map(async (view) => {
    const result = await Promise.race([ask(view, () => isLate).catch(() => unknown), late]);
    return [view.name, result] as const;
  });
  try {
    return new Map(await Promise.all(asked));
  } finally {
    clearTimeout(timer);
  }
}

/** One question at a time, whose answer holds for a while. */
function remembered<Result>(freshMs: number, ask: () => Promise<Result>): () => Promise<Result> {
  let last: Promise<Result> | null = null;
  let freshUntil = 0;
  return () => {
    if (last === null || performance.now() >= freshUntil) {
      freshUntil = Infinity;
      last = ask().finally(() => (freshUntil = performance.now() + freshMs));
    }
    return last;
  };
}
