/** Signals on the table of sandbox markets, whose results are named, and named otherwise, by the next start. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createNextprodWorld, get, LEAST, type NextprodWorld, post, PRICED } from '../support/nextprod.ts';
import { eventually } from '../support/prices.ts';
import { startServer, type TestServer } from '../support/server.ts';

const MARKETS = ['KX-A', 'KX-B', 'KX-C', 'KX-D', 'KX-E'] as const;

describe('a NextProd signal', () => {
  let world: NextprodWorld;
  let server: TestServer;
  const signals: Record<string, string> = {};

  /** The table with these results, each YES at 0.4. */
  async function start(results: Readonly<Record<string, string>>): Promise<void> {
    const file = join(world.dataDir, 'markets.json');
    const table = MARKETS.map((market) => ({
      exchange: 'kalshi',
      market,
      name: `Market ${market}`,
      yes_price: '0.4',
      ...(results[market] !== undefined && { result: results[market] }),
    }));
    writeFileSync(file, JSON.stringify(table));
    server = await startServer(world.dataDir, { ROLES: 'api,projector,market', MARKETS_FILE: file });
  }

  const shown = async (id: string) => (await get(server, world.keys.sandbox, `/api/v1/signals/${id}`)).body;
  const status = (id: string, wanted: string) =>
    eventually(`${wanted} of ${id}`, async () => {
      const signal = await shown(id);
      return signal.status === wanted ? signal : null;
    });
  const history = async (id: string): Promise<readonly { readonly type: string; readonly data: unknown }[]> =>
    (await server.call('GET', `/v1/signal/${id}/history?dialect=all`, { key: world.anny })).body.payload.events;
  const types = async (id: string): Promise<readonly string[]> => (await history(id)).map(({ type }) => type);

  async function register(name: string, market: string, direction: 'YES' | 'NO', more: object = {}): Promise<void> {
    const answer = await post(server, world.keys.sandbox, { ...LEAST, market, direction, ...more });
    expect(answer.status).toBe(201);
    signals[name] = answer.body.signal_id;
  }

  beforeAll(async () => {
    world = await createNextprodWorld();
    await start({});
    await register('yes', 'KX-A', 'YES');
    await register('no', 'KX-A', 'NO');
    await register('lost', 'KX-B', 'YES');
    await register('void', 'KX-C', 'YES');
    await register('scalar', 'KX-D', 'NO');
    await register('open', 'KX-E', 'YES');
    await register('cheap', 'KX-A', 'YES', { entry_price: 0.2 });
  }, 60_000);

  afterAll(async () => {
    await server.stop();
    await world.remove();
  });

  it("is matched at the table's price of its side", async () => {
    for (const name of ['yes', 'no', 'lost', 'void', 'scalar', 'open']) {
      const { matched_at, entry_price, sandbox } = await status(signals[name]!, 'matched');
      expect({ sandbox, entry_price, matched: typeof matched_at }).toEqual({
        sandbox: true,
        entry_price: ['no', 'scalar'].includes(name) ? 0.6 : 0.4,
        matched: 'string',
      });
    }
    const [, matched] = await history(signals['no']!);
    expect(matched).toMatchObject({ type: 'SignalMatched', data: { price: '0.6', evidence: { source: 'sandbox' } } });
    expect((await shown(signals['cheap']!)).status).toBe('registered');
  });

  it('is settled by the result of its market: a NO is paid what is left of 1', async () => {
    await server.stop();
    await start({ 'KX-A': 'yes', 'KX-B': 'no', 'KX-C': 'void', 'KX-D': '0.3' });
    expect(await status(signals['yes']!, 'win')).toMatchObject({
      settlement_price: 1,
      result_pct: 150,
      simulated: true,
    });
    expect(await status(signals['no']!, 'loss')).toMatchObject({ settlement_price: 0, result_pct: -100 });
    expect(await status(signals['lost']!, 'loss')).toMatchObject({ settlement_price: 0, result_pct: -100 });
    expect(await status(signals['void']!, 'push')).toMatchObject({ settlement_price: 0.4, result_pct: 0 });
    expect(await status(signals['scalar']!, 'win')).toMatchObject({ settlement_price: 0.7 });
    // Never entered at its price.
    await status(signals['cheap']!, 'expired');
    expect((await shown(signals['open']!)).status).toBe('matched');
  });

  it('is corrected where the result is told otherwise later, and what was told first stays', async () => {
    await server.stop();
    await start({ 'KX-A': 'yes', 'KX-B': 'yes', 'KX-C': 'no', 'KX-D': '0.3' });
    expect(await status(signals['lost']!, 'win')).toMatchObject({ settlement_price: 1, result_pct: 150 });
    await status(signals['void']!, 'loss');
    expect(await types(signals['lost']!)).toEqual([
      'SignalCreated',
      'SignalMatched',
      'SignalSettled',
      'SettlementCorrected',
    ]);
    // Told again what was told before, it adds nothing.
    expect(await types(signals['yes']!)).toEqual(['SignalCreated', 'SignalMatched', 'SignalSettled']);
    expect(await types(signals['scalar']!)).toEqual(['SignalCreated', 'SignalMatched', 'SignalSettled']);
  });

  it('waits on a real channel, where no venue is configured', async () => {
    const answer = await post(server, world.keys.real, { ...PRICED, market: 'KX-A', direction: 'YES' });
    expect(answer.body).toMatchObject({ status: 'registered', tracking: 'no_venue' });
    await register('after', 'KX-E', 'YES');
    await status(signals['after']!, 'matched');
    const { body } = await get(server, world.keys.real, `/api/v1/signals/${answer.body.signal_id}`);
    expect(body).toMatchObject({ status: 'registered', tracking: 'no_venue' });
  });
});
