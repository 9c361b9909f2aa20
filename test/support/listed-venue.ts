/** A venue of a test's own: its prices are a list, told as they are added and kept for who asks later. */
import { knownAt, type Price, type Quoted, type Settlement, type Venue, VenueUnavailable } from '#libs/market';

export interface ListedVenue extends Venue {
  readonly history: NonNullable<Venue['history']>;
  readonly settlement: NonNullable<Venue['settlement']>;
  /** Adds a price of `symbol`, and tells it to whoever listens. */
  add(symbol: string, price: Price): void;
  /** Tells whoever listens a price that is in no history. */
  whisper(symbol: string, price: Price): void;
  /** How a market stands from now on. */
  resolve(symbol: string): Promise<{ symbol: string; name: string } | null>;
  resolved(symbol: string, settlement: Settlement): void;
  /** The next so many questions for history or settlements fail, of one symbol or of any. */
  fail(times: number, symbol?: string): void;
  /** Past prices end, as they are by then, only once the answer is called. */
  hold(): () => void;
  /** Questions for history that failed so far. */
  readonly failures: () => number;
  /** Streams that are being told. */
  readonly listeners: () => number;
}

export function createListedVenue(name: string, simulated: boolean): ListedVenue {
  const all: Quoted[] = [];
  const settlements = new Map<string, Settlement>();
  const listening = new Set<(quoted: Quoted) => void>();
  let held: Promise<void> | null = null;
  let failing = 0;
  let failures = 0;
  let failingSymbol: string | null = null;
  const ask = (symbol: string): void => {
    if (failing === 0 || (failingSymbol !== null && symbol !== failingSymbol)) return;
    failing -= 1;
    failures += 1;
    throw new VenueUnavailable(`${name}: not now`);
  };
  const whisper = (symbol: string, price: Price): void => {
    const quoted = { symbol, price, receivedAt: Date.now() };
    for (const listen of listening) listen(quoted);
  };
  return {
    name,
    simulated,
    resolve: async (symbol) => ({ symbol, name: symbol }),
    quote: async (symbol) => all.findLast((quoted) => quoted.symbol === symbol) ?? null,
    async *stream(symbols, { signal }) {
      const queue: Quoted[] = [];
      let wake = (): void => undefined;
      const listen = (quoted: Quoted): void => {
        if (symbols().has(quoted.symbol)) queue.push(quoted);
        wake();
      };
      listening.add(listen);
      signal.addEventListener('abort', () => wake());
      while (!signal.aborted) {
        const quoted = queue.shift();
        if (quoted !== undefined) yield quoted;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
      listening.delete(listen);
    },
    async *history(symbol, from, to) {
      ask(symbol);
      const past = all.filter(
        (quoted) => quoted.symbol === symbol && quoted.price.time >= from && knownAt(quoted.price) <= to,
      );
      yield* past;
      await held;
    },
    settlement: async (symbol) => {
      ask(symbol);
      return settlements.get(symbol) ?? { state: 'waiting', reason: 'it trades' };
    },
    close: async () => undefined,
    add: (symbol, price) => {
      all.push({ symbol, price, receivedAt: Date.now() });
      whisper(symbol, price);
    },
    whisper,
    resolved: (symbol, settlement) => void settlements.set(symbol, settlement),
    fail: (times, symbol) => {
      failing = times;
      failingSymbol = symbol ?? null;
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
    failures: () => failures,
    listeners: () => listening.size,
  };
}
