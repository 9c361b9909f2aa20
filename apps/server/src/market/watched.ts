/** Which desk an open signal is at, and so the instruments that have open signals. */
import type { Desk } from './desk.ts';

const NONE: ReadonlySet<string> = new Set();

export class Watched {
  readonly #desks = new Map<string, Desk>();
  /** By venue and instrument: how many signals it has. */
  readonly #counts = new Map<string, Map<string, number>>();
  /** By venue: its instruments as a set, until they change. */
  readonly #symbols = new Map<string, ReadonlySet<string>>();

  /** Open signals. */
  get size(): number {
    return this.#desks.size;
  }

  deskOf(id: string): Desk | undefined {
    return this.#desks.get(id);
  }

  /** Again for a signal that is there already, it only notes its desk: that of an instrument may have been dropped. */
  add(id: string, desk: Desk): void {
    if (!this.#desks.has(id)) this.#count(desk, 1);
    this.#desks.set(id, desk);
  }

  remove(id: string): void {
    const desk = this.#desks.get(id);
    if (desk === undefined) return;
    this.#desks.delete(id);
    this.#count(desk, -1);
  }

  /** The same set until it changes. */
  symbolsOf(venueName: string): ReadonlySet<string> {
    let symbols = this.#symbols.get(venueName);
    if (symbols === undefined) {
      symbols = new Set(this.#counts.get(venueName)?.keys() ?? NONE);
      this.#symbols.set(venueName, symbols);
    }
    return symbols;
  }

  #count({ route: { venue, symbol } }: Desk, change: 1 | -1): void {
    const counts = this.#counts.get(venue) ?? new Map<string, number>();
    this.#counts.set(venue, counts);
    const count = (counts.get(symbol) ?? 0) + change;
    if (count > 0) counts.set(symbol, count);
    else counts.delete(symbol);
    if (count < 2) this.#symbols.delete(venue);
  }
}
