/**
 * JSON over HTTP GET, as all venues are asked: bounded in time, size, rate and number of tries. A venue that keeps
 * failing is left alone for a while. Nothing that was sent is ever told in an error: headers may hold a key.
 */
import { VenueUnavailable } from '../venue.ts';
import { createBreaker } from './http-breaker.ts';
import { type HttpClock, SYSTEM_CLOCK } from './http-clock.ts';
import { createRate } from './http-rate.ts';
import { type TryResult, tryOnce } from './http-try.ts';

export interface HttpOptions {
  /** Longest one try takes, from connecting to the last byte, in milliseconds. */
  readonly timeoutMs?: number;
  /** How often a request is sent at most. */
  readonly tries?: number;
  /** Longest answer taken, in bytes. */
  readonly maxBytes?: number;
  /** Requests a second in the long run, and at once. */
  readonly requestsPerSecond?: number;
  readonly burst?: number;
  /** How many requests may queue, and for how many milliseconds at most. */
  readonly maxWaiting?: number;
  readonly maxWaitMs?: number;
  /** After so many failures in a row the venue is left alone for so many milliseconds. */
  readonly failuresToOpen?: number;
  readonly coolDownMs?: number;
  readonly userAgent?: string;
  readonly clock?: HttpClock;
  /** 0 up to, not including, 1: spreads the tries of several processes. */
  readonly random?: () => number;
}

export interface JsonClientOptions extends HttpOptions {
  /** As errors name it. */
  readonly venue: string;
  readonly baseUrl: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface JsonAnswer {
  readonly json: unknown;
  /** The body as it came: what the hash of an evidence is taken of. */
  readonly raw: string;
  /** When it was there in full, milliseconds since 1970. */
  readonly receivedAt: number;
}

export interface JsonClient {
  /**
   * The answer at a path, with its query, below the base URL; null where the venue answers 404 in JSON. Network
   * errors, time-outs, 429 and 5xx are tried again after a growing wait, or the one that `Retry-After` asks for.
   * Throws `VenueUnavailable` for everything else, and when tries run out, the queue is full, the venue is being left
   * alone, the signal aborts or the client was closed.
   */
  get(path: string, signal?: AbortSignal): Promise<JsonAnswer | null>;
  /** Ends what is under way, and refuses what comes later. */
  close(): void;
}

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 5_000;

/** Throws an Error naming what can't be used: a base URL or a header. */
export function createJsonClient(options: JsonClientOptions): JsonClient {
  const { venue, timeoutMs = 5_000, tries = 3, random = Math.random, clock = SYSTEM_CLOCK } = options;
  // A full page of Kalshi markets is some 400 kB; parsing so much more would hold up the event loop.
  const { maxBytes = 4 * 1024 * 1024, maxWaitMs = 10_000 } = options;
  const baseUrl = checkedBaseUrl(venue, options.baseUrl);
  const headers = checkedHeaders(venue, {
    accept: 'application/json',
    // Some venues refuse clients without one.
    'user-agent': options.userAgent ?? 'signal-ledger',
    ...options.headers,
  });
  const rate = createRate({
    venue,
    perSecond: options.requestsPerSecond ?? 10,
    burst: options.burst ?? 10,
    maxWaiting: options.maxWaiting ?? 100,
    maxWaitMs,
    clock,
  });
  const breaker = createBreaker({
    failuresToOpen: options.failuresToOpen ?? 5,
    coolDownMs: options.coolDownMs ?? 30_000,
    uptime: () => clock.uptime(),
  });
  const closing = new AbortController();

  const leftAlone = () => new VenueUnavailable(`${venue}: failed again and again and is left alone for a while`);

  async function sendOnce(path: string, stop: AbortSignal): Promise<TryResult> {
    // Looked at before queueing too, so that nobody waits for a venue that is being left alone.
    if (breaker.retryIn() > 0) throw leftAlone();
    await rate.take(stop);
    const pass = breaker.enter();
    if (pass === null) throw leftAlone();
    const url = `${baseUrl}${path}`;
    const result = await tryOnce({ url, headers, timeoutMs, maxBytes, now: () => clock.now() }, stop);
    if (result.kind === 'stopped') pass.abandoned();
    else if (result.kind === 'away' || (result.kind === 'refused' && !result.venueWorks)) pass.failed();
    else pass.succeeded();
    return result;
  }

  async function ask(path: string, stop: AbortSignal): Promise<JsonAnswer | null> {
    for (let tried = 1; ; tried += 1) {
      const result = await sendOnce(path, stop);
      switch (result.kind) {
        case 'answer':
          return { json: result.json, raw: result.raw, receivedAt: clock.now() };
        case 'missing':
          return null;
        case 'stopped':
          throw new VenueUnavailable(`${venue}: the request was stopped`);
        case 'refused':
          throw new VenueUnavailable(`${venue}: ${result.reason}`);
        case 'away': {
          if (result.retryAfterMs !== null) rate.pause(result.retryAfterMs);
          if (tried >= tries) throw new VenueUnavailable(`${venue}: ${result.reason}, ${tried} times`);
          // Longer than anyone may queue: the caller is told why, not only that the queue is closed.
          if ((result.retryAfterMs ?? 0) > maxWaitMs)
            throw new VenueUnavailable(`${venue}: ${result.reason}, and is to be asked in ${result.retryAfterMs} ms`);
          const backoff = Math.min(FIRST_BACKOFF_MS * 2 ** (tried - 1), LONGEST_BACKOFF_MS);
          await clock.sleep(backoff * (0.5 + random() / 2), stop);
          break;
        }
        default:
          result satisfies never;
      }
    }
  }

  return {
    get: async (path, signal) => {
      const stop = new AbortController();
      const end = () => stop.abort();
      const sources = signal === undefined ? [closing.signal] : [closing.signal, signal];
      for (const source of sources) {
        if (source.aborted) end();
        source.addEventListener('abort', end);
      }
      try {
        return await ask(path, stop.signal);
      } catch (error) {
        if (stop.signal.aborted) throw new VenueUnavailable(`${venue}: the request was stopped`);
        throw error;
      } finally {
        for (const source of sources) source.removeEventListener('abort', end);
      }
    },
    close: () => closing.abort(),
  };
}

function checkedBaseUrl(venue: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url === null ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.username + url.password + url.search + url.hash
  )
    throw new Error(`${venue}: the base URL must be http:// or https://, without user, query or fragment`);
  return url.href.replace(/\/+$/, '');
}

function checkedHeaders(venue: string, wanted: Readonly<Record<string, string>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(wanted)) {
    try {
      headers.set(name, value);
    } catch {
      // The platform's own message quotes the value.
      throw new Error(`${venue}: the header ${name} has a character that HTTP does not allow`);
    }
  }
  return headers;
}
