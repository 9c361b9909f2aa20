/** One GET of JSON, once: what came of it, told as a value. */
import { parseVenueJson } from './http-json.ts';

export interface TrySettings {
  readonly url: string;
  readonly headers: Headers;
  /** From connecting to the last byte, in milliseconds. */
  readonly timeoutMs: number;
  /** Longest body taken, in bytes, after decompression. */
  readonly maxBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export type TryResult =
  | { readonly kind: 'answer'; readonly json: unknown; readonly raw: string }
  /** The venue itself says, in JSON, that there is no such thing. */
  | { readonly kind: 'missing' }
  /** Asking again would be answered alike. `venueWorks` tells whether the fault is the request's alone. */
  | { readonly kind: 'refused'; readonly reason: string; readonly venueWorks: boolean }
  /** The venue may answer later; `retryAfterMs` where it said when. */
  | { readonly kind: 'away'; readonly reason: string; readonly retryAfterMs: number | null }
  /** `stop` aborted. */
  | { readonly kind: 'stopped' };

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** Longest that a venue's `Retry-After` is believed. */
const LONGEST_RETRY_AFTER_MS = 300_000;

export async function tryOnce(settings: TrySettings, stop: AbortSignal): Promise<TryResult> {
  const timeout = AbortSignal.timeout(settings.timeoutMs);
  let response: Response | null = null;
  try {
    response = await fetch(settings.url, {
      headers: settings.headers,
      // Followed, a redirect could lead anywhere, with the headers.
      redirect: 'manual',
      signal: AbortSignal.any([stop, timeout]),
    });
    return await read(response, settings);
  } catch (error) {
    if (stop.aborted) return { kind: 'stopped' };
    if (timeout.aborted) return away(`no whole answer within ${settings.timeoutMs} ms`);
    return away(`the connection failed (${codeOf(error)})`);
  } finally {
    // A body left unread would keep its connection.
    if (response !== null && !response.bodyUsed) await response.body?.cancel().catch(() => undefined);
  }
}

async function read(response: Response, settings: TrySettings): Promise<TryResult> {
  const { status, headers } = response;
  const isJson = JSON_TYPE.test(headers.get('content-type') ?? '');
  if (status === 429 || status >= 500) return away(`status ${status}`, retryAfter(headers, settings.now()));
  if (status === 404 && isJson) return { kind: 'missing' };
  if (status !== 200) return refused(`status ${status}`, status === 400 || status === 422);
  if (!isJson) return refused('the answer is no JSON by its content type');
  const body = await bytesOf(response, settings.maxBytes);
  if (body === null) return refused(`the answer is longer than ${settings.maxBytes} bytes`);
  try {
    const raw = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    return { kind: 'answer', json: parseVenueJson(raw), raw };
  } catch {
    return refused('the answer is no valid JSON');
  }
}

/** The body, or null where it is too long: the rest is not read. */
async function bytesOf(response: Response, maxBytes: number): Promise<Buffer | null> {
  if (Number(response.headers.get('content-length')) > maxBytes) return null;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** `Retry-After` in milliseconds: it is seconds or a date (RFC 9110, 10.2.3). Null where it is absent or neither. */
function retryAfter(headers: Headers, now: number): number | null {
  const text = headers.get('retry-after')?.trim() ?? '';
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(milliseconds) ? null : Math.min(Math.max(milliseconds, 0), LONGEST_RETRY_AFTER_MS);
}

function away(reason: string, retryAfterMs: number | null = null): TryResult {
  return { kind: 'away', reason, retryAfterMs };
}

function refused(reason: string, venueWorks = false): TryResult {
  return { kind: 'refused', reason, venueWorks };
}

/** What the platform calls an error. Its message is left out: it may quote what was sent. */
function codeOf(error: unknown): string {
  const { name, cause } = error as { readonly name?: unknown; readonly cause?: unknown };
  const code = cause !== null && typeof cause === 'object' && 'code' in cause ? cause.code : name;
  return typeof code === 'string' ? code : 'unknown';
}
