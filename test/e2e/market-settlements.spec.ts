/** How resolved prediction markets are asked for: what is told, what is settled, what is corrected. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Settlement } from '#libs/market';
import { createMemoryCoordination } from '#libs/stores';
import { type Settled, settlementHash, watchSettlements } from '../../apps/server/src/market/settlements.ts';
import { createListedVenue, type ListedVenue } from '../support/listed-venue.ts';
import { eventually } from '../support/prices.ts';

const YES: Settlement = { state: 'settled', yesPayout: '1', outcome: 'yes', at: 1, raw: '{"result":"yes"}' };
const NO: Settlement = { state: 'settled', yesPayout: '0', outcome: 'no', at: 2, raw: '{"result":"no"}' };

describe('resolved markets', () => {
  const coordination = createMemoryCoordination();
  let venue: ListedVenue;
  let open: Set<string>;
  let told: string[];
  let stop: () => Promise<void>;

  /** What the role does with a market: its signals are settled, and it is open no more. */
  function watch(): void {
    const abort = new AbortController();
    const ended = watchSettlements({
      venue,
      coordination,
      signal: abort.signal,
      symbols: () => open,
      settle: async (symbol, { outcome }) => {
        told.push(`${symbol} settled ${outcome}`);
        open.delete(symbol);
        return [`${symbol}-1`, `${symbol}-2`];
      },
      correct: async (signals, { outcome }) => void told.push(`${signals.join(' and ')} told ${outcome}`),
      onTrouble: (what, reason) => told.push(`${what}: ${reason}`),
      onWaiting: (symbol, reason) => told.push(`${symbol} waits: ${reason}`),
      openMs: 1,
      resolvedMs: 50,
    });
    stop = async () => {
      abort.abort();
      await ended;
    };
  }

  const heard = (line: string): Promise<true> => eventually(line, () => (told.includes(line) ? true : null));

  beforeEach(() => {
    venue = createListedVenue('kalshi', false);
    open = new Set();
    told = [];
  });
  afterEach(() => stop());

  it('are told once why they wait, and once more when that changes', async () => {
    open.add('W');
    open.add('LAST');
    watch();
    await heard('LAST waits: it trades');
    venue.resolved('W', { state: 'waiting', reason: 'disputed' });
    await heard('W waits: disputed');
    // Many rounds later.
    for (let round = 0; round < 5; round += 1) {
      venue.resolved('LAST', { state: 'waiting', reason: `round ${round}` });
      await heard(`LAST waits: round ${round}`);
    }
    expect(told.filter((line) => line.startsWith('W '))).toEqual(['W waits: it trades', 'W waits: disputed']);
  });

  it('are settled once, and asked for again: told otherwise, their signals are told', async () => {
    open.add('S');
    venue.resolved('S', YES);
    watch();
    await heard('S settled yes');
    venue.resolved('S', NO);
    await heard('S-1 and S-2 told no');
    expect(told.filter((line) => line === 'S settled yes')).toHaveLength(1);
  });

  it('are asked for again at once after a start', async () => {
    venue.resolved('S', YES);
    watch();
    await heard('S-1 and S-2 told yes');
    expect(told[0]).toBe('S-1 and S-2 told yes');
  });

  it('are asked for again where the venue fails, each on its own', async () => {
    open.add('BAD');
    open.add('GOOD');
    venue.resolved('BAD', NO);
    venue.resolved('GOOD', YES);
    venue.fail(2, 'BAD');
    watch();
    await heard('BAD settled no');
    expect(told.filter((line) => line === 'kalshi BAD: kalshi: not now')).toHaveLength(2);
    expect(told.indexOf('GOOD settled yes')).toBeLessThan(told.indexOf('BAD settled no'));
  });

  it('are told with the hash of the answer as it came', () => {
    expect(settlementHash(YES as Settled)).toBe(createHash('sha256').update('{"result":"yes"}').digest('hex'));
  });
});
