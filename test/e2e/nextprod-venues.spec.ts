/** NextProd on real channels whose venues are configured: each is a local server in the form of the venue. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { json, routes, startVenue, type TestVenue } from '../../libs/market/src/venues/testing/http-server.ts';
import {
  createNextprodWorld,
  get,
  isError,
  LEAST,
  type NextprodWorld,
  post,
  postBatch,
  PRICED,
} from '../support/nextprod.ts';
import { startServer, type TestServer } from '../support/server.ts';

const ID = `0x${'ab'.repeat(32)}`;
const SHOUTED = `0x${'AB'.repeat(32)}`;

/** On the strategy that may trade on both. */
const ON_POLYMARKET = { ...LEAST, strategy_id: 'anywhere', exchange: 'polymarket', market: SHOUTED };

let world: NextprodWorld;
let server: TestServer;
let kalshi: TestVenue;
let polymarket: TestVenue;

const market = (ticker: string, more: object = {}) =>
  json({
    market: {
      ticker,
      title: `About ${ticker}`,
      status: 'active',
      result: '',
      yes_ask_dollars: '0.4600',
      no_ask_dollars: '0.5600',
      ...more,
    },
  });

beforeAll(async () => {
  world = await createNextprodWorld();
  kalshi = await startVenue();
  polymarket = await startVenue();
  server = await startServer(world.dataDir, {
    NEXTPROD_RATE_LIMIT: '1000000',
    VENUES: 'kalshi,polymarket',
    KALSHI_URL: kalshi.url,
    POLYMARKET_CLOB_URL: `${polymarket.url}/clob`,
    POLYMARKET_GAMMA_URL: `${polymarket.url}/gamma`,
  });
});

beforeEach(() => {
  kalshi.reply = routes({
    [`/markets/${LEAST.market}`]: market(LEAST.market),
    '/markets/KX-CLOSED': market('KX-CLOSED', { status: 'closed' }),
    '/markets/KX-STRANGE': market('KX-OTHER'),
  });
  const tokens = ['Yes', 'No'].map((outcome, index) => {
    return { token_id: `1${index}`, outcome, price: 0.5, winner: false };
  });
  polymarket.reply = routes({
    [`/clob/markets/${ID}`]: json({ condition_id: ID, question: 'Will it?', closed: false, tokens }),
    '/clob/price?token_id=10&side=SELL': json({ price: '0.31' }),
    '/clob/price?token_id=11&side=SELL': json({ price: '0.71' }),
    [`/gamma/markets?condition_ids=0x${'cd'.repeat(32)}`]: json([]),
    [`/gamma/markets?condition_ids=0x${'cd'.repeat(32)}&closed=true`]: json([]),
  });
});

afterAll(async () => {
  await server.stop();
  await kalshi.stop();
  await polymarket.stop();
  await world.remove();
});

describe('an entry price that is omitted', () => {
  test.each([
    ['YES', 0.46],
    ['NO', 0.56],
  ])('is what buying a %s costs', async (direction, price) => {
    const { status, body } = await post(server, world.keys.real, { ...LEAST, direction });
    expect({ status, ...body }).toMatchObject({
      status: 'registered',
      market_resolved: LEAST.market,
      entry_price: price,
      exchange: 'KALSHI',
      tracking: 'kalshi',
    });
    const { body: signal } = await get(server, world.keys.real, `/api/v1/signals/${body.signal_id}`);
    expect(signal).toMatchObject({ entry_price: price, tracking: 'kalshi', status: 'registered' });
  });

  test('is missing where nobody offers', async () => {
    const { status, body } = await post(server, world.keys.real, { ...LEAST, market: 'KX-CLOSED' });
    expect({ status, ...body.error }).toMatchObject({
      status: 400,
      code: 'missing_required_field',
      field: 'entry_price',
    });
  });

  test('of Polymarket is that of the side, and the market has its own name', async () => {
    const { body } = await post(server, world.keys.real, { ...ON_POLYMARKET, direction: 'NO' });
    expect(body).toMatchObject({
      market_resolved: ID,
      entry_price: 0.71,
      exchange: 'POLYMARKET',
      tracking: 'polymarket',
    });
  });
});

describe('a market', () => {
  test.each([
    ['a ticker that Kalshi does not know', { ...PRICED, market: 'KX-NONE' }],
    ['one that could not be a ticker', { ...LEAST, market: 'The Yankees win' }],
    ['a conditionId that Polymarket does not know', { ...ON_POLYMARKET, market: `0x${'cd'.repeat(32)}` }],
  ])('that is not there is refused: %s', async (_what, body) => {
    const answer = await post(server, world.keys.real, body);
    expect({ status: answer.status, error: answer.body.error }).toEqual({
      status: 400,
      error: { code: 'market_not_found', message: 'Could not resolve market ticker', field: 'market' },
    });
  });

  test('of a sandbox channel is that of the table, and no venue is asked', async () => {
    const asked = kalshi.asked.length;
    const { body } = await post(server, world.keys.sandbox, LEAST);
    expect(body).toMatchObject({ entry_price: 0.45, sandbox: true });
    expect(kalshi.asked).toHaveLength(asked);
  });
});

describe('a venue that is away', () => {
  test('delays no signal that names its price', async () => {
    kalshi.reply = json({}, 500);
    const body = { ...PRICED, market: 'KX-UNSEEN' };
    const answer = await post(server, world.keys.real, body);
    expect({ status: answer.status, ...answer.body }).toMatchObject({
      status: 'registered',
      market_resolved: 'KX-UNSEEN',
      entry_price: 0.45,
      tracking: 'kalshi',
    });
    expect(answer.status).toBe(201);
    expect(server.log).toContainEqual(
      expect.objectContaining({ msg: 'a venue could not be asked about a market', venue: 'kalshi' }),
    );
  });

  test('refuses for now one that does not, and keeps nothing of it', async () => {
    const body = { ...LEAST, market: 'KX-STRANGE', idempotency_key: 'venue-away' };
    const answer = await post(server, world.keys.real, body);
    expect({ status: answer.status, isError: isError(answer.body), ...answer.body.error }).toMatchObject({
      status: 503,
      isError: true,
      code: 'service_unavailable',
      field: 'entry_price',
    });
    expect(answer.headers['retry-after']).toBe('5');
    kalshi.reply = routes({ '/markets/KX-STRANGE': market('KX-STRANGE') });
    expect((await post(server, world.keys.real, body)).status).toBe(201);
  });

  test('fails its elements of a batch alone', async () => {
    const signals = [LEAST, { ...LEAST, market: 'KX-STRANGE' }, ON_POLYMARKET];
    const { status, body } = await postBatch(server, world.keys.real, signals);
    expect({ status, summary: body.summary, tracking: body.tracking }).toEqual({
      status: 200,
      summary: { registered: 2, failed: 1 },
    });
    expect(body.results.map((one: { tracking?: string }) => one.tracking)).toEqual(['kalshi', undefined, 'polymarket']);
    expect(body.results[1].error).toMatchObject({ code: 'service_unavailable', field: 'entry_price' });
  });

  test('fails a batch of nothing else whole', async () => {
    const { status, headers } = await postBatch(server, world.keys.real, [{ ...LEAST, market: 'KX-STRANGE' }]);
    expect([status, headers['retry-after']]).toEqual([503, '5']);
  });
});

describe('a repeat', () => {
  test('of either kind of key asks no venue, and is answered while it is away', async () => {
    const byBody = { ...LEAST, idempotency_key: 'asked-once' };
    const byHeader = { 'idempotency-key': 'asked-once-too' };
    const first = await post(server, world.keys.real, byBody);
    const second = await post(server, world.keys.real, LEAST, byHeader);
    expect([first.status, second.status]).toEqual([201, 201]);
    const asked = kalshi.asked.length;
    kalshi.reply = json({}, 500);
    const repeated = await post(server, world.keys.real, byBody);
    expect({ status: repeated.status, ...repeated.body.error }).toMatchObject({
      status: 409,
      code: 'duplicate_signal',
      signal_id: first.body.signal_id,
    });
    const again = await post(server, world.keys.real, LEAST, byHeader);
    expect({ status: again.status, text: again.text }).toEqual({ status: 201, text: second.text });
    const other = await post(server, world.keys.real, { ...LEAST, size: 1 }, byHeader);
    expect({ status: other.status, ...other.body.error }).toMatchObject({ status: 400, field: 'Idempotency-Key' });
    expect(kalshi.asked).toHaveLength(asked);
  });
});

test('a batch of more markets than a venue is asked for at once is registered whole', async () => {
  const tickers = Array.from({ length: 20 }, (_, index) => `KX-MANY-${index}`);
  kalshi.reply = routes(Object.fromEntries(tickers.map((ticker) => [`/markets/${ticker}`, market(ticker)])));
  const { body } = await postBatch(
    server,
    world.keys.real,
    tickers.map((ticker) => ({ ...LEAST, market: ticker })),
  );
  expect({ ...body.summary, tracking: body.tracking }).toEqual({ registered: 20, failed: 0, tracking: 'kalshi' });
});
