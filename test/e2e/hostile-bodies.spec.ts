/** Hostile bodies: always a 4xx in the dialect's envelope, quickly; no 500 anywhere. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, expectRefused, isEnvelope, isEnvelopeOf, SPOT, writesOn } from '../support/anny.ts';
import type { AnnyKey } from '../support/directory.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

const LIMIT = 64 * 1024;

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

/** A body that is accepted, with more text before its closing brace. */
const withMore = (more: string): string => `${JSON.stringify(SPOT).slice(0, -1)},${more}}`;

const padded = (bytes: number): string => {
  const body = (pad: string): string => withMore(`"pad":"${pad}"`);
  return body('x'.repeat(bytes - body('').length));
};

const nested = (depth: number, open: string, close: string): string =>
  withMore(`"deep":${open.repeat(depth - 1)}1${close.repeat(depth - 1)}`);

const post = (raw: string | Buffer, headers = {}) => server.call('POST', '/v2/signal', { key: alpha, raw, headers });

describe('limits', () => {
  test('64 KiB are taken, one byte more is 413', async () => {
    expect(Buffer.byteLength(padded(LIMIT))).toBe(LIMIT);
    expect((await post(padded(LIMIT))).status).toBe(200);
    expectRefused(await post(padded(LIMIT + 1)), 413, 'INVALID_INPUT_CONTENT', 'body');
    expectRefused(await post('x'.repeat(LIMIT * 20)), 413, 'INVALID_INPUT_CONTENT', 'body');
  });

  test('without a content-length too', async () => {
    const chunked = { 'transfer-encoding': 'chunked', 'content-length': [] as string[] };
    expect((await post(padded(LIMIT), chunked)).status).toBe(200);
    expectRefused(await post(padded(LIMIT + 1), chunked), 413, 'INVALID_INPUT_CONTENT', 'body');
  });

  test.each([
    ['objects', '{"a":', '}'],
    ['lists', '[', ']'],
  ])('a depth of 16 is taken, 17 is refused: %s', async (_name, open, close) => {
    expect((await post(nested(16, open, close))).status).toBe(200);
    expectRefused(await post(nested(17, open, close)), 400, 'INVALID_INPUT_CONTENT', 'body');
    expectRefused(await post(nested(5_000, open, close)), 400, 'INVALID_INPUT_CONTENT', 'body');
    expectRefused(await post(open.repeat(10_000)), 400, 'INVALID_INPUT_CONTENT', 'body');
  });
});

const BODIES: readonly (readonly [name: string, raw: string | Buffer, field?: string])[] = [
  ['__proto__', withMore('"__proto__":{"coin":"X"}')],
  ['__proto__, escaped', withMore('"\\u005f_proto__":1')],
  ['__proto__, deep down', withMore('"a":[{"__proto__":1}]')],
  ['constructor.prototype', withMore('"constructor":{"prototype":{}}')],
  ['constructor.prototype, deep down', withMore('"a":{"constructor":{"prototype":null}}')],
  ['a key twice', withMore('"coin":"ETH"')],
  ['a key twice, once escaped', withMore('"\\u0063oin":"ETH"')],
  ['a key twice, deep down', withMore('"a":[{"b":{"c":1,"\\u0063":2}}]')],
  ['a key twice, with the same value', withMore('"coin":"BTC"')],
  ['a key twice, with colons and quotes in texts', withMore('"a":"\\":{,","a":":"')],
  ['NUL in a text', withMore('"attachment_description":"a\\u0000b"'), 'attachment_description'],
  ['NUL in a key', withMore('"a\\u0000":1')],
  ['NUL as a byte', withMore('"a":"\u0000"')],
  ['NUL between tokens', `${JSON.stringify(SPOT)}\u0000`],
  ['half a surrogate pair, escaped', withMore('"attachment_description":"\\ud800"'), 'attachment_description'],
  ['the other half, escaped', withMore('"attachment_description":"\\udc00\\ud800"'), 'attachment_description'],
  [
    'half a surrogate pair as bytes',
    Buffer.concat([Buffer.from('{"coin":"'), Buffer.from([0xed, 0xa0, 0x80, 0x22, 0x7d])]),
  ],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ['UTF-8 longer than needed', Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d])],
  ['UTF-16', Buffer.from(JSON.stringify(SPOT), 'utf16le')],
  ['1e400', withMore('"x":1e400'), 'x'],
  ['-1e400, deep down', withMore('"x":[{"y":-1e400}]'), 'x.0.y'],
  ['NaN', withMore('"x":NaN')],
  ['a number with a leading zero', withMore('"x":01')],
  ['a comment', withMore('"x":1/*y*/')],
  ['a trailing comma', withMore('"x":1,')],
  ['single quotes', "{'coin':'BTC'}"],
  ['truncated', JSON.stringify(SPOT).slice(0, -1)],
  ['truncated in a text', '{"coin":"BT'],
  ['truncated in an escape', '{"coin":"\\'],
  ['text after the end', `${JSON.stringify(SPOT)}{}`],
  ['only spaces', '   '],
  ['null', 'null'],
  ['true', 'true'],
  ['a list', '[]'],
  ['a list of bodies', JSON.stringify([SPOT])],
  ['a text', '"{}"'],
  ['a number', '1'],
  ['empty', ''],
  ['a closing brace', '}'],
  ['a colon', ':'],
];

describe('bodies', () => {
  test.each(BODIES)('%s', async (_name, raw, field = 'body') => {
    expectRefused(await post(raw), 400, 'INVALID_INPUT_CONTENT', field);
    for (const write of writesOn(id)) {
      const answer = await server.call(write.method, write.path, { key: alpha, raw });
      expect({ path: write.path, status: answer.status, envelope: isEnvelope(answer) }).toEqual({
        path: write.path,
        status: 400,
        envelope: true,
      });
    }
  });

  test('a number with more digits than can be kept is to be sent as a text: prices are texts here', async () => {
    const answer = await post(withMore('"x":0.1234567890123456789'));
    expectRefused(answer, 400, 'INVALID_INPUT_CONTENT', 'x');
    expect(answer.body.payload.message).toMatch(/more digits than can be kept; send it as a string/);
  });

  test('a byte order mark is no JSON', async () => {
    expectRefused(await post(`\ufeff${JSON.stringify(SPOT)}`), 400, 'INVALID_INPUT_CONTENT', 'body');
  });

  test.each(['constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__', 'then'])(
    'a field named %s is one that nobody knows, in a good body and in a bad one',
    async (name) => {
      expect((await post(withMore(`"${name}":"x"`))).status).toBe(200);
      const bad = JSON.stringify({ ...SPOT, stop_loss: 1, [name]: { a: 1 } });
      expectRefused(await post(bad), 400, 'INVALID_INPUT_CONTENT', 'stop_loss');
      expectRefused(await post(`{"${name}":1}`), 400, 'INVALID_INPUT_MISSING', 'coin');
    },
  );

  test('every field as every kind of JSON', async () => {
    const values = [
      null,
      true,
      0,
      -1,
      1e21,
      1e-7,
      '',
      ' ',
      '\n',
      '1e5',
      '-1',
      '0x10',
      '0',
      '.5',
      '5.',
      '٣',
      [],
      {},
      ['1'],
      '9'.repeat(41),
    ];
    for (const { method, path, body } of writesOn(id)) {
      if (method === 'DELETE') continue;
      for (const name of Object.keys(body)) {
        for (const value of values) {
          const answer = await server.call(method, path, { key: alpha, body: { ...body, [name]: value } });
          const field = answer.status === 200 || answer.body.payload.field;
          const told = { path, name, value, fine: isEnvelopeOf(answer, [200, 400]), field: Boolean(field) };
          expect(told).toEqual({ ...told, fine: true, field: true });
        }
      }
    }
  }, 30_000);
});
