/**
 * The published curl and Python client, as they stand in test/golden/nextexchange: unchanged but for the base URL, the
 * key and the secret. The stored text of the document has lost its indentation; that, and nothing else, is put back.
 */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { registerLive, send, type TestAgent, untilPriced, WITH_PRICES } from '../support/nextexchange.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

const run = promisify(execFile);

const DOCUMENT = new URL('../../../shared/dialects/next-exchange.txt', import.meta.url);

const python = spawnSync('python3', ['-c', 'import requests']).status === 0;
const curl = spawnSync('curl', ['--version']).status === 0;
const document = existsSync(DOCUMENT);
const withPython = python ? test : test.skip;
const withBoth = python && curl ? test : test.skip;
const withDocument = document ? test : test.skip;

let world: World;
let server: TestServer;

beforeAll(async () => {
  world = await createWorld();
  server = await startServer(world.dataDir, { ...WITH_PRICES, LIVE_BROKER: 'paper' });
  await untilPriced(server);
});

afterAll(async () => {
  await server.stop();
  await world.remove();
});

function published(name: string): string {
  return readFileSync(new URL(`../golden/nextexchange/${name}`, import.meta.url), 'utf8');
}

function here(text: string): string {
  return text.replaceAll('https://api.next.exchange', `http://127.0.0.1:${server.port}`);
}

/** Registers by the published curl. */
async function registered(): Promise<TestAgent & { readonly mode: string; readonly rateLimit: string }> {
  const { stdout } = await run('sh', ['-c', here(published('register.sh'))]);
  return (JSON.parse(stdout) as { agent: TestAgent & { mode: string; rateLimit: string } }).agent;
}

/** Runs the published client with a key and a secret, and what comes behind it. */
async function runClient({ apiKey, apiSecret }: TestAgent, more = ''): Promise<string[]> {
  const text = here(published('client.py'))
    .replace('nx_test_your_key_here', () => apiKey)
    .replace('your_secret_here', () => apiSecret);
  const { stdout } = await run('python3', ['-c', text + more], { env: { ...process.env, NO_PROXY: '127.0.0.1' } });
  return stdout.trim().split('\n');
}

const THREE_LINES = [
  expect.stringMatching(/^BTC: \$[\d,]+\.\d\d \([+-]\d+\.\d\d%\)$/),
  expect.stringMatching(/^Portfolio: \$[\d,]+\.\d\d$/),
  expect.stringMatching(/^Order [0-9a-f]{32}: filled$/),
];

describe(document ? 'the fixtures' : 'the fixtures (the document is not beside this project)', () => {
  withDocument.each(['register.sh', 'client.py'])(
    '%s is the document, line by line, but for its indentation',
    (name) => {
      // Text and headings of the page stand on the lines of the code around them.
      const lines = readFileSync(DOCUMENT, 'utf8')
        .replaceAll(/(?<=})(Connect & trade|Go live)$|(?<=['status']]}"\))Go live$/gm, '')
        .split('\n')
        .map((line) => line.trim());
      const wanted = published(name)
        .trim()
        .split('\n')
        .map((line) => line.trim());
      const begin = lines.indexOf(wanted[0]!);
      expect(begin).toBeGreaterThan(-1);
      expect(lines.slice(begin, begin + wanted.length)).toEqual(wanted);
    },
  );
});

describe(
  python && curl ? 'the published client' : 'the published client (this machine lacks curl, python3 or requests)',
  () => {
    withBoth('registers, prints its three lines and has traded', async () => {
      const agent = await registered();
      expect(agent).toEqual({
        id: expect.stringMatching(/^agent_[0-9a-f]{32}$/),
        apiKey: expect.stringMatching(/^nx_test_[0-9A-Za-z]+$/),
        apiSecret: expect.stringMatching(/^[0-9A-Za-z]+$/),
        permissions: ['read:market', 'read:portfolio', 'write:orders'],
        mode: 'sandbox',
        rateLimit: '1000 requests/min',
      });
      const [, portfolio, order, ...more] = await runClient(agent);
      expect([(await runClient(agent))[0], portfolio, order, ...more]).toEqual(THREE_LINES);
      expect(portfolio).toBe('Portfolio: $100,000.00');
      const { body } = await send(server, agent, 'GET', '/portfolio');
      expect(body.data.positions).toMatchObject([{ symbol: 'BTC', quantity: 0.02 }]);
      expect(body.simulated).toBe(true);
    });

    withPython('signs live requests, which are accepted', async () => {
      const agent = await registerLive(server, world.dataDir);
      expect(await runClient(agent)).toEqual(THREE_LINES);
    });

    withPython('signs with another secret, which is refused', async () => {
      const agent = await registerLive(server, world.dataDir);
      await expect(runClient({ ...agent, apiSecret: 'another' })).rejects.toThrow("KeyError: 'data'");
    });

    withPython('places and reads what it will with the same class', async () => {
      const agent = await registerLive(server, world.dataDir);
      const more = '\nprint(agent.place_order("ETH", "buy", "limit", 0.5, 10)["order"]["status"])';
      expect(await runClient(agent, more)).toEqual([...THREE_LINES, 'open']);
    });
  },
);
