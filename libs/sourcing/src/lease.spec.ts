import { setTimeout as sleep } from 'node:timers/promises';
import { hostname } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { createMemoryCoordination } from '../../stores/src/memory/coordination.ts';
import { whileLeading } from './lease.ts';

/** Works until it is told to stop, and notes both. */
function worker(name: string, log: string[]) {
  return async (signal: AbortSignal): Promise<void> => {
    log.push(`${name} begins`);
    await sleep(600_000, undefined, { signal }).catch(() => undefined);
    log.push(`${name} ends`);
  };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

describe('work under a lease', () => {
  it('is done by one, and by the other once the first has stopped', async () => {
    const coordination = createMemoryCoordination();
    const log: string[] = [];
    const stops = [new AbortController(), new AbortController()];
    const options = { ttlMs: 60_000, onError: (error: unknown) => log.push(String(error)) };
    const first = whileLeading(coordination, 'x', worker('one', log), { ...options, signal: stops[0]!.signal });
    await until(() => log.includes('one begins'));
    const second = whileLeading(coordination, 'x', worker('two', log), {
      ...options,
      signal: stops[1]!.signal,
      onStandby: () => log.push('two stands by'),
    });
    await until(() => log.includes('two stands by'));
    stops[0]!.abort();
    await first;
    await until(() => log.includes('two begins'));
    stops[1]!.abort();
    await second;
    expect(log).toEqual(['one begins', 'two stands by', 'one ends', 'two begins', 'two ends']);
  });

  it('ends when the lease is lost, as to another after a pause', async () => {
    const coordination = createMemoryCoordination();
    const log: string[] = [];
    const stop = new AbortController();
    const running = whileLeading(coordination, 'x', worker('one', log), {
      signal: stop.signal,
      ttlMs: 100,
      onError: (error) => log.push(String(error)),
    });
    await until(() => log.includes('one begins'));
    // Another took it while this one was paused.
    await coordination.lease('x', 'other', 3_600_000, Date.now() + 3_600_000);
    await until(() => log.includes('one ends'));
    stop.abort();
    await running;
    expect(log).toEqual(['one begins', 'one ends']);
  });

  it('does not wait for a holder of this machine that is no more', async () => {
    const coordination = createMemoryCoordination();
    const log: string[] = [];
    await coordination.lease('x', 'dead', 3_600_000, Date.now());
    await coordination.keep('lease holder x', JSON.stringify({ id: 'dead', host: hostname(), pid: 2 ** 22 + 1 }));
    const stop = new AbortController();
    const running = whileLeading(coordination, 'x', worker('one', log), {
      signal: stop.signal,
      onError: (error) => log.push(String(error)),
    });
    await until(() => log.includes('one begins'));
    stop.abort();
    await running;
    expect(log).toEqual(['one begins', 'one ends']);
  });

  it('is begun again after it failed', async () => {
    const coordination = createMemoryCoordination();
    let tries = 0;
    const errors: unknown[] = [];
    const stop = new AbortController();
    const work = async (): Promise<void> => {
      tries += 1;
      if (tries === 1) throw new Error('once');
      stop.abort();
    };
    await whileLeading(coordination, 'x', work, {
      signal: stop.signal,
      ttlMs: 100,
      onError: (error) => errors.push(error),
    });
    expect(tries).toBe(2);
    expect(errors).toEqual([new Error('once')]);
  });
});
