/** What every adapter of `Coordination` must do. One suite, run on each of them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Coordination, KEPT_LIMIT } from '../coordination.ts';
import { ROLLING_LIMIT } from '../rolling.ts';
import { freshName } from './sample-events.ts';

/** A store under test. Its data may be shared with other tests: the suite uses names of its own. */
export interface OpenedCoordination {
  readonly coordination: Coordination;
  /** Closes it and opens the same data again. Absent where closing loses it. */
  readonly reopen?: () => Promise<Coordination>;
  /** A second handle on the same data, as another process would have. */
  readonly another?: () => Promise<Coordination>;
}

const HOUR = 3_600_000;
const RULE = { limit: 100, windowMs: HOUR };
const NOON = Date.UTC(2026, 3, 4, 12);

export function describeCoordination(name: string, open: () => Promise<OpenedCoordination>): void {
  describe(`coordination: ${name}`, () => {
    let opened: OpenedCoordination;
    let shared: Coordination;
    beforeAll(async () => {
      opened = await open();
      shared = opened.coordination;
    });
    afterAll(() => shared.close());

    it('begins a window with the first that is taken, and not with a look at it', async () => {
      const window = freshName('window');
      expect(await shared.peek(window, RULE, NOON - HOUR)).toEqual({ remaining: 100, resetAt: NOON });
      expect(await shared.take(window, 1, RULE, NOON)).toEqual({ allowed: true, remaining: 99, resetAt: NOON + HOUR });
      expect(await shared.take(window, 1, RULE, NOON + 5)).toEqual({
        allowed: true,
        remaining: 98,
        resetAt: NOON + HOUR,
      });
      expect(await shared.peek(window, RULE, NOON + 6)).toEqual({ remaining: 98, resetAt: NOON + HOUR });
    });

    it('takes all that is asked for or nothing', async () => {
      const window = freshName('window');
      expect(await shared.take(window, 60, RULE, NOON)).toMatchObject({ allowed: true, remaining: 40 });
      expect(await shared.take(window, 41, RULE, NOON)).toMatchObject({ allowed: false, remaining: 40 });
      expect(await shared.take(window, 40, RULE, NOON)).toMatchObject({ allowed: true, remaining: 0 });
      expect(await shared.take(window, 1, RULE, NOON)).toEqual({ allowed: false, remaining: 0, resetAt: NOON + HOUR });
    });

    it('refuses more than a whole window without beginning it', async () => {
      const window = freshName('window');
      expect(await shared.take(window, 101, RULE, NOON)).toEqual({
        allowed: false,
        remaining: 100,
        resetAt: NOON + HOUR,
      });
      expect(await shared.take(window, 100, RULE, NOON + 1)).toMatchObject({ allowed: true, resetAt: NOON + 1 + HOUR });
    });

    it('ends a window at its moment, and begins the next with what comes then', async () => {
      const window = freshName('window');
      await shared.take(window, 100, RULE, NOON);
      expect(await shared.take(window, 1, RULE, NOON + HOUR - 1)).toMatchObject({ allowed: false });
      expect(await shared.take(window, 1, RULE, NOON + HOUR)).toEqual({
        allowed: true,
        remaining: 99,
        resetAt: NOON + 2 * HOUR,
      });
    });

    it('keeps the windows of different names apart', async () => {
      const [one, other] = [freshName('window'), freshName('window')];
      await shared.take(one, 100, RULE, NOON);
      expect(await shared.take(other, 1, RULE, NOON)).toMatchObject({ allowed: true, remaining: 99 });
    });

    it('lets exactly as many pass as there are, however many ask at once and through whichever handle', async () => {
      const window = freshName('window');
      const second = (await opened.another?.()) ?? shared;
      const asked = Array.from({ length: 300 }, (_, n) => (n % 2 === 0 ? shared : second).take(window, 1, RULE, NOON));
      expect((await Promise.all(asked)).filter(({ allowed }) => allowed)).toHaveLength(100);
      if (second !== shared) await second.close();
    });

    it('lets at most so many pass in any stretch of a rolling window', async () => {
      const window = freshName('rolling');
      const rule = { limit: 3, windowMs: 60_000 };
      const take = async (at: number) => shared.takeRolling(window, rule, NOON + at);
      expect(await take(0)).toEqual({ allowed: true, remaining: 2, resetAt: NOON + 60_000 });
      expect(await take(59_000)).toEqual({ allowed: true, remaining: 1, resetAt: NOON + 60_000 });
      expect(await take(59_999)).toEqual({ allowed: true, remaining: 0, resetAt: NOON + 60_000 });
      expect(await take(59_999)).toEqual({ allowed: false, remaining: 0, resetAt: NOON + 60_000 });
      // The one that was refused counts for nothing; the first is free again.
      expect(await take(60_000)).toEqual({ allowed: true, remaining: 0, resetAt: NOON + 119_000 });
      expect(await take(118_999)).toEqual({ allowed: false, remaining: 0, resetAt: NOON + 119_000 });
      expect(await take(119_000)).toEqual({ allowed: true, remaining: 0, resetAt: NOON + 119_999 });
      expect(await shared.takeRolling(freshName('rolling'), rule, NOON)).toMatchObject({ remaining: 2 });
    });

    it('takes exactly as many from a rolling window as there are, however many ask and through whichever handle', async () => {
      const window = freshName('rolling');
      const second = (await opened.another?.()) ?? shared;
      const rule = { limit: 60, windowMs: 60_000 };
      const ask = (n: number) => (n % 2 === 0 ? shared : second).takeRolling(window, rule, NOON + n);
      const asked = await Promise.all(Array.from({ length: 200 }, (_, n) => ask(n)));
      const allowed = asked.filter((one) => one.allowed);
      expect(allowed).toHaveLength(60);
      expect(allowed.map(({ remaining }) => remaining).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 60 }, (_, n) => n),
      );
      if (second !== shared) await second.close();
    });

    it('remembers as many as a rolling window may take, and refuses a larger one', async () => {
      const window = freshName('rolling');
      const rule = { limit: ROLLING_LIMIT, windowMs: HOUR };
      const asked = Array.from({ length: ROLLING_LIMIT + 2 }, (_, n) => shared.takeRolling(window, rule, NOON + n));
      const refused = (await Promise.all(asked)).filter(({ allowed }) => !allowed);
      expect(refused).toEqual([NOON, NOON].map((at) => ({ allowed: false, remaining: 0, resetAt: at + HOUR })));
      await expect(shared.takeRolling(window, { ...rule, limit: ROLLING_LIMIT + 1 }, NOON)).rejects.toThrow(window);
    });

    it('knows when names were last used, and never goes back', async () => {
      const [used, unused] = [freshName('key'), freshName('key')];
      await shared.touch([{ name: used, at: NOON }]);
      await shared.touch([{ name: used, at: NOON - 60_000 }]);
      expect(await shared.lastUsed([used, unused])).toEqual(new Map([[used, NOON]]));
      await shared.touch([{ name: used, at: NOON + 60_000 }]);
      expect(await shared.lastUsed([used])).toEqual(new Map([[used, NOON + 60_000]]));
    });

    it('keeps the text last written under a name', async () => {
      const [one, other] = [freshName('text'), freshName('text')];
      expect(await shared.kept(one)).toBeNull();
      await shared.keep(one, 'first');
      await shared.keep(one, 'sécond\n');
      await shared.keep(other, '');
      expect([await shared.kept(one), await shared.kept(other)]).toEqual(['sécond\n', '']);
    });

    it('forgets the text kept under a name, and that one alone', async () => {
      const [one, other] = [freshName('text'), freshName('text')];
      await shared.keep(one, 'first');
      await shared.keep(other, 'other');
      await shared.forget(one);
      await shared.forget(freshName('text'));
      expect([await shared.kept(one), await shared.kept(other)]).toEqual([null, 'other']);
      await shared.keep(one, 'second');
      expect(await shared.kept(one)).toBe('second');
    });

    it('keeps a text up to its limit in bytes, and refuses a longer one without losing the last', async () => {
      const name = freshName('text');
      const longest = 'é'.repeat(KEPT_LIMIT / 2);
      await shared.keep(name, longest);
      await expect(shared.keep(name, `${longest}.`)).rejects.toThrow(`${name}: a text of ${KEPT_LIMIT + 1} bytes`);
      expect(await shared.kept(name)).toBe(longest);
    });

    it('gives a lease to one holder until it ends, and renews it', async () => {
      const name = freshName('lease');
      expect(await shared.lease(name, 'one', 1_000, NOON)).toBe(true);
      expect(await shared.lease(name, 'two', 1_000, NOON + 999)).toBe(false);
      expect(await shared.lease(name, 'one', 1_000, NOON + 999)).toBe(true);
      expect(await shared.lease(name, 'two', 1_000, NOON + 1_998)).toBe(false);
      expect(await shared.lease(name, 'two', 1_000, NOON + 1_999)).toBe(true);
      expect(await shared.lease(name, 'one', 1_000, NOON + 2_000)).toBe(false);
    });

    it('keeps the leases of different names apart', async () => {
      const [one, other] = [freshName('lease'), freshName('lease')];
      expect(await shared.lease(one, 'one', 1_000, NOON)).toBe(true);
      expect(await shared.lease(other, 'two', 1_000, NOON)).toBe(true);
    });

    it('lets only the holder release a lease', async () => {
      const name = freshName('lease');
      await shared.release(name, 'one');
      await shared.lease(name, 'one', 1_000, NOON);
      await shared.release(name, 'two');
      expect(await shared.lease(name, 'two', 1_000, NOON)).toBe(false);
      await shared.release(name, 'one');
      expect(await shared.lease(name, 'two', 1_000, NOON)).toBe(true);
    });

    it('gives a lease to exactly one of many, through whichever handle they ask', async () => {
      const name = freshName('lease');
      const second = (await opened.another?.()) ?? shared;
      const asked = Array.from({ length: 60 }, (_, n) =>
        (n % 2 === 0 ? shared : second).lease(name, `holder ${n}`, 1_000, NOON),
      );
      expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1);
      if (second !== shared) await second.close();
    });

    it('is ready', async () => {
      await expect(shared.ready()).resolves.toBeUndefined();
    });

    it('still counts, keeps and holds after it was closed and opened again', async () => {
      if (opened.reopen === undefined) return;
      const [window, text, lease] = [freshName('window'), freshName('text'), freshName('lease')];
      await shared.take(window, 99, RULE, NOON);
      await shared.takeRolling(window, { limit: 1, windowMs: HOUR }, NOON);
      await shared.keep(text, 'kept');
      await shared.lease(lease, 'one', 1_000, NOON);
      shared = await opened.reopen();
      expect(await shared.take(window, 2, RULE, NOON)).toMatchObject({ allowed: false, remaining: 1 });
      expect(await shared.takeRolling(window, { limit: 1, windowMs: HOUR }, NOON)).toMatchObject({ allowed: false });
      expect(await shared.kept(text)).toBe('kept');
      expect(await shared.lease(lease, 'two', 1_000, NOON)).toBe(false);
    });
  });
}
