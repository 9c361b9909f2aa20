/** The desks: one for each instrument with open signals, made when its first comes, dropped some time after its last. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Venue } from '#libs/market';
import { type Coordination, messageOf } from '#libs/sourcing';
import { Cursors } from './cursors.ts';
import { Desk, type DeskOptions } from './desk.ts';
import { deskOf, type Route } from './routes.ts';

/** How often cursors are kept, at most. */
const KEEP_MS = 1_000;

export interface DesksOptions extends Omit<DeskOptions, 'route'> {
  readonly coordination: Coordination;
  readonly venues: ReadonlyMap<string, Venue>;
  /** How long a desk without signals is left, ms. */
  readonly idleMs: number;
  /** The venue of a desk has no such instrument. */
  readonly onUnknown: (desk: string) => void;
  readonly onDropped: (desk: string) => void;
}

export class Desks implements Iterable<Desk> {
  readonly #options: DesksOptions;
  readonly #cursors: Cursors;
  readonly #desks = new Map<string, Desk>();

  constructor(options: DesksOptions) {
    this.#options = options;
    this.#cursors = new Cursors(options.coordination);
  }

  get size(): number {
    return this.#desks.size;
  }

  [Symbol.iterator](): Iterator<Desk> {
    return this.#desks.values();
  }

  get(route: Route): Desk | undefined {
    return this.#desks.get(deskOf(route));
  }

  /** The desk of a route, made where there is none. A task for it must be given at once: an idle desk may be dropped. */
  of(route: Route): Desk {
    const known = this.get(route);
    if (known !== undefined) return known;
    const desk = new Desk({ ...this.#options, route });
    this.#desks.set(desk.name, desk);
    void this.#askListed(desk);
    void desk.run(() => this.#cursors.recall(desk));
    return desk;
  }

  /** Whether its venue knows the instrument of a desk. @throws VenueUnavailable */
  async isListed({ isQuoted, route }: Desk): Promise<boolean> {
    if (isQuoted) return true;
    const found = await this.#options.venues.get(route.venue)?.resolve(route.symbol);
    return found !== null;
  }

  /** Tells where the venue knows no such instrument: its signals then stay as they are. */
  async #askListed(desk: Desk): Promise<void> {
    const { onUnknown, onTrouble } = this.#options;
    try {
      const isListed = await this.isListed(desk);
      if (!isListed && this.get(desk.route) === desk) onUnknown(desk.name);
    } catch (error) {
      onTrouble(desk.name, messageOf(error));
    }
  }

  /** Keeps cursors and drops desks until the signal aborts. */
  async tend(): Promise<void> {
    const { signal, onTrouble } = this.#options;
    while (!signal.aborted) {
      await sleep(KEEP_MS, undefined, { signal }).catch(() => undefined);
      for (const desk of this) {
        await this.#cursors.keep(desk).catch((error: unknown) => onTrouble(desk.name, messageOf(error)));
        this.#dropIdle(desk);
      }
    }
  }

  /** Nothing awaits between the look and the drop, so no task is given to a desk that is no longer told prices. */
  #dropIdle(desk: Desk): void {
    const { idleMs, onDropped } = this.#options;
    const { idleSince, name } = desk;
    if (idleSince === null || Date.now() - idleSince < idleMs || this.#cursors.isKept(desk)) return;
    this.#desks.delete(name);
    onDropped(name);
  }
}
