import { PassThrough, Readable } from 'node:stream';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { readBody } from './ccxt-body.ts';

const TEXT = Buffer.from('{"price":"1.5"}'.repeat(100));
const answer = (body: Readable, encoding?: string) => ({
  statusCode: 200,
  headers: { 'content-encoding': encoding },
  body,
});
const of = (...chunks: Buffer[]) => Readable.from(chunks);

describe('a body', () => {
  it('is unpacked', async () => {
    expect(await readBody(answer(of(TEXT)), 5_000)).toEqual(TEXT);
    expect(await readBody(answer(of(gzipSync(TEXT)), 'gzip'), 5_000)).toEqual(TEXT);
    expect(await readBody(answer(of(brotliCompressSync(TEXT)), 'br'), 5_000)).toEqual(TEXT);
    expect(await readBody(answer(of(deflateSync(TEXT)), 'deflate'), 5_000)).toEqual(TEXT);
  });

  it('is refused when it is too large, packed or not', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1_000);
      })(),
    );
    await expect(readBody(answer(endless), 5_000, 10_000)).rejects.toThrow('larger than 10000 bytes');
    expect(endless.destroyed).toBe(true);
    const bomb = answer(of(gzipSync(Buffer.alloc(5_000_000))), 'gzip');
    await expect(readBody(bomb, 5_000, 10_000)).rejects.toThrow('larger than 10000 bytes');
  });

  it('is refused when it does not end in time', async () => {
    const body = new PassThrough();
    body.write('[');
    await expect(readBody(answer(body), 20)).rejects.toThrow('not whole within 20 ms');
    expect(body.destroyed).toBe(true);
  });

  it('is refused when it is cut off or not what it says', async () => {
    await expect(readBody(answer(of(gzipSync(TEXT).subarray(0, 20)), 'gzip'), 5_000)).rejects.toThrow('unexpected end');
    await expect(readBody(answer(of(TEXT), 'gzip'), 5_000)).rejects.toThrow('incorrect header');
  });
});
