/** Many connections that write without pause, across all kills, each repeating what it may repeat. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../support/client.ts';
import type { AnnyKey } from '../support/directory.ts';
import type { Journal, Sent } from './journal.ts';
import { Random } from './random.ts';
import { type Call, createCall, lifecycleCall } from './requests.ts';

/** Sends one request to some server that is up. Rejects when the answer does not come whole. */
export type Send = (call: Call, headers: Readonly<Record<string, string>>) => Promise<Answer>;

const HOT_SIGNALS = 4;

/** Signals that calls are spread over; older ones are left alone. */
const KNOWN_SIGNALS = 500;

export class Load {
  readonly #journal: Journal;
  readonly #key: AnnyKey;
  readonly #send: Send;
  readonly #known: string[] = [];
  #hot: string[] = [];
  #stopping = false;
  #clients: Promise<void>[] = [];

  constructor(journal: Journal, key: AnnyKey, send: Send) {
    this.#journal = journal;
    this.#key = key;
    this.#send = send;
  }

  start(clients: number, seed: number): void {
    this.#stopping = false;
    this.#hot = [];
    this.#clients = Array.from({ length: clients }, (_, index) => this.#client(new Random(seed * 1_000 + index)));
  }

  /** Lets every client finish what it holds: keyed requests are repeated until they are answered. */
  async finish(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#clients);
  }

  /** New hot signals, so that no stream grows without bound. */
  cool(): void {
    this.#hot = [];
  }

  async #client(random: Random): Promise<void> {
    while (!this.#stopping) {
      const call = this.#next(random);
      if (random.next() < 0.3) await this.#keyed(call, random);
      else await this.#once(call, null);
    }
  }

  #next(random: Random): Call {
    if (this.#hot.length < HOT_SIGNALS || random.next() < 0.2) return createCall(random);
    const hot = random.next() < 0.4;
    return lifecycleCall(random, random.pick(hot ? this.#hot : this.#known), !hot);
  }

  /** Sends a request under a new key until it is answered, then mostly once or twice more. */
  async #keyed(call: Call, random: Random): Promise<void> {
    const key = randomUUID();
    let repeats = random.whole(0, 2);
    for (;;) {
      const answer = await this.#once(call, key);
      if (answer === null) {
        repeats = Math.max(repeats, 2);
        continue;
      }
      const keyed = this.#journal.keyed.get(key)!;
      // Refusals are not kept: the same request may be taken the next time.
      if (answer.status !== 200) return;
      const text = `${answer.status} ${answer.text}`;
      if (keyed.answer === null) keyed.answer = text;
      else if (keyed.answer === text) keyed.repeats += 1;
      else this.#journal.differing.push(`${key}: ${keyed.answer} then ${text}`);
      if (repeats-- === 0) return;
    }
  }

  async #once(call: Call, key: string | null): Promise<Answer | null> {
    const sent = this.#journal.note(randomUUID(), call, key);
    const headers = {
      'anny-api-key': this.#key.key,
      'anny-api-secret': this.#key.secret,
      'x-request-id': sent.requestId,
      ...(key !== null && { 'idempotency-key': key }),
    };
    let answer: Answer;
    try {
      answer = await this.#send(call, headers);
    } catch (error) {
      const down = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
      if (!down) this.#journal.lost += 1;
      await sleep(down ? 100 : 10);
      return null;
    }
    this.#judge(sent, answer);
    if (answer.status !== 503) return answer;
    await sleep(10);
    return null;
  }

  #judge(sent: Sent, answer: Answer): void {
    if (answer.status === 503) return;
    if (answer.status >= 400 && answer.status < 500) {
      sent.outcome = 'refused';
      if (answer.status !== 400) this.#journal.strange.push(`${answer.status} ${answer.text}`);
      return;
    }
    if (answer.status !== 200 || answer.body?.payload?.result !== 'success') {
      this.#journal.strange.push(`${answer.status} ${answer.text}`);
      return;
    }
    sent.outcome = 'acknowledged';
    sent.position = (answer.headers['x-position'] as string | undefined) ?? null;
    sent.signalId =
      answer.body.payload.parent_signal_id ?? (sent.call.body as { parent_signal_id: string }).parent_signal_id;
    this.#journal.acknowledged += 1;
    if (sent.call.event === 'SignalCreated') this.#remember(sent.signalId!);
  }

  #remember(signalId: string): void {
    this.#known.push(signalId);
    if (this.#known.length > KNOWN_SIGNALS) this.#known.shift();
    if (this.#hot.length < HOT_SIGNALS) this.#hot.push(signalId);
  }
}
