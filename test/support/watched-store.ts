/** A store whose reads of the directory are counted, and can be made to fail or to be slow. */
import { DIRECTORY_STREAM } from '#libs/channel';
import type { EventStore } from '#libs/sourcing';
import { createMemoryEventStore } from '#libs/stores';

export interface WatchedStore {
  readonly events: EventStore;
  /** The same events, as another process comes to them: not watched. */
  readonly elsewhere: EventStore;
  /** Reads of the directory so far. */
  readonly reads: () => number;
  /** What happens before each of them; null for nothing. */
  readonly before: (step: (() => Promise<void>) | null) => void;
}

/** In memory. A slow read knows what stood there when it began. */
export function createWatchedStore(): WatchedStore {
  const memory = createMemoryEventStore();
  let reads = 0;
  let step: (() => Promise<void>) | null = null;
  const readStream: EventStore['readStream'] = async (stream, from) => {
    if (stream !== DIRECTORY_STREAM) return memory.readStream(stream, from);
    reads += 1;
    const found = await memory.readStream(stream, from);
    await step?.();
    return found;
  };
  return {
    events: { ...memory, readStream },
    elsewhere: memory,
    reads: () => reads,
    before: (next) => void (step = next),
  };
}
