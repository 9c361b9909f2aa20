/**
 * Track records: what the signals that a filter finds came to, added up from their documents and kept nowhere but in a
 * cache named by the position of the view.
 */
import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject } from '@nestjs/common';
import {
  type EventStore,
  type ParkedStream,
  RecentlyUsed,
  Turns,
  type ViewState,
  type ViewStore,
} from '#libs/sourcing';
import {
  createGroupedRecorder,
  type GroupedRecord,
  type LastPrice,
  SIGNAL_STREAM_PREFIX,
  type SignalDocument,
  signalsView,
} from '#libs/views';
import { documentsOf } from './record-pages.ts';
import { type Scope, SignalReader } from './reader.ts';
import type { RecordRequest } from './record-query.ts';
import { EVENT_STORE, VIEW_STORE } from './tokens.ts';

export interface SignalRecord extends GroupedRecord {
  /** Every event up to here is in it, but those of parked streams. */
  readonly position: bigint;
  /** Signals of the channel whose streams the view could not fold: it lacks what they say since. */
  readonly parked: { readonly count: number; readonly ids: readonly string[] };
  /** It may lack the caller's last writes. */
  readonly stale: boolean;
}

/** The last price of what a signal trades, where one is known; null in its place where no venue is configured. */
export type LastPriceOf = (document: SignalDocument) => LastPrice | null;

/** The name under which Nest injects it. */
export const LAST_PRICE = Symbol('Last prices');

/** Records kept; parked streams whose channel is remembered; ids of parked streams that are told. */
const KEPT = 32;
const REMEMBERED_STREAMS = 10_000;
const TOLD = 20;

/** How long a record with open positions is kept where prices move them. */
const MARKED_MS = 5_000;

interface Kept {
  readonly made: Promise<Omit<SignalRecord, 'stale'>>;
  readonly at: number;
}

export class SignalRecords {
  readonly #events: EventStore;
  readonly #views: ViewStore;
  readonly #reader: SignalReader;
  readonly #lastPrice: LastPriceOf | null;
  readonly #kept = new RecentlyUsed<Kept>(KEPT);
  readonly #channels = new RecentlyUsed<string>(REMEMBERED_STREAMS);
  readonly #turns = new Turns();

  constructor(
    @Inject(EVENT_STORE) events: EventStore,
    @Inject(VIEW_STORE) views: ViewStore,
    @Inject(SignalReader) reader: SignalReader,
    @Inject(LAST_PRICE) lastPrice: LastPriceOf | null,
  ) {
    this.#events = events;
    this.#views = views;
    this.#reader = reader;
    this.#lastPrice = lastPrice;
  }

  /** The record of a scope's signals. It waits for the caller's last write as a list does. */
  async read(request: RecordRequest, scope: Scope, atLeast: bigint | null): Promise<SignalRecord> {
    const seen = await this.#reader.caughtUp(scope, atLeast);
    const live = await this.#views.live(signalsView.name);
    const parked = live === null ? [] : await this.#views.parked({ view: signalsView.name, version: live.version });
    const key = keyOf(request, scope, live, parked);
    return { ...(await this.#keptOrMade(key, request, scope, live, parked)), stale: !seen };
  }

  async #keptOrMade(
    key: string,
    request: RecordRequest,
    scope: Scope,
    live: ViewState | null,
    parked: readonly ParkedStream[],
  ): Promise<Omit<SignalRecord, 'stale'>> {
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      const record = await kept.made;
      const { marked, unmarked } = record.whole.open;
      const moves = this.#lastPrice !== null && marked + unmarked > 0;
      if (!moves || Date.now() - kept.at < MARKED_MS) return record;
    }
    // Those of one channel are made one after the other: a caller that asks for many at once waits for itself.
    const made = this.#turns.run(scope.caller.channelId ?? '', () => this.#make(request, scope, live, parked));
    this.#kept.set(key, { made, at: Date.now() });
    made.catch(() => this.#kept.delete(key));
    return made;
  }

  async #make(
    { filter, by, simulated, feePct, slippagePct }: RecordRequest,
    scope: Scope,
    live: ViewState | null,
    parked: readonly ParkedStream[],
  ): Promise<Omit<SignalRecord, 'stale'>> {
    const lastPrice = this.#lastPrice;
    const options = { simulated, feePct, slippagePct, ...(lastPrice !== null && { lastPrice }) };
    const recorder = createGroupedRecorder(by, options);
    if (live !== null) {
      for await (const page of documentsOf(this.#views, live, filter, scope)) {
        for (const document of page) recorder.add(document);
        await nextTurn();
      }
    }
    const adding = recorder.steps();
    let step = adding.next();
    while (step.done !== true) {
      await nextTurn();
      step = adding.next();
    }
    return {
      ...step.value,
      position: live?.checkpoint ?? 0n,
      parked: await this.#parkedOf(scope, parked),
    };
  }

  /** Those of the scope's channel. What a parked stream says of its dialect or strategy may be what can't be read. */
  async #parkedOf({ caller }: Scope, parked: readonly ParkedStream[]): Promise<SignalRecord['parked']> {
    const ids: string[] = [];
    let count = 0;
    for (const one of parked) {
      if (caller.channelId !== null && (await this.#channelOf(one)) !== caller.channelId) continue;
      count += 1;
      if (ids.length < TOLD) ids.push(one.stream.slice(SIGNAL_STREAM_PREFIX.length));
    }
    return { count, ids };
  }

  /** Whose a parked stream is, by its first event; null where that is told nowhere. */
  async #channelOf({ stream }: ParkedStream): Promise<string | null> {
    const known = this.#channels.get(stream);
    if (known !== undefined) return known;
    const events = await this.#events.readStream(stream);
    const channelId = events[0]?.channelId ?? null;
    if (channelId !== null) this.#channels.set(stream, channelId);
    return channelId;
  }
}

/** A stream that was mended changes a record without moving the view's position, so the parked ones are in the name. */
function keyOf(
  request: RecordRequest,
  { caller, dialect }: Scope,
  live: ViewState | null,
  parked: readonly ParkedStream[],
): string {
  const at = live === null ? null : [live.version, live.checkpoint.toString()];
  const lacks = hash('sha256', parked.map(({ stream }) => stream).join('\n'));
  return JSON.stringify([caller.channelId, dialect, request, at, lacks]);
}
