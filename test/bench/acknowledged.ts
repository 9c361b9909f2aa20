/** Everything the server has promised to keep, to be looked for in its log at the end. */
import { DatabaseSync } from 'node:sqlite';
import type { Verified } from './job.ts';

export class Acknowledged {
  /** Ids of created signals, in order of their answers. */
  readonly created: string[] = [];
  updates = 0;
  /** Counts requests through the whole run, so that no two carry the same key or price. */
  sent = 0;

  /** Compares with the log. What is `wrong` is told in sentences. */
  verify(eventsFile: string): Verified {
    const db = new DatabaseSync(eventsFile, { readOnly: true });
    const wrong: string[] = [];
    try {
      const inLog = new Set<string>();
      let creates = 0;
      for (const row of db.prepare("SELECT stream FROM events WHERE type = 'SignalCreated'").iterate()) {
        creates += 1;
        inLog.add(String(row['stream']));
      }
      const distinct = new Set(this.created);
      const lost = this.created.filter((id) => !inLog.has(`signal-${id}`));
      const updates = Number(
        db.prepare("SELECT count(*) AS count FROM events WHERE type = 'PricesUpdated'").get()!['count'],
      );
      if (distinct.size !== this.created.length)
        wrong.push(`${this.created.length - distinct.size} ids were answered more than once`);
      if (lost.length > 0) wrong.push(`${lost.length} acknowledged signals are not in the log, such as ${lost[0]}`);
      if (creates !== this.created.length)
        wrong.push(`${this.created.length} creates were acknowledged, the log has ${creates} SignalCreated`);
      if (updates !== this.updates)
        wrong.push(`${this.updates} updates were acknowledged, the log has ${updates} PricesUpdated`);
      return { creates, updates, wrong };
    } finally {
      db.close();
    }
  }
}
