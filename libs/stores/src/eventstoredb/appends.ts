/** Appends on their way to the server: many at once on one call, so few in flight and so few waiting that both stay bounded. */
import { randomUUID } from 'node:crypto';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { messageOf, OutcomeUnknown, StoreUnavailable } from '#libs/sourcing';
import { type Answered, answerFrom } from './answer.ts';
import { appendRequest, type Proposal, sizeOf, uuidText } from './codec.ts';
import type { AppendCall } from './connection.ts';
import type { StreamNames } from './names.ts';

export interface AppendLimits {
  /** Milliseconds after which an append that was not answered is given up. */
  readonly deadlineMs: number;
  /** Appends the server has not answered. */
  readonly maxInFlight: number;
  /** Appends that wait for their turn; more are refused. */
  readonly maxWaiting: number;
  /** Milliseconds without an answer after which the call it was sent on is given up, and with it all that was sent on it. */
  readonly giveUpMs: number;
}

/** A call keeps what it sends until the server takes it: as much as this may be sent and not answered. */
const MOST_BYTES_IN_FLIGHT = 16 * 1_024 * 1_024;

const MOST_BYTES_WAITING = 64 * 1_024 * 1_024;

export interface Appends {
  /**
   * Where the append ended. Throws `StoreUnavailable` for what was never sent, `OutcomeUnknown` for what was and has
   * no answer, and what the answer says.
   */
  append(stream: string, expected: number, proposed: readonly Proposal[]): Promise<Answered>;
  /** Takes no more, waits for what was taken, and ends the call. */
  close(): Promise<void>;
}

interface Entry {
  readonly stream: string;
  readonly onServer: string;
  readonly expected: number;
  readonly proposed: readonly Proposal[];
  readonly bytes: number;
  readonly resolve: (answered: Answered) => void;
  readonly reject: (error: Error) => void;
  timer: NodeJS.Timeout;
  /** Where it was sent; null while it waits. */
  line: Line | null;
}

/** One call, and what was sent on it. */
interface Line {
  readonly call: AppendCall;
  readonly sent: Map<string, Entry>;
  bytes: number;
}

/** `open` begins a call on a connection that has just been found to work. Streams are told by their own names. */
export function createAppends(
  open: (signal: AbortSignal) => Promise<AppendCall>,
  names: StreamNames,
  { deadlineMs, maxInFlight, maxWaiting, giveUpMs }: AppendLimits,
): Appends {
  const waiting = new Set<Entry>();
  let waitingBytes = 0;
  let line: Line | null = null;
  let opening = false;
  let closing: Promise<void> | null = null;
  let ended = false;
  /** Appends whose callers have no answer yet. */
  let running = 0;
  let whenIdle: () => void = () => undefined;

  function append(stream: string, expected: number, proposed: readonly Proposal[]): Promise<Answered> {
    const bytes = sizeOf(proposed);
    if (closing !== null) return Promise.reject(new StoreUnavailable('the event store is closed'));
    if (waiting.size >= maxWaiting || waitingBytes + bytes > MOST_BYTES_WAITING)
      return Promise.reject(new StoreUnavailable('too many appends are waiting for EventStoreDB'));
    running += 1;
    return new Promise<Answered>((resolve, reject) => {
      const onServer = names.onServer(stream);
      const timer = setTimeout(() => cutOff(entry), deadlineMs);
      const entry: Entry = { stream, onServer, expected, proposed, bytes, resolve, reject, timer, line: null };
      waiting.add(entry);
      waitingBytes += bytes;
      send();
    }).finally(() => {
      running -= 1;
      if (running === 0) whenIdle();
    });
  }

  /** An append that was sent keeps its place: what the server is busy with is what has to stay bounded. */
  function cutOff(entry: Entry): void {
    const { line: on, stream } = entry;
    if (on === null) {
      forget(entry);
      entry.reject(new StoreUnavailable(`EventStoreDB took no append within ${deadlineMs} ms`));
      return;
    }
    entry.reject(new OutcomeUnknown(`EventStoreDB did not answer an append to ${stream} within ${deadlineMs} ms`));
    const giveUp = (): void => lose(on, `an append was not answered within ${giveUpMs} ms`);
    entry.timer = setTimeout(giveUp, Math.max(0, giveUpMs - deadlineMs)).unref();
  }

  /** It waits no longer. */
  function forget(entry: Entry): void {
    waiting.delete(entry);
    waitingBytes -= entry.bytes;
  }

  function send(): void {
    if (waiting.size === 0) return;
    if (line === null) {
      if (!opening) void openLine();
      return;
    }
    for (const entry of waiting) {
      const full = line.bytes > 0 && line.bytes + entry.bytes > MOST_BYTES_IN_FLIGHT;
      if (full || line.sent.size >= maxInFlight) return;
      forget(entry);
      sendOn(line, entry);
    }
  }

  function sendOn(on: Line, entry: Entry): void {
    const id = randomUUID();
    entry.line = on;
    on.sent.set(id, entry);
    on.bytes += entry.bytes;
    on.call.write(appendRequest(id, entry.onServer, entry.expected, entry.proposed));
  }

  async function openLine(): Promise<void> {
    opening = true;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error(`it did not answer within ${deadlineMs} ms`)), deadlineMs);
    try {
      const call = await open(late.signal);
      call.on('error', () => undefined);
      if (ended) {
        call.cancel();
        return;
      }
      const opened: Line = { call, sent: new Map(), bytes: 0 };
      call.on('data', (response: streams.BatchAppendResp) => answer(opened, response));
      call.on('error', (error) => lose(opened, messageOf(error)));
      // A server that shuts down in order ends the call without an error.
      call.on('end', () => lose(opened, 'the server ended the call'));
      line = opened;
    } catch (error) {
      // Whoever waits is told now: nothing was sent, and the next append looks again.
      for (const entry of waiting) {
        forget(entry);
        clearTimeout(entry.timer);
        entry.reject(new StoreUnavailable(`EventStoreDB can't be reached: ${messageOf(error)}`, 1, { cause: error }));
      }
    } finally {
      clearTimeout(timer);
      opening = false;
    }
    send();
  }

  function answer(from: Line, response: streams.BatchAppendResp): void {
    const id = response.getCorrelationId();
    const key = id === undefined ? '' : uuidText(id);
    const entry = from.sent.get(key);
    if (entry === undefined) return;
    from.sent.delete(key);
    from.bytes -= entry.bytes;
    clearTimeout(entry.timer);
    const answered = answerFrom(response, entry.stream, entry.expected);
    if (answered instanceof Error) entry.reject(answered);
    else entry.resolve(answered);
    send();
  }

  /** What was sent on a call that is over may or may not have been written. What waits goes out on the next. */
  function lose(lost: Line, reason: string): void {
    if (line !== lost) return;
    line = null;
    lost.call.end();
    lost.call.cancel();
    for (const entry of lost.sent.values()) {
      clearTimeout(entry.timer);
      entry.reject(new OutcomeUnknown(`EventStoreDB was lost during an append to ${entry.stream}: ${reason}`));
    }
    lost.sent.clear();
    send();
  }

  async function end(): Promise<void> {
    if (running > 0) await new Promise<void>((resolve) => (whenIdle = resolve));
    ended = true;
    const last = line;
    line = null;
    for (const entry of last?.sent.values() ?? []) clearTimeout(entry.timer);
    last?.call.cancel();
  }

  return { append, close: () => (closing ??= end()) };
}
