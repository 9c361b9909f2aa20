/** What the open signals wait for, of all instruments: a `Watch` for each that has any. */
import type { Price } from './price.ts';
import { Watch } from './watch.ts';
import type { Waits } from './watch-waits.ts';

export class Watches {
  readonly #watches = new Map<string, Watch>();
  readonly #since: number;

  /** `since`: no price before this time will come, of any instrument. */
  constructor(since = -Infinity) {
    this.#since = since;
  }

  /** Signals, of all instruments together. */
  get size(): number {
    let size = 0;
    for (const watch of this.#watches.values()) size += watch.size;
    return size;
  }

  /** The instruments that a signal waits on. */
  instruments(): Iterable<string> {
    return this.#watches.keys();
  }

  /** The watch of an instrument; undefined where no signal waits on it. It is gone once it was empty. */
  of(instrument: string): Watch | undefined {
    return this.#watches.get(instrument);
  }

  set(instrument: string, id: string, waits: Waits): void {
    let watch = this.#watches.get(instrument);
    if (watch === undefined) {
      watch = new Watch(this.#since);
      watch.set(id, waits);
      this.#watches.set(instrument, watch);
    } else {
      watch.set(id, waits);
    }
  }

  delete(instrument: string, id: string): void {
    const watch = this.#watches.get(instrument);
    watch?.delete(id);
    if (watch?.size === 0) this.#watches.delete(instrument);
  }

  /** See `Watch.touched`. */
  touched(instrument: string, price: Price): readonly string[] {
    return this.#watches.get(instrument)?.touched(price) ?? [];
  }
}
