/** Judges the event log by what clients know. Reads a file itself: nothing of what is judged does the reading. */
import { DatabaseSync } from 'node:sqlite';
import type { Journal, Keyed, Sent } from './journal.ts';

export interface LogRow {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly requestId: string;
  readonly commandId: string;
  /** Events that a reservation promises; null for every other event. */
  readonly reserved: number | null;
}

const ROWS = `SELECT position, stream, revision, id, type, time, metadata ->> 'requestId' AS requestId,
  metadata ->> 'commandId' AS commandId, CASE type WHEN 'IdempotencyKeyReserved' THEN data ->> 'events' END AS reserved
  FROM events WHERE position > ? ORDER BY position`;

const SHOWN = 5;

/** Whether a reservation and what it promises are one commit, or two appends that whoever finds them apart completes. */
export type KeptKeys = 'in one commit' | 'in two appends';

/** What ends a reservation that led to no event. */
const NOTES = ['IdempotencyKeyCompleted', 'IdempotencyKeyReleased'];

/** What was read of a log, in order, and everything found wrong on the way. */
export class LogCheck {
  readonly problems: string[] = [];
  readonly #path: string;
  readonly #keys: KeptKeys;
  readonly #heads = new Map<string, LogRow>();
  readonly #ids = new Set<string>();
  readonly #events = new Map<string, LogRow[]>();
  /** By the id of their command, as the next. */
  readonly #reservations = new Map<string, LogRow>();
  readonly #finished = new Set<string>();
  readonly #byPosition = new Map<number, LogRow>();
  #position = 0;

  constructor(dataDir: string, keys: KeptKeys = 'in one commit') {
    this.#path = `${dataDir}/events.db`;
    this.#keys = keys;
  }

  /** That of the last event read. */
  get position(): number {
    return this.#position;
  }

  /** Events read so far. */
  get events(): number {
    return this.#ids.size;
  }

  get streams(): number {
    return this.#heads.size;
  }

  /** Events of each type. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const row of this.#byPosition.values()) counts[row.type] = (counts[row.type] ?? 0) + 1;
    return counts;
  }

  /** Reads the file on from where it was. The connection is closed again, so that a killed server's file is recovered by the next server. */
  read(): void {
    const db = new DatabaseSync(this.#path, { readOnly: true, timeout: 10_000 });
    try {
      this.take(db.prepare(ROWS).iterate(this.#position) as Iterable<unknown> as Iterable<LogRow>);
    } finally {
      db.close();
    }
  }

  /** Takes what comes next in a log that is no file. */
  take(rows: Iterable<LogRow>): void {
    for (const row of rows) this.#take(row);
  }

  #take(row: LogRow): void {
    const { position, stream, revision, id } = row;
    if (position <= this.#position) this.#report(`position ${position} follows ${this.#position}`);
    this.#position = position;
    const last = this.#heads.get(stream);
    if (revision !== (last?.revision ?? -1) + 1)
      this.#report(`${stream} goes from revision ${last?.revision} to ${revision}`);
    if (last !== undefined && row.time < last.time)
      this.#report(`${stream} goes from ${last.time} back to ${row.time}`);
    this.#heads.set(stream, row);
    if (this.#ids.has(id)) this.#report(`event id ${id} stands twice`);
    this.#ids.add(id);
    this.#byPosition.set(position, row);
    if (row.reserved !== null) this.#reservations.set(row.commandId, row);
    if (NOTES.includes(row.type)) this.#finished.add(row.commandId);
    if (stream.startsWith('signal-') || stream.startsWith('account-')) this.#finished.add(row.commandId);
    // What agents were answered is theirs to judge.
    if (!stream.startsWith('signal-')) return;
    const events = this.#events.get(row.requestId);
    if (events === undefined) this.#events.set(row.requestId, [row]);
    else events.push(row);
  }

  /** Every acknowledged write once, every unanswered one at most once, nothing that nobody sent. */
  judge(journal: Journal): void {
    const known = new Set<string>();
    for (const sent of journal.sent) {
      known.add(sent.requestId);
      if (sent.key === null) this.#judgeSent([sent], this.#events.get(sent.requestId) ?? []);
    }
    for (const [key, keyed] of journal.keyed) this.#judgeKeyed(key, keyed);
    for (const requestId of this.#events.keys()) {
      if (!known.has(requestId)) this.#report(`an event tells of request ${requestId}, which nobody sent`);
    }
    for (const reservation of this.#reservations.values()) this.#judgeReservation(reservation);
    for (const one of journal.differing) this.#report(`a repeat was answered differently: ${one}`);
    for (const one of journal.strange) this.#report(`a strange answer: ${one}`);
  }

  #judgeSent(tries: readonly Sent[], events: readonly LogRow[]): void {
    const { call, requestId } = tries[0]!;
    const told = `${call.method} ${call.path} (${requestId})`;
    const acknowledged = tries.filter((one) => one.outcome === 'acknowledged');
    if (events.length > 1) this.#report(`${told} stands ${events.length} times in the log`);
    for (const { position, signalId } of acknowledged) {
      if (position === null) {
        if (events.length > 0) this.#report(`${told} was answered as adding nothing, and added ${events[0]!.type}`);
        continue;
      }
      const event = events.find((one) => String(one.position) === position);
      if (event === undefined)
        this.#report(`LOST: ${told} was acknowledged at position ${position}, which does not hold it`);
      else if (event.stream !== `signal-${signalId}` || event.type !== call.event) {
        this.#report(`${told} of ${signalId} became ${event.type} of ${event.stream}`);
      }
    }
    const refused = tries.every((one) => one.outcome === 'refused');
    if (refused && events.length > 0) this.#report(`${told} was refused and stands in the log`);
  }

  #judgeKeyed(key: string, { tries }: Keyed): void {
    const events = tries.flatMap((one) => this.#events.get(one.requestId) ?? []);
    this.#judgeSent(tries, events);
    if (events.length === 0) return;
    const { position, commandId } = events[0]!;
    const reservation = this.#reservations.get(commandId);
    const isBefore =
      this.#keys === 'in one commit'
        ? reservation?.position === position - 1
        : reservation !== undefined && reservation.position < position;
    if (!isBefore || reservation?.reserved !== 1)
      this.#report(`the event of key ${key} stands without its reservation`);
  }

  /**
   * Where a key and what it stands for are one commit, no crash leaves one without the other. Where they are two appends
   * one may, until the key is sent again: every client did that before this is asked.
   */
  #judgeReservation({ position, commandId, reserved }: LogRow): void {
    if (this.#keys === 'in two appends') {
      if (reserved! > 0 && !this.#finished.has(commandId))
        this.#report(`the reservation at ${position} was never finished`);
      return;
    }
    for (let offset = 1; offset <= reserved!; offset += 1) {
      if (this.#byPosition.get(position + offset)?.commandId !== commandId) {
        this.#report(`the reservation at ${position} stands without its event ${offset} of ${reserved}`);
      }
    }
  }

  #report(problem: string): void {
    if (this.problems.length < SHOWN) this.problems.push(problem);
  }
}
