import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isInWindow, isSigned, type SignedRequest } from './signature.ts';

const SECRET = 's3cr3t';
const NOW = 1_775_330_000_000;

const sign = (text: string): string => createHmac('sha256', SECRET).update(text).digest('hex');
const request = (more: Partial<SignedRequest & { text: string }> = {}): SignedRequest => ({
  timestamp: String(NOW),
  method: 'POST',
  path: '/v1/agent/orders',
  body: Buffer.from(more.text ?? '{"a":1}'),
  ...more,
});
const signedAs = (text: string, more = {}): boolean => isSigned(sign(text), SECRET, request(more));

describe('a signature', () => {
  it('is over timestamp, method, the path behind /v1/agent and the body, as the published client makes it', () => {
    expect(signedAs(`${NOW}POST/orders{"a":1}`)).toBe(true);
    expect(signedAs(`${NOW}GET/market`, { method: 'GET', path: '/v1/agent/market', text: '' })).toBe(true);
    expect(isSigned(sign(`${NOW}POST/orders{"a":1}`).toUpperCase(), SECRET, request())).toBe(true);
  });

  it('over the whole path is taken too', () => {
    expect(signedAs(`${NOW}POST/v1/agent/orders{"a":1}`)).toBe(true);
  });

  it.each([
    ['another secret', `${NOW}POST/orders{"a":1}`, 'another'],
    ['another body', `${NOW}POST/orders{"a":2}`, SECRET],
    ['no body', `${NOW}POST/orders`, SECRET],
    ['another path', `${NOW}POST/pause{"a":1}`, SECRET],
    ['another method', `${NOW}PATCH/orders{"a":1}`, SECRET],
    ['another time', `${NOW + 1}POST/orders{"a":1}`, SECRET],
    ['the query too', `${NOW}POST/orders?x=1{"a":1}`, SECRET],
  ])('over %s is none', (_name, text, secret) => {
    expect(isSigned(createHmac('sha256', secret).update(text).digest('hex'), SECRET, request())).toBe(false);
  });

  it.each(['', 'x', 'g'.repeat(64), 'a'.repeat(63), 'a'.repeat(65), `${'a'.repeat(64)}\n`])('%j is none', (text) => {
    expect(isSigned(text, SECRET, request())).toBe(false);
  });

  it('is none where parts could be read otherwise, although its text is the same', () => {
    // The same bytes, cut at another place: `/orders{` is no path, and no body begins with a slash.
    const text = `${NOW}POST/orders{"a":1}`;
    expect(signedAs(text, { path: '/v1/agent/orders{', text: '"a":1}' })).toBe(false);
    expect(signedAs(text, { path: '/v1/agent/ord', text: 'ers{"a":1}' })).toBe(false);
    expect(signedAs(text, { path: '/v1/agent', text: '/orders{"a":1}' })).toBe(false);
    expect(signedAs(`${NOW}POST/orders [1]`, { text: ' [1]' })).toBe(false);
  });

  it('is never that of two requests: no two of them have one text', () => {
    const part = fc.string({ unit: fc.constantFrom(...'abz019/_.~-{}"'.split('')), maxLength: 6 });
    fc.assert(
      fc.property(part, part, part, part, (path, body, otherPath, otherBody) => {
        const one = { path: `/v1/agent/${path}`, text: body };
        const two = { path: `/v1/agent/${otherPath}`, text: otherBody };
        const text = `${NOW}POST/${path}${body}`;
        if (`/${path}` === `/${otherPath}` && body === otherBody) return;
        expect(signedAs(text, one) && signedAs(text, two)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a timestamp', () => {
  it('is in the window for 30 seconds either way, both ends included', () => {
    for (const off of [0, 1, 29_999, 30_000])
      for (const at of [NOW - off, NOW + off]) expect(isInWindow(String(at), NOW)).toBe(true);
    for (const off of [30_001, 31_000, 10 ** 9])
      for (const at of [NOW - off, NOW + off]) expect(isInWindow(String(at), NOW)).toBe(false);
  });

  it.each([
    '',
    String(NOW).slice(1),
    `${NOW}0`,
    `+${String(NOW).slice(1)}`,
    ` ${NOW}`,
    '1.77533e12000',
    '١٧٧٥٣٣٠٠٠٠٠٠٠',
  ])('%j is none', (text) => expect(isInWindow(text, NOW)).toBe(false));
});
