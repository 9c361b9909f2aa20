/** A watch beside a list that is read through for each price, and decides in decimals. */
import { describe, expect, it } from '@jest/globals';
import Big from 'big.js';
import fc from 'fast-check';
import { knownAt, type Price } from './price.ts';
import { Watch } from './watch.ts';
import type { Waits } from './watch-waits.ts';

/** What a signal waits for, in decimals. */
interface Wish {
  readonly below: string | null;
  readonly above: string | null;
  readonly until: number | null;
  readonly next: boolean;
  readonly trail: { readonly sign: 1 | -1; readonly distance: string; readonly best: string } | null;
  readonly from: number;
}

const inDoubles = ({ below, above, trail, ...rest }: Wish): Waits => ({
  ...rest,
  below: below === null ? null : Number(below),
  above: above === null ? null : Number(above),
  trail: trail === null ? null : { ...trail, distance: Number(trail.distance) },
});

class Reference {
  readonly wishes = new Map<string, Wish>();

  /** The ids that a price concerns; trails follow it. */
  touched(price: Price): string[] {
    return [...this.wishes].filter(([id, wish]) => wish.from <= price.time && this.#meets(id, price)).map(([id]) => id);
  }

  #meets(id: string, price: Price): boolean {
    const { below, above, until, next } = this.wishes.get(id)!;
    const [low, high] = price.kind === 'tick' ? [price.price, price.price] : [price.low, price.high];
    const met = [
      below !== null && new Big(low).lte(below),
      above !== null && new Big(high).gte(above),
      until !== null && until <= knownAt(price),
      next,
    ].includes(true);
    return this.#trailMeets(id, price) || met;
  }

  #trailMeets(id: string, price: Price): boolean {
    const { trail } = this.wishes.get(id)!;
    if (trail === null) return false;
    if (price.kind === 'tick') {
      const fell = this.#fell(id, price.price);
      this.#ride(id, price.price);
      return fell;
    }
    const [worse, better] = trail.sign === 1 ? [price.low, price.high] : [price.high, price.low];
    const atOpen = this.#fell(id, price.open);
    this.#ride(id, price.open);
    const within = this.#fell(id, worse);
    this.#ride(id, better);
    return this.#fell(id, price.close) || within || atOpen;
  }

  #fell(id: string, price: string): boolean {
    const { sign, distance, best } = this.wishes.get(id)!.trail!;
    return new Big(best).minus(price).times(sign).gte(distance);
  }

  #ride(id: string, price: string): void {
    const wish = this.wishes.get(id)!;
    const trail = wish.trail!;
    if (new Big(price).minus(trail.best).times(trail.sign).gt(0))
      this.wishes.set(id, { ...wish, trail: { ...trail, best: price } });
  }
}

type Step =
  | { readonly kind: 'set'; readonly id: string; readonly wish: Wish }
  | { readonly kind: 'ride on'; readonly id: string; readonly distance: string }
  | { readonly kind: 'delete'; readonly id: string }
  | { readonly kind: 'tick'; readonly later: number; readonly price: string }
  | { readonly kind: 'candle'; readonly later: number; readonly prices: readonly string[] };

const IDS = Array.from({ length: 12 }, (_, n) => `id${n}`);

/** What happens to a watch, drawn so that much coincides: few ids, few prices, short times. */
function histories(price: fc.Arbitrary<string>, distance: fc.Arbitrary<string>): fc.Arbitrary<Step[]> {
  const id = fc.constantFrom(...IDS);
  const later = fc.nat(6);
  const wish = fc.record({
    below: fc.option(price),
    above: fc.option(price),
    until: fc.option(fc.nat(400)),
    next: fc.nat(7).map((n) => n === 0),
    trail: fc.option(fc.record({ sign: fc.constantFrom(1 as const, -1 as const), distance, best: price })),
    from: fc.integer({ min: -5, max: 15 }),
  });
  const one = <Kind extends string, Rest extends object>(kind: Kind, weight: number, rest: fc.Arbitrary<Rest>) => ({
    weight,
    arbitrary: rest.map((fields) => ({ kind, ...fields })),
  });
  return fc.array(
    fc.oneof(
      one('set', 5, fc.record({ id, wish })),
      one('ride on', 2, fc.record({ id, distance })),
      one('delete', 1, fc.record({ id })),
      one('tick', 6, fc.record({ later, price })),
      one('candle', 4, fc.record({ later, prices: fc.array(price, { minLength: 4, maxLength: 4 }) })),
    ),
    { maxLength: 80, size: 'max' },
  );
}

/** Plays a history on both; `judge` gets what the watch touched and what it had to. */
function play(steps: readonly Step[], judge: (found: readonly string[], due: readonly string[]) => void): void {
  const watch = new Watch();
  const reference = new Reference();
  let now = 0;
  const set = (id: string, wish: Wish): void => {
    watch.set(id, inDoubles(wish));
    reference.wishes.set(id, wish);
  };
  for (const step of steps) {
    switch (step.kind) {
      case 'set':
        set(step.id, { ...step.wish, from: now + step.wish.from });
        break;
      case 'ride on': {
        // As an engine does that changed something else: the trail goes on from the best that it was told.
        const best = watch.best(step.id);
        const wish = reference.wishes.get(step.id);
        if (best !== null && wish?.trail)
          set(step.id, { ...wish, trail: { ...wish.trail, distance: step.distance, best } });
        break;
      }
      case 'delete':
        watch.delete(step.id);
        reference.wishes.delete(step.id);
        break;
      case 'tick':
      case 'candle': {
        now += step.later;
        const price =
          step.kind === 'tick' ? { kind: step.kind, time: now, price: step.price } : candle(now, step.prices);
        const before = new Map(IDS.map((id) => [id, reference.wishes.get(id)?.trail?.best ?? null]));
        const found = watch.touched(price);
        judge(found, reference.touched(price));
        const late = found.filter((id) => !isSame(watch.bestBefore(id), before.get(id)!));
        if (late.length > 0) throw new Error(`not the best price before: of ${late.join(', ')}`);
        break;
      }
      default:
        throw new TypeError(`no step: ${JSON.stringify(step satisfies never)}`);
    }
    if (watch.size !== reference.wishes.size) throw new Error(`${watch.size} signals`);
    const wrong = IDS.filter((id) => !isSame(watch.best(id), reference.wishes.get(id)?.trail?.best ?? null));
    if (wrong.length > 0) throw new Error(`not the best price: of ${wrong.join(', ')}`);
  }
}

/** A price of one value may be spelt in several ways. */
function isSame(best: string | null, due: string | null): boolean {
  return best === due || (best !== null && due !== null && new Big(best).eq(due));
}

function candle(time: number, prices: readonly string[]): Price {
  const [low, , , high] = prices.toSorted((a, b) => new Big(a).cmp(b));
  return { kind: 'candle', time, interval: 60, open: prices[0]!, high: high!, low: low!, close: prices[3]! };
}

describe('a watch', () => {
  it('touches exactly what it must where doubles are exact', () => {
    const price = fc.oneof(
      fc.integer({ min: 1, max: 40 }).map((quarters) => String(quarters / 4)),
      // Some of the same numbers, spelt otherwise.
      fc.integer({ min: 1, max: 10 }).map((whole) => `${whole}.00`),
    );
    const distance = fc.integer({ min: -4, max: 24 }).map((quarters) => String(quarters / 4));
    const judge = (found: readonly string[], due: readonly string[]): void =>
      expect(found.toSorted()).toEqual(due.toSorted());
    fc.assert(
      fc.property(histories(price, distance), (steps) => play(steps, judge)),
      { numRuns: 400 },
    );
  });

  it('misses nothing where they are not, and touches each once', () => {
    const price = fc.oneof(
      fc.integer({ min: 1, max: 40 }).map((tenths) => new Big(tenths).div(10).toFixed()),
      // Apart by less than doubles are.
      fc.integer({ min: 0, max: 30 }).map((n) => `1.00000000000000${String(n).padStart(3, '0')}`),
      fc.integer({ min: 0, max: 30 }).map((n) => `65000.00000000000${String(n).padStart(3, '0')}`),
    );
    const distance = fc.oneof(
      fc.integer({ min: -4, max: 24 }).map((tenths) => new Big(tenths).div(10).toFixed()),
      price.map((text) => new Big(65_000).minus(text).abs().toFixed()),
    );
    const judge = (found: readonly string[], due: readonly string[]): void => {
      expect(found).toEqual([...new Set(found)]);
      expect(due.filter((id) => !found.includes(id))).toEqual([]);
    };
    fc.assert(
      fc.property(histories(price, distance), (steps) => play(steps, judge)),
      { numRuns: 400 },
    );
  });

  it('touches exactly what it must when many are open and many trails ride together', () => {
    let seed = 1;
    const draw = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const sometimes = <Value>(value: Value): Value | null => (draw(2) === 0 ? value : null);
    const watch = new Watch();
    const reference = new Reference();
    const forget = (id: string): void => {
      watch.delete(id);
      reference.wishes.delete(id);
    };
    let [level, most, touched] = [5_000, 0, 0];
    for (let time = 1; time <= 3_000; time += 1) {
      level = Math.max(1_000, level + draw(81) - 40);
      const wish: Wish = {
        below: sometimes(String(level - draw(2_000))),
        above: sometimes(String(level + draw(2_000))),
        until: sometimes(time + 500 + draw(2_000)),
        next: draw(50) === 0,
        trail: { sign: draw(2) === 0 ? 1 : -1, distance: String(300 + draw(900)), best: String(level) },
        from: time + draw(3) - 1,
      };
      const id = `id${draw(800)}`;
      watch.set(id, inDoubles(wish));
      reference.wishes.set(id, wish);
      if (draw(10) === 0) forget(`id${draw(800)}`);
      const price: Price = { kind: 'tick', time, price: String(level) };
      const found = watch.touched(price);
      expect(found.toSorted()).toEqual(reference.touched(price).toSorted());
      for (const hit of found) forget(hit);
      touched += found.length;
      most = Math.max(most, watch.size);
    }
    expect(watch.size).toBe(reference.wishes.size);
    expect(most).toBeGreaterThan(150);
    expect(touched).toBeGreaterThan(500);
  });
});
