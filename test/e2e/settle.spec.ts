/** The operator settles a signal that a running server follows, from a process of his own. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Commands, createCommands } from '../../apps/cli/src/testing/commands.ts';
import { json, routes, startVenue, type TestVenue } from '../../libs/market/src/venues/testing/http-server.ts';
import { createNextprodWorld, get, LEAST, type NextprodWorld, post } from '../support/nextprod.ts';
import { eventually } from '../support/prices.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { storesOf } from '../support/stores.ts';

const TOLD = ['--reason', 'Kalshi tells no result', '--evidence', 'its page said WON on 5 April'];

let world: NextprodWorld;
let server: TestServer;
let kalshi: TestVenue;
let commands: Commands;

beforeAll(async () => {
  world = await createNextprodWorld();
  commands = await createCommands((await storesOf(world.dataDir)).environment);
  const market = { ticker: LEAST.market, title: 'One', status: 'active', result: '', yes_ask_dollars: '0.4500' };
  kalshi = await startVenue(
    routes({
      [`/markets/${LEAST.market}`]: json({ market }),
      [`/markets?tickers=${LEAST.market}&limit=1`]: json({ markets: [market] }),
    }),
  );
  server = await startServer(world.dataDir, {
    ROLES: 'api,projector,market',
    VENUES: 'kalshi',
    VENUE_POLL_MS: '100',
    KALSHI_URL: kalshi.url,
  });
}, 60_000);

afterAll(async () => {
  await server.stop();
  await kalshi.stop();
  await commands.remove();
  await world.remove();
});

test('a signal that prices matched is settled, corrected, and marked so in its record', async () => {
  const { body: made } = await post(server, world.keys.real, LEAST);
  const shown = async () => (await get(server, world.keys.real, `/api/v1/signals/${made.signal_id}`)).body;
  await eventually('the match', async () => ((await shown()).status === 'matched' ? true : null));
  const settle = (...args: string[]) =>
    commands.json('settle', made.signal_id, ...args, ...TOLD, '--data-dir', world.dataDir);

  expect(await settle('--outcome', 'win', '--price', '1')).toMatchObject({ done: 'settled', status: 'win' });
  expect(await shown()).toMatchObject({ status: 'win', settlement_price: 1 });
  expect(await settle('--outcome', 'win', '--price', '1')).toMatchObject({ done: 'unchanged' });
  expect(await settle('--outcome', 'loss', '--price', '0')).toMatchObject({ done: 'corrected', status: 'loss' });
  expect(await shown()).toMatchObject({ status: 'loss', settlement_price: 0, result_pct: -100 });

  const record = await eventually('the record', async () => {
    const { body } = await get(server, world.keys.real, '/api/v1/strategies/your_strategy_id/record');
    return body.counts.loss === 1 ? body : null;
  });
  expect(record).toMatchObject({ counts: { win: 0, loss: 1 }, corrected: 1 });

  const fail = (...args: string[]) => commands.failure('settle', made.signal_id, ...args, '--data-dir', world.dataDir);
  expect(await fail('--outcome', 'expired', ...TOLD)).toMatchObject({
    code: 1,
    error: { code: 'not_unmatched', field: 'outcome' },
  });
  expect(await fail('--outcome', 'win')).toMatchObject({ code: 2, error: { code: 'usage' } });
  expect(server.log.filter(({ level }) => level === 'error' || level === 50)).toEqual([]);
}, 60_000);
