import { describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { createGathered, createRecent, type GatheredOptions } from './gathered.ts';

describe('recent answers', () => {
  it('are shared while they are on their way, and serve for a while', async () => {
    let time = 0;
    let asked = 0;
    const recent = createRecent<number>({ keepMs: 100, most: 10, uptime: () => time });
    const answer = Promise.withResolvers<number>();
    const first = recent.get('a', () => answer.promise);
    time = 1_000_000;
    const second = recent.get('a', () => Promise.reject(new Error('asked twice')));
    answer.resolve(7);
    expect(await Promise.all([first, second])).toEqual([7, 7]);
    const ask = async (): Promise<number> => (asked += 1);
    time += 99;
    expect(await recent.get('a', ask)).toBe(7);
    time += 1;
    expect(await recent.get('a', ask)).toBe(1);
    expect(await recent.get('b', ask)).toBe(2);
    expect(asked).toBe(2);
  });

  it('are not remembered when they failed', async () => {
    const recent = createRecent<number>({ keepMs: 100, most: 10 });
    await expect(recent.get('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await recent.get('a', async () => 1)).toBe(1);
  });

  it('are bounded in number', async () => {
    let asked = 0;
    const recent = createRecent<number>({ keepMs: 1_000_000, most: 3 });
    const get = (key: string): Promise<number> => recent.get(key, async () => (asked += 1));
    for (const key of ['a', 'b', 'c', 'd']) await get(key);
    expect(asked).toBe(4);
    await get('b');
    expect(asked).toBe(4);
    await get('a');
    expect(asked).toBe(5);
  });
});

describe('questions that are gathered', () => {
  const options: GatheredOptions = { keepMs: 1_000_000, most: 1_000, mostAtOnce: 10, mostAsked: 2 };
  /** What was asked at once, and what each waits for. */
  function source() {
    const batches: (readonly string[])[] = [];
    const waiting: PromiseWithResolvers<void>[] = [];
    const ask = async (names: readonly string[]): Promise<ReadonlyMap<string, string>> => {
      batches.push(names);
      const due = Promise.withResolvers<void>();
      waiting.push(due);
      await due.promise;
      return new Map(names.filter((name) => name !== 'lost').map((name) => [name, name.toUpperCase()]));
    };
    return { batches, waiting, ask };
  }

  it('go together, each name once, and no more of them than may be on their way', async () => {
    const { batches, waiting, ask } = source();
    const get = createGathered(ask, options);
    const names = Array.from({ length: 25 }, (_, n) => `n${n}`);
    const answers = Promise.all([...names, ...names].map(get));
    for (let n = 0; n < 10; n += 1) await turn();
    expect(batches).toEqual([names.slice(0, 10), names.slice(10, 20)]);
    const late = get('late');
    waiting[1]!.resolve();
    for (let n = 0; n < 10; n += 1) await turn();
    expect(batches[2]).toEqual([...names.slice(20), 'late']);
    for (const { resolve } of waiting) resolve();
    expect(await answers).toEqual([...names, ...names].map((name) => name.toUpperCase()));
    expect(await late).toBe('LATE');
    expect(batches).toHaveLength(3);
  });

  it('fail for all that were asked together, and go on', async () => {
    let isAway = true;
    const get = createGathered(async (names) => {
      if (isAway) throw new Error('away');
      return new Map(names.map((name) => [name, 1]));
    }, options);
    const told = await Promise.allSettled(['a', 'b'].map(get));
    expect(told.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isAway = false;
    expect(await Promise.all(['a', 'b'].map(get))).toEqual([1, 1]);
  });

  it('fail by themselves where they are not answered', async () => {
    const { waiting, ask } = source();
    const get = createGathered(ask, options);
    const told = Promise.allSettled([get('lost'), get('found')]);
    while (waiting.length === 0) await turn();
    waiting[0]!.resolve();
    expect(await told).toMatchObject([
      { reason: { message: expect.stringContaining('lost: it was') } },
      { value: 'FOUND' },
    ]);
  });
});
