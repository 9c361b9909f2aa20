/**
 * How far each desk has judged, kept for the next start: only after all steps before it are durable, and at most once
 * a turn of whoever asks.
 *
 * A desk without signals needs none: whoever comes to it begins with the prices since its own receipt. So its cursor is
 * forgotten, or there would be one for each instrument that ever was. A process that is killed before that leaves one
 * behind until its instrument has signals again.
 */
import type { Coordination } from '#libs/sourcing';
import type { Desk } from './desk.ts';

export class Cursors {
  readonly #coordination: Coordination;
  /** By desk: what is kept of it now. */
  readonly #kept = new Map<string, number>();

  constructor(coordination: Coordination) {
    this.#coordination = coordination;
  }

  /** Sets a new desk to where it was left. */
  async recall(desk: Desk): Promise<void> {
    const kept = await this.#coordination.kept(cursorName(desk));
    if (kept === null) return;
    desk.cursor = Number(kept);
    this.#kept.set(desk.name, desk.cursor);
  }

  isKept({ name }: Desk): boolean {
    return this.#kept.has(name);
  }

  /** Keeps how far a desk is, or forgets it where the desk has no signal. For one caller at a time. */
  async keep(desk: Desk): Promise<void> {
    const { name, cursor, idleSince } = desk;
    if (idleSince !== null) {
      if (!this.#kept.has(name)) return;
      await this.#coordination.forget(cursorName(desk));
      this.#kept.delete(name);
    } else if (cursor !== -Infinity && this.#kept.get(name) !== cursor) {
      await this.#coordination.keep(cursorName(desk), String(cursor));
      this.#kept.set(name, cursor);
    }
  }
}

function cursorName({ name }: Desk): string {
  return `market cursor ${name}`;
}
