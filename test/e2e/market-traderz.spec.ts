/** Closes of the Traderz dialect: what they end, and at which price. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, ramp, writeTicks } from '../support/prices.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { createDesks, type Desks, OPEN, send, show, stored } from '../support/traderz.ts';

const PRICES = ramp(3_400, 3_449);

describe('a Traderz signal', () => {
  let desks: Desks;
  let server: TestServer;

  beforeAll(async () => {
    desks = await createDesks();
    const prices = join(desks.dataDir, 'prices');
    mkdirSync(prices);
    writeTicks(prices, 500, { 'ETH/USDT': PRICES });
    const environment = { ROLES: 'api,projector,market', SIM_PRICES: prices, SIM_SPEED: '100' };
    server = await startServer(desks.dataDir, environment);
  }, 60_000);

  afterAll(async () => {
    await server.stop();
    await desks.remove();
  });

  const shown = async (id: string, key = desks.desk.alpha) => (await show(server, key, id)).body;
  const until = (id: string, status: string, key = desks.desk.alpha) =>
    eventually(`${status} of ${id}`, async () => {
      const signal = await shown(id, key);
      return signal.status === status ? signal : null;
    });
  const CLOSE = { source: 'binance', type: 'crypto', symbol: 'ETH/USDT', side: 'close' } as const;

  it('is left at the next price after its close, which is matched by that', async () => {
    const opened = await stored(server, desks.desk.alpha);
    const { matched_at } = await until(opened, 'matched');
    expect(matched_at).toBeGreaterThan(0);
    const closing = await stored(server, desks.desk.alpha, CLOSE);
    const closed = await until(closing, 'matched');
    expect(closed).toMatchObject({ side: 'close', closes_signal_id: opened });
    const left = await shown(opened);
    expect(left).toMatchObject({
      status: expect.stringMatching(/win|loss|push/),
      closed_by_signal_id: closing,
      settlement: { by: 'closed', decided_by: 'tick', source: 'simulated', reported: false, simulated: true },
    });
    expect(PRICES).toContain(String(left.settlement.price));
    expect(left.settled_at).toBeGreaterThanOrEqual(closed.received_at);
  });

  it('is called off by a close before it was entered', async () => {
    const opened = await stored(server, desks.desk.alpha, { ...OPEN, price: 3_000 });
    const closing = await stored(server, desks.desk.alpha, CLOSE);
    expect(await shown(closing)).toMatchObject({ closes_signal_id: opened });
    // Another that is entered and left afterwards has met the same prices.
    const later = await stored(server, desks.desk.alpha);
    await until(later, 'matched');
    await until(await stored(server, desks.desk.alpha, CLOSE), 'matched');
    expect(await shown(opened)).toMatchObject({ status: 'cancelled', settlement: null });
  });

  it('is left at the price that the desk gave where no venue knows it, and marked as reported', async () => {
    const stock = { source: 'ibkr', type: 'stock', symbol: 'ACME' };
    for (const [key, sandbox] of [
      [desks.desk.alpha, true],
      [desks.desk.beta, false],
    ] as const) {
      const opened = await stored(server, key, { ...stock, side: 'open', direction: 'short', price: 200 });
      expect(await shown(opened, key)).toMatchObject({ status: 'registered', tracking: 'no_venue', sandbox });
      const closing = await stored(server, key, { ...stock, side: 'close', price: 150 });
      await until(closing, 'matched', key);
      expect(await shown(opened, key)).toMatchObject({
        status: 'win',
        result_pct: 25,
        settlement: { entry_price: 200, price: 150, reported: true, source: 'provider', decided_by: 'reported' },
      });
    }
  });

  it('stays as it is where its close gives no price and no venue knows it', async () => {
    const stock = { source: 'ibkr', type: 'stock', symbol: 'NOPRICE' };
    const opened = await stored(server, desks.desk.alpha, { ...stock, side: 'open', direction: 'long', price: 200 });
    const closing = await stored(server, desks.desk.alpha, { ...stock, side: 'close' });
    const other = { ...stock, symbol: 'OTHER' };
    await stored(server, desks.desk.alpha, { ...other, side: 'open', direction: 'long', price: 200 });
    await until(await stored(server, desks.desk.alpha, { ...other, side: 'close', price: 201 }), 'matched');
    expect((await shown(opened)).status).toBe('registered');
    expect((await shown(closing)).status).toBe('registered');
  });

  it('stays registered without a direction', async () => {
    const { direction: _, ...undirected } = OPEN;
    const answer = await send(server, desks.desk.alpha, undirected);
    const directed = await stored(server, desks.desk.alpha);
    await until(directed, 'matched');
    expect(await shown(answer.body.id)).toMatchObject({ status: 'registered', direction: null });
  });
});
