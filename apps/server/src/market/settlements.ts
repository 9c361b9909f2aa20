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
  /** How long resolved markets are asked for again. */
  readonly watchedMs?: number;
}

/** Runs until the signal aborts. */
export async function watchSettlements(options: SettlementOptions): Promise<void> {
  const { venue, symbols, signal, onTrouble, onWaiting, settle, correct } = options;
  const { openMs = OPEN_MS, resolvedMs = RESOLVED_MS, watchedMs = WATCHED_MS } = options;
  const waiting = new Map<string, string>();
  let askedResolved = -Infinity;
  while (!signal.aborted) {
    const now = Date.now();
    for (const symbol of symbols()) {
      if (signal.aborted) return;
      await told(symbol, async (settlement) => {
        waiting.delete(symbol);
        const signals = await settle(symbol, settlement);
        await remember(options, { symbol, until: now + watchedMs, signals });
      });
    }
    if (now - askedResolved >= resolvedMs) {
      askedResolved = now;
      for (const { symbol, signals } of await recall(options, now)) {
        await told(symbol, (settlement) => correct(signals, settlement));
      }
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

type List = readonly { readonly symbol: string; readonly until: number }[];

function listName(venue: Venue): string {
  return `market resolved ${venue.name}`;
}

function signalsName(venue: Venue, symbol: string): string {
  return `${listName(venue)} ${symbol}`;
}

/** Notes a resolved market; the oldest are forgotten beyond the bound. */
async function remember(options: SettlementOptions, { symbol, until, signals: added }: Resolved): Promise<void> {
  const { venue, coordination } = options;
  const name = listName(venue);
  const known = listOf(await coordination.kept(name)).filter((one) => one.symbol !== symbol);
  const before = signalsOf(await coordination.kept(signalsName(venue, symbol)));
  const signals = [...new Set([...before, ...added])].slice(-MOST_SIGNALS);
  // The list first: what is on it is forgotten some day.
  const tooMany = Math.max(known.length + 1 - MOST_RESOLVED, 0);
  await keepList(options, [...known.slice(tooMany), { symbol, until }], known.slice(0, tooMany));
  await coordination.keep(signalsName(venue, symbol), JSON.stringify(signals));
}

/** The markets that are still asked for; those whose time is over are forgotten. */
async function recall(options: SettlementOptions, now: number): Promise<readonly Resolved[]> {
  const { venue, coordination } = options;
  const known = listOf(await coordination.kept(listName(venue)));
  const list = known.filter(({ until }) => until > now);
  if (list.length < known.length) {
    const over = known.filter(({ until }) => until <= now);
    await keepList(options, list, over);
  }
  return Promise.all(
    list.map(async (one) => ({
      ...one,
      signals: signalsOf(await coordination.kept(signalsName(venue, one.symbol))),
    })),
  );
}

/** Keeps a list; the signals of what is on it no more are forgotten before: afterwards nobody would find them. */
async function keepList({ venue, coordination }: SettlementOptions, list: List, over: List): Promise<void> {
  for (const { symbol } of over) await coordination.forget(signalsName(venue, symbol));
  await coordination.keep(listName(venue), JSON.stringify(list));
}

function listOf(text: string | null): List {
  return text === null ? [] : (JSON.parse(text) as List);
}

function signalsOf(text: string | null): readonly string[] {
  return text === null ? [] : (JSON.parse(text) as string[]);
}
