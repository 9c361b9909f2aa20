/** Hostile content types, paths, queries, headers and sockets: always a 4xx in the dialect's envelope, quickly; no 500 anywhere. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, expectRefused, isEnvelope, isEnvelopeOf, SPOT } from '../support/anny.ts';
import { credentials } from '../support/client.ts';
import type { AnnyKey } from '../support/directory.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

/** Generous: it tells a hang, not a slow machine. */
const QUICKLY_MS = 3_000;

let world: World;
let server: TestServer;
let alpha: AnnyKey;
let id: string;

beforeAll(async () => {
  world = await createWorld();
  server = await startServer(world.dataDir);
  alpha = world.keys.alpha;
  ({ id } = await create(server, alpha));
});

afterAll(async () => {
  const failures = server.log.filter((line) => (line['status'] as number) >= 500 || line['msg'] === 'a request failed');
  await server.stop();
  await world.remove();
  expect(failures).toEqual([]);
});

const post = (raw: string | Buffer, headers = {}) => server.call('POST', '/v2/signal', { key: alpha, raw, headers });

describe('content types', () => {
  const body = JSON.stringify(SPOT);

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'Application/JSON',
  ])('takes %s', async (type) => {
    expect((await post(body, { 'content-type': type })).status).toBe(200);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    'application/ld+json',
    'json',
    ';',
    'application/json\u00e9',
    '*/*',
  ])('refuses %s', async (type) => {
    expectRefused(await post(body, { 'content-type': type }), 415, 'INVALID_INPUT_CONTENT', 'body');
  });

  test('refuses a body without a content type, and a compressed one', async () => {
    expectRefused(await post(body, { 'content-type': [] }), 415, 'INVALID_INPUT_CONTENT', 'body');
    const encoded = { 'content-encoding': 'gzip' };
    expectRefused(await post(gzipSync(body), encoded), 400, 'INVALID_INPUT_CONTENT', 'body');
  });
});

describe('paths, queries and headers', () => {
  test.each(['/v1/%73ignal', '/v1/signal?limit=1', '/%761/signal'])('asks for a key on %s', async (path) => {
    expectRefused(await server.call('GET', path), 403, 'UNAUTHORIZED');
    expect((await server.call('GET', path, { key: alpha })).status).toBe(200);
  });

  const SECOND = () => id.slice(0, 31);

  test.each([
    ['a very long id', () => `/v1/signal/${'a'.repeat(5_000)}`],
    ['an id of 101 characters', () => `/v1/signal/${'a'.repeat(101)}`],
    ['a very long id of a call', () => `/v1/signal/${'f'.repeat(5_000)}/history`],
    ['%00', () => '/v1/signal/%00'],
    ['%00 after an id', () => `/v1/signal/${id}%00`],
    ['a broken percent-encoding', () => '/v1/signal/%'],
    ['a broken percent-encoding of a letter', () => '/v1/signal/%zz/history'],
    ['half of a UTF-8 letter', () => '/v1/signal/%c3'],
    ['dots', () => '/v1/signal/..'],
    ['encoded dots and slashes', () => '/v1/signal/..%2f..%2fetc%2fpasswd'],
    ['a wildcard', () => `/v1/signal/${SECOND()}%25`],
    ['a missing id', () => '/v1/signal/'],
    ['two slashes', () => '/v1/signal//history'],
    ['a semicolon', () => `/v1/signal/${id};a=b`],
    ['a prefix of an id', () => `/v1/signal/${SECOND()}`],
    ['__proto__', () => '/v1/signal/__proto__'],
  ])('%s', async (_name, path) => {
    const answer = await server.call('GET', path(), { key: alpha });
    expect({ text: answer.text, fine: isEnvelopeOf(answer, [400, 404, 414]) }).toEqual({
      text: answer.text,
      fine: true,
    });
    expectRefused(await server.call('GET', path()), 403, 'UNAUTHORIZED');
  });

  test.each([
    '?%',
    '?limit=%zz',
    '?coin=%00',
    '?coin=%c3',
    '?__proto__=1',
    '?constructor=1',
    '?a[b]=c',
    '?&&&=',
    '?coin=a&coin=b',
    '?cursor=%20',
    `?coin=${'x'.repeat(4_000)}`,
  ])('the query %s', async (query) => {
    for (const path of ['/v1/signal', `/v1/signal/${id}/history`]) {
      const answer = await server.call('GET', path + query, { key: alpha });
      expect({ text: answer.text, fine: isEnvelopeOf(answer, [200, 400]) }).toEqual({ text: answer.text, fine: true });
    }
  });

  test.each(['PATCH', 'OPTIONS', 'PUT', 'PROPFIND', 'TRACE'])('the method %s has no route', async (method) => {
    const answer = await server.call(method, '/v2/signal', { key: alpha });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(isEnvelope(answer)).toBe(true);
  });

  test('HEAD is a GET without its body', async () => {
    const answer = await server.call('HEAD', `/v1/signal/${id}`, { key: alpha });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' });
    expect((await server.call('HEAD', '/v1/signal/none', { key: alpha })).status).toBe(400);
    expect((await server.call('HEAD', `/v1/signal/${id}`)).status).toBe(403);
  });

  test('headers too large are refused by the parser itself', async () => {
    const head = `GET /v1/signal HTTP/1.1\r\nhost: x\r\nx-large: ${'x'.repeat(100_000)}\r\n\r\n`;
    expect(await server.raw(head)).toMatch(/^HTTP\/1\.1 431 /);
    const headers = { 'x-large': 'x'.repeat(10_000) };
    expect((await server.call('GET', '/v1/signal', { key: alpha, headers })).status).toBe(200);
  });
});

describe('on a raw socket', () => {
  const head = (line: string, ...more: string[]): string => `${[line, 'host: x', ...more].join('\r\n')}\r\n\r\n`;
  const own = () => Object.entries(credentials(alpha)).map(([name, value]) => `${name}: ${value}`);

  test.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['a binary', '\u0000\u0001\u0002\u0003\r\n\r\n'],
    ['a version that is none', 'GET / HTTP/9.9\r\n\r\n'],
    ['no host', 'GET /v1/signal HTTP/1.1\r\n\r\n'],
    ['two lengths', 'POST /v2/signal HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'POST /v2/signal HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a length that is none', 'POST /v2/signal HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n'],
    ['a space in a header name', 'GET /v1/signal HTTP/1.1\r\nhost : x\r\n\r\n'],
  ])('%s', async (_name, bytes) => {
    const began = Date.now();
    expect(await server.raw(Buffer.from(bytes, 'latin1'))).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(Date.now() - began).toBeLessThan(QUICKLY_MS);
  });

  test('garbage behind a good request ends the connection with 400', async () => {
    const text = await server.raw(`${head('GET /v1/signal HTTP/1.1', ...own())}garbage\r\n\r\n`);
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses.at(-1)).toBe('400');
    expect(statuses.slice(0, -1).filter((status) => status !== '200')).toEqual([]);
  });

  test('three requests in one packet are answered in order', async () => {
    const get = (path: string): string => head(`GET ${path} HTTP/1.1`, ...own());
    const text = await server.raw(get('/v1/signal') + get('/v1/signal/none') + get('/health/live'), 300);
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '400', '200']);
  });

  test('a chunk that is none', async () => {
    const line = head(
      'POST /v2/signal HTTP/1.1',
      ...own(),
      'content-type: application/json',
      'transfer-encoding: chunked',
    );
    expect(await server.raw(`${line}zz\r\nnothing\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('a body shorter than it says is no request, and the server goes on', async () => {
    const line = head('POST /v2/signal HTTP/1.1', ...own(), 'content-type: application/json', 'content-length: 500');
    expect(await server.raw(`${line}{"coin"`, 300)).toBe('');
    expect((await server.call('GET', '/v1/signal', { key: alpha })).status).toBe(200);
  });
});
