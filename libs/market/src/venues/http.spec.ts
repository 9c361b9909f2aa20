import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VenueUnavailable } from '../venue.ts';
import type { HttpClock } from './http-clock.ts';
import { createJsonClient, type HttpOptions, type JsonClient } from './http.ts';
import {
  createTestClock,
  json,
  type Reply,
  startVenue,
  type TestClock,
  type TestVenue,
} from './testing/http-server.ts';

let venue: TestVenue;
let clock: TestClock;
let client: JsonClient;

beforeEach(async () => {
  venue = await startVenue(json({ ok: true }));
  clock = createTestClock();
  client = clientOf();
});

afterEach(async () => {
  client.close();
  await venue.stop();
});

/** Time-outs are real time: long where a test does not mean one. */
function clientOf(options: HttpOptions & { headers?: Record<string, string> } = {}): JsonClient {
  return createJsonClient({
    venue: 'test',
    baseUrl: `${venue.url}/api/`,
    timeoutMs: 20_000,
    requestsPerSecond: 1_000,
    burst: 1_000,
    clock,
    random: () => 1,
    ...options,
  });
}

const refusal = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(VenueUnavailable);
  return (error as Error).message;
};

/** Answers the first requests so, and the rest with JSON. */
function first(times: number, reply: Reply): Reply {
  let answered = 0;
  return (request, response) => {
    answered += 1;
    (answered <= times ? reply : json({ ok: true }))(request, response);
  };
}

describe('an answer', () => {
  it('is told parsed, and as it came', async () => {
    venue.reply = json('{ "a" : 1.50 }');
    expect(await client.get('/x?y=1')).toEqual({ json: { a: 1.5 }, raw: '{ "a" : 1.50 }', receivedAt: clock.now() });
    expect(venue.asked).toEqual(['/api/x?y=1']);
    const [{ method, headers }] = venue.requests as [(typeof venue.requests)[0]];
    expect([method, headers['user-agent'], headers.accept]).toEqual(['GET', 'signal-ledger', 'application/json']);
  });

  it('keeps the digits that a double would lose, as text', async () => {
    venue.reply = json(
      '{"a":0.12345678901234567891,"b":[9007199254740993],"c":1e999,"d":0.1,"e":1e-7,"f":1.000000000000000000}',
    );
    expect((await client.get('/'))?.json).toEqual({
      a: '0.12345678901234567891',
      b: ['9007199254740993'],
      c: '1e999',
      d: 0.1,
      e: 1e-7,
      f: 1,
    });
  });

  it('may be compressed, and of any JSON type', async () => {
    venue.reply = (_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/problem+json; charset=utf-8',
        'content-encoding': 'gzip',
      });
      response.end(gzipSync('{"a":1}'));
    };
    expect((await client.get('/'))?.json).toEqual({ a: 1 });
  });

  it('is null where the venue says in JSON that there is none', async () => {
    venue.reply = json({ error: 'not found' }, 404);
    expect(await client.get('/')).toBeNull();
    expect(venue.asked).toHaveLength(1);
  });
});

describe('refused at once, without another try', () => {
  const html = { 'content-type': 'text/html' };
  const plain = (body: string | Buffer, status = 200, headers: Record<string, string> = html): Reply => {
    return (_request, response) => response.writeHead(status, headers).end(body);
  };
  const deep = '['.repeat(200_000) + '1e9' + ']'.repeat(200_000);
  const cases: [string, Reply, RegExp][] = [
    ['a page', plain('<html>'), /no JSON by its content type/],
    ['no content type', plain('{}', 200, {}), /no JSON by its content type/],
    ['broken JSON', json('{"a":'), /no valid JSON/],
    ['an empty body', json(''), /no valid JSON/],
    [
      'bytes that are no UTF-8',
      plain(Buffer.from([0x22, 0xff, 0x22]), 200, { 'content-type': 'application/json' }),
      /no valid JSON/,
    ],
    ['a byte order mark', json('\ufeff{}'), /no valid JSON/],
    ['a depth no parser takes', json(deep), /no valid JSON/],
    ['a 404 that is a page', plain('gone', 404), /status 404/],
    ['a redirect', plain('', 302, { location: '/elsewhere' }), /status 302/],
    ['a permanent redirect', plain('', 308, { location: '/elsewhere' }), /status 308/],
    ['no right to read', json({}, 403), /status 403/],
    ['an empty success', plain('', 204, {}), /status 204/],
  ];
  it.each(cases)('%s', async (_name, reply, reason) => {
    venue.reply = reply;
    expect(await refusal(client.get('/'))).toMatch(reason);
    expect(venue.asked).toHaveLength(1);
  });

  it('a body longer than the limit, by its length', async () => {
    client = clientOf({ maxBytes: 100 });
    venue.reply = json(`"${'x'.repeat(99)}"`);
    expect(await refusal(client.get('/'))).toBe('test: the answer is longer than 100 bytes');
    venue.reply = json(`"${'x'.repeat(98)}"`);
    expect((await client.get('/'))?.raw).toHaveLength(100);
  });

  it('a body that will be longer than the limit, before it comes', async () => {
    venue.reply = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '9000000' });
      response.flushHeaders();
    };
    expect(await refusal(client.get('/'))).toBe('test: the answer is longer than 4194304 bytes');
  });

  it('a body longer than the limit that tells no length and never ends', async () => {
    client = clientOf({ maxBytes: 100_000 });
    venue.reply = (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        while (!response.destroyed && response.write('[1,2,3],'.repeat(1_000)));
      };
      response.on('drain', more);
      more();
      request.on('close', () => response.destroy());
    };
    expect(await refusal(client.get('/'))).toMatch(/longer than 100000 bytes/);
  });

  it('a small body that unpacks to a large one', async () => {
    client = clientOf({ maxBytes: 100_000 });
    venue.reply = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(gzipSync(`"${'x'.repeat(1_000_000)}"`));
    };
    expect(await refusal(client.get('/'))).toMatch(/longer than 100000 bytes/);
  });
});

describe('tried again', () => {
  it.each([500, 502, 503, 429])('after %i, with a growing wait', async (status) => {
    venue.reply = first(2, json({}, status));
    expect((await client.get('/'))?.json).toEqual({ ok: true });
    expect(venue.asked).toHaveLength(3);
    expect(clock.slept).toEqual([250, 500]);
  });

  it('at most as often as set', async () => {
    venue.reply = json({}, 500);
    expect(await refusal(client.get('/'))).toBe('test: status 500, 3 times');
    expect(venue.asked).toHaveLength(3);
  });

  it('not before Retry-After, by any request', async () => {
    venue.reply = first(1, json({}, 429, { 'retry-after': '7' }));
    await client.get('/');
    expect(clock.uptime()).toBe(7_000);
    client = clientOf({ tries: 1 });
    venue.reply = first(1, json({}, 429, { 'retry-after': '7' }));
    await refusal(client.get('/'));
    await Promise.all([client.get('/one'), client.get('/other')]);
    expect(clock.uptime()).toBeGreaterThanOrEqual(14_000);
  });

  it('not before Retry-After by those who queue already', async () => {
    const answered = Promise.withResolvers<unknown>();
    const sleep: HttpClock['sleep'] = (milliseconds, signal) =>
      answered.promise.then(() => clock.sleep(milliseconds, signal));
    client = clientOf({ requestsPerSecond: 1, burst: 1, tries: 1, clock: { ...clock, sleep } });
    venue.reply = first(1, json({}, 429, { 'retry-after': '7' }));
    const refused = refusal(client.get('/one'));
    const queued = client.get('/other');
    answered.resolve(await refused);
    await queued;
    expect(clock.uptime()).toBeGreaterThanOrEqual(7_000);
  });

  it('not before a Retry-After that is a date', async () => {
    const date = new Date(clock.now() + 5_000).toUTCString();
    venue.reply = first(1, json({}, 503, { 'retry-after': date }));
    await client.get('/');
    expect(clock.uptime()).toBeGreaterThanOrEqual(4_000);
  });

  it('not at all where Retry-After is longer than anyone waits, and nobody asks until then', async () => {
    venue.reply = first(1, json({}, 429, { 'retry-after': '60' }));
    expect(await refusal(client.get('/'))).toBe('test: status 429, and is to be asked in 60000 ms');
    expect(await refusal(client.get('/'))).toBe('test: takes no request within the next 10000 ms');
    expect(venue.asked).toHaveLength(1);
    clock.advance(60_000);
    expect((await client.get('/'))?.json).toEqual({ ok: true });
  });

  it('with a Retry-After of a year believed for 5 minutes only', async () => {
    venue.reply = first(1, json({}, 429, { 'retry-after': '31536000' }));
    await refusal(client.get('/'));
    clock.advance(300_000);
    expect((await client.get('/'))?.json).toEqual({ ok: true });
  });

  it('after a connection that broke, before and within the body', async () => {
    venue.reply = first(1, (request) => request.socket.destroy());
    expect((await client.get('/'))?.json).toEqual({ ok: true });
    venue.reply = first(1, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '10' });
      response.write('{"a"', () => response.destroy());
    });
    expect((await client.get('/'))?.json).toEqual({ ok: true });
    expect(venue.asked).toHaveLength(4);
  });

  it('after a time-out: no answer at all, and one that drips', async () => {
    client = clientOf({ timeoutMs: 100, tries: 2, failuresToOpen: 100 });
    venue.reply = () => undefined;
    expect(await refusal(client.get('/'))).toBe('test: no whole answer within 100 ms, 2 times');
    venue.reply = (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 5);
      request.on('close', () => clearInterval(drip));
    };
    expect(await refusal(client.get('/'))).toBe('test: no whole answer within 100 ms, 2 times');
    expect(venue.asked).toHaveLength(4);
  });

  it('while nobody is there, and told by the platform name of the trouble', async () => {
    const gone = await startVenue();
    await gone.stop();
    client = createJsonClient({ venue: 'test', baseUrl: gone.url, clock, random: () => 1 });
    expect(await refusal(client.get('/'))).toBe('test: the connection failed (ECONNREFUSED), 3 times');
    expect(clock.slept).toEqual([250, 500]);
  });
});

describe('the breaker', () => {
  const options = { failuresToOpen: 4, coolDownMs: 30_000, tries: 1 };

  async function open(): Promise<void> {
    venue.reply = json({}, 500);
    for (let time = 0; time < 4; time += 1) expect(await refusal(client.get('/'))).toMatch(/status 500/);
  }

  it('opens after failures in a row, asks nobody while open, and closes when a probe is answered', async () => {
    client = clientOf(options);
    await open();
    venue.reply = json({ ok: true });
    expect(await refusal(client.get('/'))).toMatch(/left alone/);
    expect(venue.asked).toHaveLength(4);
    clock.advance(30_000);
    expect((await client.get('/'))?.json).toEqual({ ok: true });
    expect((await client.get('/'))?.json).toEqual({ ok: true });
  });

  it('lets a single probe through, and opens again when it fails', async () => {
    client = clientOf(options);
    await open();
    clock.advance(30_000);
    const told = await Promise.all([client.get('/a'), client.get('/b'), client.get('/c')].map(refusal));
    expect(told.filter((reason) => reason.includes('status 500'))).toHaveLength(1);
    expect(told.filter((reason) => reason.includes('left alone'))).toHaveLength(2);
    expect(venue.asked).toHaveLength(5);
    clock.advance(29_999);
    expect(await refusal(client.get('/'))).toMatch(/left alone/);
    expect(venue.asked).toHaveLength(5);
  });

  it('lets another probe through where one was stopped', async () => {
    client = clientOf(options);
    await open();
    clock.advance(30_000);
    const stop = new AbortController();
    venue.reply = () => stop.abort();
    expect(await refusal(client.get('/', stop.signal))).toMatch(/stopped/);
    venue.reply = json({}, 500);
    const told = await Promise.all([client.get('/a'), client.get('/b')].map(refusal));
    expect(told.filter((reason) => reason.includes('status 500'))).toHaveLength(1);
    expect(told.filter((reason) => reason.includes('left alone'))).toHaveLength(1);
  });

  it('lets nobody queue while it is open', async () => {
    client = clientOf({ ...options, requestsPerSecond: 1, burst: 4 });
    await open();
    expect(await refusal(client.get('/'))).toMatch(/left alone/);
    expect(clock.slept).toEqual([]);
  });

  it('counts failures in a row only, and neither what is missing nor what was asked wrongly', async () => {
    client = clientOf(options);
    const replies = [500, 500, 500, 200, 500, 500, 500, 404, 500, 500, 500, 400, 500, 500, 500];
    for (const status of replies) {
      venue.reply = json({}, status);
      await client.get('/').catch(() => undefined);
    }
    venue.reply = json({ ok: true });
    expect((await client.get('/'))?.json).toEqual({ ok: true });
  });

  it('ends the tries of a request that opened it', async () => {
    client = clientOf({ ...options, tries: 10 });
    venue.reply = json({}, 500);
    expect(await refusal(client.get('/'))).toMatch(/left alone/);
    expect(venue.asked).toHaveLength(4);
  });
});

describe('the rate', () => {
  it('lets a burst through at once and spaces the rest, in the order of asking', async () => {
    client = clientOf({ requestsPerSecond: 2, burst: 3 });
    for (let at = 0; at < 6; at += 1) await client.get(`/${at}`);
    expect(clock.slept).toEqual([500, 500, 500]);
    clock.advance(10_000);
    for (let at = 0; at < 3; at += 1) await client.get('/');
    expect(clock.slept).toHaveLength(3);
  });

  it('queues so many and no more', async () => {
    client = clientOf({ requestsPerSecond: 2, burst: 1, maxWaiting: 2 });
    const told = await Promise.allSettled([0, 1, 2, 3].map((at) => client.get(`/${at}`)));
    expect(told.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    expect(await refusal(Promise.reject((told[3] as PromiseRejectedResult).reason))).toBe(
      'test: 2 requests are queued already',
    );
    expect((await client.get('/'))?.json).toEqual({ ok: true });
  });

  it('queues nobody for longer than set', async () => {
    client = clientOf({ requestsPerSecond: 1, burst: 1, maxWaitMs: 1_500 });
    const told = await Promise.allSettled([0, 1, 2].map((at) => client.get(`/${at}`)));
    expect(told.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });
});

describe('stopping', () => {
  it('by the signal ends a request under way, and one in the queue, and one that is to be tried again', async () => {
    for (const during of ['request', 'backoff'] as const) {
      const stop = new AbortController();
      client = clientOf();
      venue.reply =
        during === 'request'
          ? () => stop.abort()
          : (request, response) => {
              response.on('close', () => stop.abort());
              json({}, 500)(request, response);
            };
      expect(await refusal(client.get('/', stop.signal))).toBe('test: the request was stopped');
    }
    const stop = new AbortController();
    client = clientOf({ requestsPerSecond: 1, burst: 1 });
    venue.reply = json({});
    await client.get('/');
    const queued = refusal(client.get('/', stop.signal));
    stop.abort();
    expect(await queued).toBe('test: the request was stopped');
  });

  it('before it begins asks nobody', async () => {
    expect(await refusal(client.get('/', AbortSignal.abort()))).toBe('test: the request was stopped');
    client.close();
    expect(await refusal(client.get('/'))).toBe('test: the request was stopped');
    expect(venue.asked).toHaveLength(0);
  });

  it('by close ends a request under way', async () => {
    venue.reply = () => client.close();
    expect(await refusal(client.get('/'))).toBe('test: the request was stopped');
  });
});

it('waits and tries again by the clock of the machine too', async () => {
  client = createJsonClient({ venue: 'test', baseUrl: venue.url });
  venue.reply = first(1, json({}, 500));
  expect((await client.get('/'))?.json).toEqual({ ok: true });
});

describe('what is set wrongly is told when the client is made', () => {
  it.each(['nothing', 'ftp://x', 'http://user:pass@x', 'http://x?key=1', 'http://x#y'])('base URL %s', (baseUrl) => {
    expect(() => createJsonClient({ venue: 'test', baseUrl })).toThrow(/^test: the base URL must be/);
  });

  it('a header, without its value', () => {
    const headers = { 'x-key': 'top\nsecret' };
    expect(() => clientOf({ headers })).toThrow('test: the header x-key has a character that HTTP does not allow');
  });
});

it('a key is sent, and is in no error', async () => {
  client = clientOf({ headers: { 'x-key': 'topsecret' } });
  const told: string[] = [];
  for (const reply of [json({}, 500), json({}, 403), json('x'), (request) => request.socket.destroy()] as Reply[]) {
    venue.reply = reply;
    const error: unknown = await client.get('/').catch((reason: unknown) => reason);
    told.push(`${String(error)} ${(error as Error).stack} ${String((error as Error).cause)}`);
  }
  expect(venue.requests.every(({ headers }) => headers['x-key'] === 'topsecret')).toBe(true);
  expect(told.join()).not.toContain('topsecret');
});
