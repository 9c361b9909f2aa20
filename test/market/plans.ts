/** Many signals near the prices of their time, drawn from a seed. */
import Big from 'big.js';
import type { CreateSignal, ProviderCommand } from '#libs/signal';
import { create, dca, takeProfit, trailingStop, update } from '../../libs/signal/src/testing/commands.ts';
import type { Plan, Stretch } from './lockstep.ts';

export interface Drawing {
  readonly count: number;
  readonly seed: number;
  /** Digits behind the dot that the market quotes: so that prices meet levels exactly. */
  readonly places: number;
  /** In thousandths of the price: how far apart levels lie at most. */
  readonly spread: number;
}

export function plansFor(stretches: readonly Stretch[], { count, seed, places, spread }: Drawing): readonly Plan[] {
  let state = seed;
  const draw = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
  // Where nothing was traded a candle has a price and the trades have none.
  const traded = stretches.flatMap(({ fine }, at) => (fine.length > 0 && at > 0 ? [at] : []));
  return Array.from({ length: count }, (): Plan => {
    const from = traded[draw(traded.length - 1)]!;
    const later = traded.filter((at) => at > from && at < from + 60);
    const sign = draw(2) === 0 ? 1 : -1;
    const last = stretches[from - 1]!.coarse.close;
    /** A price so many millionths of the last one to the profit side of another. */
    const beside = (price: string, millionths: number): string =>
      new Big(price).plus(new Big(last).times(millionths * sign).div(1_000_000)).toFixed(places);
    const step = (): number => 500 + draw(spread * 1_000);
    const entry = beside(last, 500 - draw(spread * 700));
    const first = beside(entry, step());
    const targets = draw(2) === 0 ? [first] : [first, beside(first, step())];
    const stop = beside(entry, -step());
    const creation = create({
      now: '2018-01-01T00:00:00.000Z',
      direction: sign > 0 ? 'long' : 'short',
      entry: { min: entry, max: entry },
      targets,
      stop,
      ...(draw(3) === 0 && {
        expiresAt: stretches[Math.min(from + 1 + draw(100), stretches.length - 1)]!.coarse.opens,
      }),
    } satisfies Partial<Omit<CreateSignal, 'type'>>);
    const calls: Plan['calls'][number][] = [{ at: from, command: () => creation }];
    const call = (command: (price: string) => ProviderCommand): void => {
      const at = later[draw(Math.max(later.length, 1))];
      if (at !== undefined) calls.push({ at, command });
    };
    const [far, near] = [step(), step()];
    if (draw(3) === 0) {
      call((price) => {
        const trigger = beside(price, -near);
        return trailingStop(trigger, trigger, { reference: price });
      });
    }
    if (draw(4) === 0) call(() => dca(beside(entry, -far), '1'));
    if (draw(5) === 0) call((price) => update({ stop: beside(price, -far) }));
    if (draw(5) === 0) {
      const pair = { trigger: beside(entry, -far), limit: beside(entry, -far) };
      call(() => takeProfit({ orderType: 'limit', price: beside(entry, near), share: '40', trailing: pair }));
    }
    return { from, most: 500, calls };
  });
}
