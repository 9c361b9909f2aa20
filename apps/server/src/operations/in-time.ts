/** Waiting for an answer no longer than it is worth. */
import { StoreUnavailable } from '#libs/sourcing';

/**
 * What the work answers, if it does within `limitMs` milliseconds. The work itself goes on; what becomes of it later is
 * told to nobody.
 * @throws StoreUnavailable where it is late, else what the work throws.
 */
export async function inTime<Result>(work: Promise<Result>, limitMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new StoreUnavailable(`no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
