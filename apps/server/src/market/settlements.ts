/** Asking venues how their prediction markets were resolved, also after they were: a result may be told otherwise. */
import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Settlement, Venue } from '#libs/market';
import { type Coordination, messageOf } from '#libs/sourcing';

/** How often open markets are asked for. */
const OPEN_MS = 15_000;

/** How often and how long resolved ones are. */
const RESOLVED_MS = 3_600_000;
const WATCHED_MS = 7 * 24 * 3_600_000;

/** Resolved markets of a venue that are asked for again, and signals of each. */
const MOST_RESOLVED = 500;
const MOST_SIGNALS = 1_500;

export type Settled = Extract<Settlement, { state: 'settled' }>;

interface Resolved {
  readonly symbol: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly signals: readonly string[];
}

export interface SettlementOptions {
  readonly venue: Venue;
  readonly coordination: Coordination;
  readonly symbols: () => ReadonlySet<string>;
  /** Settles the open signals of a market. Answers their ids. */
  readonly settle: (symbol: string, settlement: Settled) => Promise<readonly string[]>;
  /** Tells signals that were settled before what their market says now. */
  readonly correct: (signals: readonly string[], settlement: Settled) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onTrouble: (what: string, reason: string) => void;
  /** Why a market is not settled, when that changes. */
  readonly onWaiting: (symbol: string, reason: string) => void;
  readonly openMs?: number;
  readonly resolvedMs?: number;
}

/** Runs until the signal aborts. */
export async function watchSettlements(options: SettlementOptions): Promise<void> {
  const { venue, symbols, signal, onTrouble, onWaiting, settle, correct, openMs = OPEN_MS } = options;
  const waiting = new Map<string, string>();
  let askedResolved = -Infinity;
  while (!signal.aborted) {
    const now = Date.now();
    for (const symbol of symbols()) {
      if (signal.aborted) return;
      await told(symbol, async (settlement) => {
        waiting.delete(symbol);
        const signals = await settle(symbol, settlement);
        await remember(options, { symbol, until: now + WATCHED_MS, signals });
      });
    }
    if (now - askedResolved >= (options.resolvedMs ?? RESOLVED_MS)) {
      askedResolved = now;
      for (const { symbol, signals } of await recall(options, now))
        await told(symbol, (settlement) => correct(signals, settlement));
    }
    for (const symbol of waiting.keys()) if (!symbols().has(symbol)) waiting.delete(symbol);
    await sleep(openMs, undefined, { signal }).catch(() => undefined);
  }

  async function told(symbol: string, use: (settlement: Settled) => Promise<void>): Promise<void> {
    try {
      const settlement = await venue.settlement!(symbol);
      if (settlement.state === 'settled') return await use(settlement);
      if (waiting.get(symbol) === settlement.reason) return;
      waiting.set(symbol, settlement.reason);
      onWaiting(symbol, settlement.reason);
    } catch (error) {
      if (!signal.aborted) onTrouble(`${venue.name} ${symbol}`, messageOf(error));
    }
  }
}

/** SHA-256 of a venue's answer, as it came. */
export function settlementHash({ raw }: Settled): string {
  return hash('sha256', raw);
}

function listName(venue: Venue): string {
  return `market resolved ${venue.name}`;
}

/** Notes a resolved market; the oldest are forgotten beyond the bound. */
async function remember({ venue, coordination }: SettlementOptions, resolved: Resolved): Promise<void> {
  const name = listName(venue);
  const known = listOf(await coordination.kept(name)).filter(({ symbol }) => symbol !== resolved.symbol);
  const list = [...known, { symbol: resolved.symbol, until: resolved.until }].slice(-MOST_RESOLVED);
  const before = known.length === 0 ? [] : signalsOf(await coordination.kept(`${name} ${resolved.symbol}`));
  const signals = [...new Set([...before, ...resolved.signals])].slice(-MOST_SIGNALS);
  await coordination.keep(`${name} ${resolved.symbol}`, JSON.stringify(signals));
  await coordination.keep(name, JSON.stringify(list));
}

async function recall({ venue, coordination }: SettlementOptions, now: number): Promise<readonly Resolved[]> {
  const name = listName(venue);
  const list = listOf(await coordination.kept(name)).filter(({ until }) => until > now);
  return Promise.all(
    list.map(async (one) => ({ ...one, signals: signalsOf(await coordination.kept(`${name} ${one.symbol}`)) })),
  );
}

function listOf(text: string | null): readonly { readonly symbol: string; readonly until: number }[] {
  return text === null ? [] : (JSON.parse(text) as { symbol: string; until: number }[]);
}

function signalsOf(text: string | null): readonly string[] {
  return text === null ? [] : (JSON.parse(text) as string[]);
}
