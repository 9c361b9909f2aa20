/** Random commands, near enough to each other that many are accepted and many are not. */
import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { ProviderCommand } from '../commands.ts';
import type { TrailingPair } from '../events.ts';
import { cancel, create, dca, rebuy, takeProfit, trailingStop, update } from './commands.ts';

/** Prices from `low` to `high` thousand in steps of a quarter, spelt in several ways. */
function prices(low: number, high: number): Arbitrary<string> {
  return fc
    .tuple(fc.integer({ min: low * 4, max: high * 4 }), fc.constantFrom('', '.0', '.00'))
    .map(([quarters, zeros]) => `${quarters * 250}${zeros}`);
}

const anyPrice = prices(85, 115);

/** What is left out is absent, never undefined. */
function some<Model extends object>(model: { [Key in keyof Model]: Arbitrary<Model[Key]> }): Arbitrary<Partial<Model>> {
  return fc.record(model, { requiredKeys: [], noNullPrototype: true }) as Arbitrary<Partial<Model>>;
}

const pairs: Arbitrary<TrailingPair> = fc
  .tuple(prices(85, 112), fc.integer({ min: -1, max: 8 }))
  .map(([trigger, below]) => ({ trigger, limit: String(Number(trigger) - below * 250) }));

const maybePairs = fc.oneof(
  { weight: 6, arbitrary: pairs },
  some<TrailingPair>({ trigger: anyPrice, limit: anyPrice }),
);

const shares = fc.constantFrom('0.5', '1', '10', '12.5', '25', '33.3', '50', '99.99', '100', '101');

/** A long with its entry near 100000; now and then with nonsense in it. */
const creations: Arbitrary<ProviderCommand> = fc
  .record({
    entry: fc.oneof(
      { weight: 8, arbitrary: fc.tuple(prices(97, 100), prices(100, 102)).map(([min, max]) => ({ min, max })) },
      { weight: 2, arbitrary: prices(98, 102).map((max) => ({ max })) },
      { weight: 1, arbitrary: fc.constant(null) },
      {
        weight: 1,
        arbitrary: some<{ min: string; mid: string; max: string }>({ min: anyPrice, mid: anyPrice, max: anyPrice }),
      },
    ),
    targets: fc.oneof(
      {
        weight: 8,
        arbitrary: fc.subarray(['103000', '104000', '106000', '108000', '110000', '112500', '115000'], {
          maxLength: 6,
        }),
      },
      fc.array(anyPrice, { maxLength: 7 }),
    ),
    stop: fc.oneof({ weight: 8, arbitrary: prices(88, 96) }, fc.constant(null), anyPrice),
    size: fc.constantFrom(null, { kind: 'percent', value: '10' } as const, { kind: 'usd', value: '250.50' } as const),
  })
  .map((named) => create(named));

const calls: Arbitrary<ProviderCommand> = fc.oneof(
  some<{ price: string; trailing: Partial<TrailingPair> }>({ price: prices(99, 115), trailing: maybePairs }).chain(
    (named) =>
      fc
        .record({ orderType: fc.constantFrom('limit', 'market'), share: shares })
        .map((required) => takeProfit({ ...required, ...named })),
  ),
  fc
    .tuple(pairs, fc.option(anyPrice))
    .map(([{ trigger, limit }, reference]) => trailingStop(trigger, limit, { reference })),
  some<{ invest: string; trailing: Partial<TrailingPair> }>({ invest: shares, trailing: maybePairs }).chain((named) =>
    fc.tuple(anyPrice, anyPrice).map(([min, max]) => rebuy({ min, max, ...named })),
  ),
  fc
    .tuple(prices(85, 101), fc.constantFrom('0', '0.5', '1', '1.5', '2.25'))
    .map(([price, multiplier]) => dca(price, multiplier)),
  updates(),
);

function updates(): Arbitrary<ProviderCommand> {
  const targets = fc.dictionary(fc.constantFrom('1', '2', '3', '4', '5', '6', '7'), prices(101, 118), {
    maxKeys: 3,
    noNullPrototype: true,
  });
  return some<{ entryMin: string; entryMax: string; targets: Record<string, string>; stop: string }>({
    entryMin: prices(96, 101),
    entryMax: prices(99, 104),
    targets,
    stop: prices(88, 112),
  }).map((named) => update(named));
}

/** A signal's life: its creation, calls on it, and at times a cancel in between. */
export const lives: Arbitrary<readonly ProviderCommand[]> = fc
  .tuple(
    creations,
    fc.array(fc.oneof({ weight: 30, arbitrary: calls }, { weight: 1, arbitrary: fc.constant(cancel()) }), {
      maxLength: 25,
      size: 'max',
    }),
  )
  .map(([creation, later]) => [creation, ...later]);
