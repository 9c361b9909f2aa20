/** Windows that are counted alone while the others can't be reached, and together again afterwards. */
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Coordination, StoreUnavailable } from '#libs/sourcing';
import { createMemoryCoordination } from '#libs/stores';
import { Windows } from './windows.ts';

const HOUR = 3_600_000;
const RULE = { limit: 100, windowMs: HOUR };

/** Short enough to wait for, long enough for whatever answers at all. */
const LIMIT_MS = 500;

/** What processes share, and that goes away for one of them: its calls fail, or stand still until it is back. */
interface Reach {
  readonly coordination: Coordination;
  way: 'open' | 'gone' | 'still' | 'answer lost';
}

const opened: Windows[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((windows) => windows.stop()));
});

function reachTo(shared: Coordination): Reach {
  const reach: Reach = {
    way: 'open',
    coordination: {
      ...shared,
      take: (...take) => passing(() => shared.take(...take)),
      peek: (...peek) => passing(() => shared.peek(...peek)),
      ready: () => passing(() => shared.ready()),
    },
  };
  async function passing<Result>(call: () => Promise<Result>): Promise<Result> {
    if (reach.way === 'gone') throw new StoreUnavailable('gone');
    while (reach.way === 'still') await turn();
    const result = await call();
    if (reach.way === 'answer lost') throw new StoreUnavailable('the answer was lost');
    return result;
  }
  return reach;
}

interface Process {
  readonly reach: Reach;
  readonly windows: Windows;
  readonly told: string[];
  take(cost?: number, name?: string, now?: number): ReturnType<Coordination['take']>;
}

/** A process as the others see it, and its way to them. */
function process(shared: Coordination): Process {
  const reach = reachTo(shared);
  const told: string[] = [];
  const windows = new Windows(reach.coordination, {
    limitMs: LIMIT_MS,
    onAlone: () => told.push('alone'),
    onTogether: () => told.push('together'),
  });
  opened.push(windows);
  return {
    reach,
    windows,
    told,
    take: (cost = 1, name = 'key', now = Date.now()) => windows.take(name, cost, RULE, now),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** Waits until a process has told that it counts with the others again. */
async function together({ told }: Process): Promise<void> {
  while (told.at(-1) !== 'together') await turn();
}

async function left(shared: Coordination, name = 'key'): Promise<number> {
  return (await shared.peek(name, RULE, Date.now())).remaining;
}

describe('a window whose other counters can not be reached', () => {
  it('goes on from what was told last, to the limit, and ends when it was told to end', async () => {
    const shared = createMemoryCoordination();
    const [one, other] = [process(shared), process(shared)];
    await other.take(30);
    const { resetAt } = await one.take(20);
    one.reach.way = 'gone';
    expect(await one.take(40)).toEqual({ allowed: true, remaining: 10, resetAt });
    expect(await one.windows.peek('key', RULE, Date.now())).toEqual({ remaining: 10, resetAt });
    expect(await one.take(11)).toEqual({ allowed: false, remaining: 10, resetAt });
    expect(await one.take(10)).toEqual({ allowed: true, remaining: 0, resetAt });
    expect(await one.take(1)).toEqual({ allowed: false, remaining: 0, resetAt });
    expect(await one.take(1, 'key', resetAt)).toEqual({ allowed: true, remaining: 99, resetAt: resetAt + HOUR });
    expect(one.told).toEqual(['alone']);
  });

  it('asks them no more, so that nobody waits, and tells it once', async () => {
    const shared = createMemoryCoordination();
    const one = process(shared);
    one.reach.way = 'still';
    await one.take();
    // Whoever asks now is answered before anything that has to be waited for.
    let later = false;
    const next = turn().then(() => (later = true));
    for (let n = 0; n < 50; n += 1) await one.take();
    await one.windows.peek('key', RULE, Date.now());
    expect(later).toBe(false);
    await next;
    expect(one.told).toEqual(['alone']);
    one.reach.way = 'open';
  });

  it('is taken from for what was counted alone, once they are back, with the end that was told', async () => {
    const shared = createMemoryCoordination();
    const [one, other] = [process(shared), process(shared)];
    one.reach.way = 'gone';
    const began = await one.take(5);
    await one.take(7, 'second');
    for (const two of [1, 2]) await other.take(two, 'second');
    one.reach.way = 'open';
    await together(one);
    expect([await left(shared), await left(shared, 'second')]).toEqual([95, 90]);
    expect((await other.take(1)).resetAt).toBe(began.resetAt);
    expect(await one.take(1)).toEqual({ allowed: true, remaining: 93, resetAt: began.resetAt });
  });

  it('is used up afterwards where more was counted than there were', async () => {
    const shared = createMemoryCoordination();
    const [one, other] = [process(shared), process(shared)];
    one.reach.way = 'gone';
    expect(await one.take(80)).toMatchObject({ allowed: true });
    expect(await other.take(60)).toMatchObject({ allowed: true });
    one.reach.way = 'open';
    await together(one);
    expect(await left(shared)).toBe(0);
    for (const process of [one, other]) expect(await process.take(1)).toMatchObject({ allowed: false });
  });

  it('is not charged to an older one that ended meanwhile', async () => {
    const shared = createMemoryCoordination();
    // Begun by another an hour ago but for a moment: it is open when this process begins its own, and over afterwards.
    const soon = Date.now() + 100;
    await shared.take('key', 90, RULE, soon - HOUR);
    const one = process(shared);
    one.reach.way = 'gone';
    await one.take(40);
    while (Date.now() <= soon) await turn();
    one.reach.way = 'open';
    await together(one);
    expect(await left(shared)).toBe(60);
  });

  it('is waited for as long as the others answer anybody, however slowly', async () => {
    const shared = createMemoryCoordination();
    const one = process(shared);
    one.reach.way = 'still';
    const slow = one.take(1);
    // Others of this process are answered one after the other, for longer than silence is borne.
    const until = performance.now() + 3 * LIMIT_MS;
    while (performance.now() < until) {
      one.reach.way = 'open';
      const heard = one.take(1, 'another');
      one.reach.way = 'still';
      await heard;
      await turn();
    }
    expect(one.told).toEqual([]);
    one.reach.way = 'open';
    expect(await slow).toMatchObject({ allowed: true, remaining: 99 });
  });

  it('counts once what was counted there although the answer came late', async () => {
    const shared = createMemoryCoordination();
    const one = process(shared);
    one.reach.way = 'still';
    expect(await one.take(10)).toMatchObject({ allowed: true, remaining: 90 });
    one.reach.way = 'open';
    await together(one);
    expect(await left(shared)).toBe(90);
  });

  it('leaves to the caller what is no outage', async () => {
    const broken = { ...createMemoryCoordination(), take: () => Promise.reject(new Error('disk I/O error')) };
    const windows = new Windows(broken);
    await expect(windows.take('key', 1, RULE, 0)).rejects.toThrow('disk I/O error');
  });

  it('lets each process pass at most the limit, whatever fails when, and all of them together no more once they are back', async () => {
    const steps = fc.array(
      fc.record({
        process: fc.nat(2),
        way: fc.option(fc.constantFrom('open', 'gone', 'answer lost'), { nil: null, freq: 2 }),
        cost: fc.integer({ min: 1, max: 9 }),
      }),
      { minLength: 20, maxLength: 120 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const shared = createMemoryCoordination();
        const processes = [process(shared), process(shared), process(shared)];
        const passed = [0, 0, 0];
        for (const { process: at, way, cost } of all) {
          if (way !== null) processes[at]!.reach.way = way;
          if ((await processes[at]!.take(cost)).allowed) passed[at]! += cost;
        }
        for (const each of passed) expect(each).toBeLessThanOrEqual(RULE.limit);
        for (const one of processes) {
          one.reach.way = 'open';
          if (one.told.length > 0) await together(one);
        }
        const sum = passed.reduce((total, each) => total + each, 0);
        // Lost answers may have been counted twice, never not at all.
        expect(await left(shared)).toBeLessThanOrEqual(Math.max(RULE.limit - sum, 0));
        await Promise.all(processes.map(({ windows }) => windows.stop()));
      }),
      { numRuns: 15 },
    );
  });
});
