/** An exchange of ccxt made strict: prices stay the venue's own digits, bodies are bounded, nothing is sent twice. */
import ccxt, { BadResponse, type Exchange } from 'ccxt';
import { type HttpAnswer, readBody } from './ccxt-body.ts';
import { CcxtFailure, type CcxtSettings } from './ccxt-messages.ts';

export interface CcxtInstance {
  readonly exchange: Exchange;
  /** Milliseconds for which the venue last asked to be left alone, by `Retry-After`; 0 when they are over. */
  readonly pause: () => number;
}

/** Binance bans for up to three days; a venue that says more is not believed. */
const MOST_PAUSE_MS = 3 * 24 * 60 * 60 * 1000;
const PAUSING = new Set([418, 429, 503]);
/** A number that a double may not hold as it is written. */
const DELICATE = /[:,[]\s*-?\d+(?:[.eE]|\d{15})/;

/** The methods of ccxt's own that are replaced. Its types leave them out or name other arguments. */
interface Replaced {
  number: (text: string) => unknown;
  urls: { api: unknown };
  parseNumber(value: unknown, fallback?: unknown): unknown;
  parseJson(text: string): unknown;
  safeTicker(ticker: object): object;
  parseOrderBookBidAsk(level: object, priceKey?: number | string, amountKey?: number | string): unknown[];
  undiciBody(answer: HttpAnswer, binary?: boolean): Promise<string | Buffer>;
  handleErrors(...answer: HandledAnswer): unknown;
}

type HandledAnswer = [
  status: number,
  reason: string,
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  parsed: unknown,
  ...more: unknown[],
];

/** @throws CcxtFailure of the kind `unknown` when ccxt has no such exchange. */
export function createCcxtInstance({ exchange: id, baseUrl, timeoutMs }: CcxtSettings): CcxtInstance {
  if (!ccxt.exchanges.includes(id)) throw new CcxtFailure({ kind: 'unknown', reason: unknownText(id), retryIn: 0 });
  const classes = ccxt as unknown as Readonly<Record<string, new (config: object) => Exchange>>;
  const exchange = new classes[id]!({
    enableRateLimit: true,
    timeout: timeoutMs,
    options: { maxRetriesOnFailure: 0 },
  });
  const inner = exchange as unknown as Replaced;
  if (baseUrl !== null) inner.urls.api = redirected(inner.urls.api, baseUrl);
  inner.number = String;
  // ccxt's own turns exponents into doubles.
  inner.parseNumber = (value, fallback) => value ?? fallback;
  inner.parseJson = parseExactly;
  // ccxt's own works out a last price that the venue did not tell, and fails for all when one has none.
  inner.safeTicker = (ticker) => ({ ...ticker, last: exchange.safeString2(ticker, 'close', 'last') });
  // ccxt's own makes doubles of them.
  inner.parseOrderBookBidAsk = (level, priceKey = 0, amountKey = 1) =>
    [priceKey, amountKey].map((key) => exchange.safeString(level, key));
  inner.undiciBody = async (answer, binary = false) => {
    const body = await readBody(answer, timeoutMs);
    return binary ? body : body.toString('utf8');
  };
  let pausedUntil = 0;
  const handleErrors = inner.handleErrors.bind(exchange);
  inner.handleErrors = (...answer) => {
    const [status, , url, method, headers, body, parsed] = answer;
    if (PAUSING.has(status)) pausedUntil = Math.max(pausedUntil, Date.now() + pauseOf(headers['Retry-After']));
    const handled = handleErrors(...answer);
    // ccxt's own goes on with the text, of which some exchanges make an empty list.
    if (status < 300 && parsed === undefined)
      throw new BadResponse(`${id} ${method} ${url} answered what is not JSON: ${body.slice(0, 100)}`);
    return handled;
  };
  return { exchange, pause: () => Math.max(0, pausedUntil - Date.now()) };
}

/** JSON with each number that is not a plain integer as the text it was written in; undefined where it is none. */
export function parseExactly(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    if (!DELICATE.test(text)) return JSON.parse(text);
    return JSON.parse(text, ((_key: string, value: unknown, { source }: { source: string }) =>
      typeof value === 'number' && !(Number.isSafeInteger(value) && /^-?\d+$/.test(source)) ? source : value) as never);
  } catch {
    return undefined;
  }
}

/** Milliseconds of a `Retry-After`, in seconds or as a date; 0 where it is neither. */
export function pauseOf(header: string | undefined): number {
  if (header === undefined) return 0;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(0, ms), MOST_PAUSE_MS);
}

/** The same addresses at another host. */
function redirected(urls: unknown, baseUrl: string): unknown {
  if (typeof urls === 'string') return urls.replace(/^https?:\/\/[^/]+/, baseUrl.replace(/\/$/, ''));
  if (urls === null || typeof urls !== 'object') return urls;
  return Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, redirected(url, baseUrl)]));
}

function unknownText(id: string): string {
  const near = ccxt.exchanges.filter((known) => id.length > 2 && known.startsWith(id.slice(0, 3)));
  return `ccxt knows no exchange "${id}"${near.length === 0 ? '' : `; near it: ${near.join(', ')}`}`;
}
