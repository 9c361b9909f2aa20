/** How old is what this process knows of keys. */
import { DIRECTORY_STREAM } from '#libs/channel';
import type { EventStore } from '#libs/sourcing';

export class DirectoryMeter {
  /** When the last read that succeeded began, milliseconds since 1970; null before the first. */
  readAt: number | null = null;

  /** Seconds; null before the first read. Past one second each request reads the directory before it is let in. */
  ageAt(now: number): number | null {
    return this.readAt === null ? null : Math.max(0, now - this.readAt) / 1_000;
  }
}

/** The same store, for whoever follows the directory by reading its stream on and on. */
export function measuredDirectory(store: EventStore, meter: DirectoryMeter): EventStore {
  return {
    ...store,
    readStream: async (stream, from) => {
      const startedAt = Date.now();
      const events = await store.readStream(stream, from);
      if (stream === DIRECTORY_STREAM) meter.readAt = startedAt;
      return events;
    },
  };
}
