/** What clients know: each request they sent and what came of it. The log is judged by it. */
import type { Call } from './requests.ts';

export interface Sent {
  /** Sent as `X-Request-Id`; the log keeps it in the event's metadata. */
  readonly requestId: string;
  readonly call: Call;
  readonly key: string | null;
  outcome: 'unknown' | 'acknowledged' | 'refused';
  /** Of the event, as acknowledged; null where the answer named none: nothing had to change. */
  position: string | null;
  /** Whose signal it is, as far as the client knows. */
  signalId: string | null;
}

/** A request under an idempotency key, sent as often as it takes. */
export interface Keyed {
  readonly tries: Sent[];
  /** The first whole answer; every later one must be the same. */
  answer: string | null;
  /** Times it was answered the same again. */
  repeats: number;
}

export class Journal {
  readonly sent: Sent[] = [];
  readonly keyed = new Map<string, Keyed>();
  /** Answers that a repeat got and that differ from the first. */
  readonly differing: string[] = [];
  /** Answers that no client should ever see. */
  readonly strange: string[] = [];
  acknowledged = 0;
  /** Requests whose answer a kill took away. */
  lost = 0;

  note(requestId: string, call: Call, key: string | null): Sent {
    const sent: Sent = { requestId, call, key, outcome: 'unknown', position: null, signalId: null };
    this.sent.push(sent);
    if (key !== null) {
      const keyed = this.keyed.get(key);
      if (keyed === undefined) this.keyed.set(key, { tries: [sent], answer: null, repeats: 0 });
      else keyed.tries.push(sent);
    }
    return sent;
  }
}
