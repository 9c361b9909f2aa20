/** The body of an answer, bounded in size and time: ccxt itself stops its clock when the headers are there. */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readable;
}

/** The lists of markets of the largest venues have some 20 MB. */
const MOST_BODY = 64 * 1024 * 1024;

/** @throws Error when it is larger unpacked than `most` bytes, not whole in time, or cut off. */
export async function readBody(answer: HttpAnswer, timeoutMs: number, most = MOST_BODY): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > most) throw new Error(`its answer is larger than ${most} bytes`);
      chunks.push(chunk);
    }
  };
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const unpacked = unpackerOf(answer);
    if (unpacked === null) await pipeline(answer.body, collect, { signal });
    else await pipeline(answer.body, unpacked, collect, { signal });
  } catch (error) {
    throw signal.aborted ? new Error(`its answer was not whole within ${timeoutMs} ms`) : error;
  }
  return Buffer.concat(chunks);
}

function unpackerOf({ statusCode, headers }: HttpAnswer): ReturnType<typeof createGunzip> | null {
  if (statusCode === 204 || statusCode === 304) return null;
  switch (headers['content-encoding']) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'deflate':
      return createInflate();
    default:
      return null;
  }
}
