/** Prediction markets that were resolved: their signals are told, and told again where the venue says otherwise later. */
import type { Venue } from '#libs/market';
import { type MarketCommand, type SignalCommand, type SignalState, subtract } from '#libs/signal';
import type { Coordination, Handle } from '#libs/sourcing';
import type { Desks } from './desks.ts';
import { instant } from './judging.ts';
import { metadataOf } from './recorded.ts';
import { type Settled, settlementHash, watchSettlements } from './settlements.ts';
import type { States } from './states.ts';

/** Signals of a resolved market that are settled side by side. */
const SIDE_BY_SIDE = 256;

export interface ResolutionsOptions {
  readonly venue: Venue;
  readonly coordination: Coordination;
  readonly states: States;
  readonly handle: Handle<SignalState, SignalCommand>;
  readonly desks: Desks;
  /** Markets with open signals. */
  readonly symbols: () => ReadonlySet<string>;
  readonly signal: AbortSignal;
  readonly onTrouble: (what: string, reason: string) => void;
  readonly onWaiting: (what: string, reason: string) => void;
}

/** Runs until the signal aborts. */
export function followResolutions(options: ResolutionsOptions): Promise<void> {
  const { venue, coordination, desks, symbols, signal, onTrouble, onWaiting } = options;
  return watchSettlements({
    venue,
    coordination,
    signal,
    symbols,
    onTrouble,
    onWaiting: (symbol, reason) => onWaiting(`${venue.name} ${symbol}`, reason),
    settle: async (symbol, settlement) => {
      const settled: string[] = [];
      for (const side of ['yes', 'no'] as const) {
        const desk = desks.get({ venue: venue.name, symbol, side });
        await desk?.run(async () => {
          const ids = [...desk.ids];
          for (let at = 0; at < ids.length; at += SIDE_BY_SIDE) {
            await Promise.all(
              ids.slice(at, at + SIDE_BY_SIDE).map(async (id) => {
                await resolve(id, settlement, options);
                settled.push(id);
                desk.forget(id);
              }),
            );
          }
        });
      }
      return settled;
    },
    correct: async (signals, settlement) => {
      for (const id of signals) await resolve(id, settlement, options);
    },
  });
}

/** Tells a signal what its market was resolved to. Told again, it adds nothing. */
async function resolve(id: string, settlement: Settled, options: ResolutionsOptions): Promise<void> {
  const { venue, states, handle } = options;
  const state = await states.read(id);
  const { yesPayout, outcome, at } = settlement;
  const payout = yesPayout === null ? null : state.direction === 'no' ? subtract('1', yesPayout) : yesPayout;
  const now = Date.now();
  const command: MarketCommand = {
    type: 'ResolveSignal',
    signalId: id,
    channelId: state.channelId,
    now: instant(now),
    payout,
    reason: outcome,
    at: instant(at ?? now),
    evidence: { decidedBy: 'settlement', source: venue.name, hash: settlementHash(settlement) },
  };
  const result = await handle(command, metadataOf(id, state.version, now));
  if (!result.done) throw new Error(`${id}: ${result.refusal.message}`);
  if (result.state.status !== 'none') states.set(id, result.state);
}
