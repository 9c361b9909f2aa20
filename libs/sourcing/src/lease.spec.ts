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

  describe('held by one that is no more', () => {
    const DEAD = { id: 'dead', pid: 2 ** 22 + 1 };

    /** What a living holder of this machine keeps of itself. */
    async function keptByALivingOne(): Promise<Record<string, unknown>> {
      const coordination = createMemoryCoordination();
      const stop = new AbortController();
      const onError = (error: unknown): never => {
        throw error;
      };
      await whileLeading(coordination, 'x', async () => stop.abort(), { signal: stop.signal, onError });
      return JSON.parse((await coordination.kept('lease holder x'))!) as Record<string, unknown>;
    }

    /** What becomes of one that wants a lease while another is told to hold it. */
    async function meets(holder: Record<string, unknown>): Promise<string[]> {
      const coordination = createMemoryCoordination();
      const log: string[] = [];
      await coordination.lease('x', 'dead', 3_600_000, Date.now());
      await coordination.keep('lease holder x', JSON.stringify(holder));
      const stop = new AbortController();
      const running = whileLeading(coordination, 'x', worker('one', log), {
        signal: stop.signal,
        onStandby: () => log.push('one stands by'),
        onError: (error) => log.push(String(error)),
      });
      await until(() => log.length > 0);
      stop.abort();
      await running;
      return log;
    }

    it('is not waited for on its own machine', async () => {
      expect(await meets({ ...(await keptByALivingOne()), ...DEAD })).toEqual(['one begins', 'one ends']);
    });

    it('is waited for where its host has another name', async () => {
      const { machine } = await keptByALivingOne();
      expect(await meets({ ...DEAD, machine: `other-${String(machine)}` })).toEqual(['one stands by']);
    });

    (process.platform === 'linux' ? it : it.skip)(
      'is waited for where its container has the host name of this one, and process ids of its own',
      async () => {
        const { machine } = await keptByALivingOne();
        const other = String(machine).replace(/pid:\[\d+\]$/, 'pid:[1]');
        expect(await meets({ ...DEAD, machine: other })).toEqual(['one stands by']);
      },
    );

    it('is waited for where it kept its host name alone, as was done before', async () => {
      const holder = { ...DEAD, host: hostname() };
      expect(await meets(holder)).toEqual(['one stands by']);
      // Nor does a release of before take one of these for its own.
      expect(await keptByALivingOne()).not.toHaveProperty('host');
    });
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
