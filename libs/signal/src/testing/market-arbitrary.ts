/** Random signals, calls and prices on a small grid, so that prices often meet levels exactly. */
import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { CreateSignal, ProviderCommand } from '../commands.ts';
import type { Entry } from '../events.ts';
import { cancel, create, dca, rebuy, takeProfit, trailingStop, update } from './commands.ts';
import type { Happening } from './follow.ts';
import { candle, minute, tick } from './prices.ts';

/** From `low` to `high` thousand, whole thousands. */
function grid(low: number, high: number): Arbitrary<string> {
  return fc.integer({ min: low, max: high }).map((thousands) => `${thousands}000`);
}

export interface Kinds {
  /** DCAs, rebuys and entries in parts: what makes a position of several prices. */
  readonly several: boolean;
}

const single: Arbitrary<Entry | null> = fc.oneof(
  { weight: 6, arbitrary: grid(95, 101).map((max) => ({ min: max, max })) },
  { weight: 3, arbitrary: fc.tuple(grid(97, 99), grid(99, 101)).map(([min, max]) => ({ min, max })) },
  { weight: 1, arbitrary: fc.constant(null) },
);

const parts: Arbitrary<Entry> = fc.constantFrom(
  { min: '97000', max: '100000', split: { min: '50', max: '50' } },
  { min: '97000', mid: '99000', max: '100000', split: { min: '20', mid: '30', max: '50' } },
  { min: '96000', mid: '99000', max: '101000', split: { mid: '40', max: '60' } },
);

function creations({ several }: Kinds): Arbitrary<CreateSignal> {
  return fc
    .record({
      entry: several ? fc.oneof({ weight: 2, arbitrary: single }, { weight: 1, arbitrary: parts }) : single,
      targets: fc.subarray(['102000', '104000', '105000', '107000', '109000'], { maxLength: 4 }),
      stop: fc.option(grid(92, 94)),
      expires: fc.option(
        fc.integer({ min: 1, max: 12 }).map((halves) => ({ expiresAt: minute(halves / 2) })),
        { freq: 2, nil: {} },
      ),
    })
    .map(({ expires, ...named }) => create({ ...named, ...expires }));
}

const pairs = fc
  .tuple(grid(94, 106), fc.integer({ min: 0, max: 2 }))
  .map(([trigger, below]) => ({ trigger, limit: String(Number(trigger) - below * 1000) }));

const takeProfits: Arbitrary<ProviderCommand> = fc.oneof(
  fc
    .tuple(grid(101, 108), fc.constantFrom('10', '33.3', '50', '100'), pairs)
    .map(([price, share, trailing]) => takeProfit({ orderType: 'limit', price, share, trailing })),
  fc
    .tuple(fc.constantFrom('25', '50', '100'), pairs)
    .map(([share, trailing]) => takeProfit({ orderType: 'market', share, trailing, tracked: true })),
);

const updates: Arbitrary<ProviderCommand> = fc.oneof(
  fc.oneof(grid(93, 106), fc.constantFrom('99000', '100000', '101000')).map((stop) => update({ stop })),
  fc
    .dictionary(fc.constantFrom('1', '2', '3', '4'), grid(101, 110), {
      minKeys: 1,
      maxKeys: 2,
      noNullPrototype: true,
    })
    .map((targets) => update({ targets })),
  // Never the same price for two parts.
  fc
    .tuple(grid(95, 97), fc.constantFrom('98000', '100000', '101000'))
    .map(([entryMin, entryMax]) => update({ entryMin, entryMax })),
);

function calls({ several }: Kinds): Arbitrary<ProviderCommand> {
  const adds: Arbitrary<ProviderCommand> = fc.oneof(
    fc.tuple(grid(93, 98), fc.constantFrom('0.5', '1', '2')).map(([price, multiplier]) => dca(price, multiplier)),
    fc
      .tuple(grid(93, 104), fc.option(pairs, { nil: undefined }))
      .map(([max, trailing]) => rebuy({ min: max, max, ...(trailing !== undefined && { trailing }) })),
  );
  return fc.oneof(
    { weight: 3, arbitrary: takeProfits },
    { weight: 3, arbitrary: pairs.map(({ trigger, limit }) => trailingStop(trigger, limit)) },
    { weight: 3, arbitrary: updates },
    { weight: several ? 4 : 0, arbitrary: adds },
    { weight: 1, arbitrary: fc.constant(cancel()) },
  );
}

type Shape = { readonly price: string } | { readonly prices: readonly [string, string, string, string] };

/** Near the entry at first as well as later, now and then far away. */
const anyPrice = fc.oneof({ weight: 5, arbitrary: grid(96, 106) }, { weight: 1, arbitrary: grid(91, 111) });

const shapes: Arbitrary<Shape> = fc.oneof(
  anyPrice.map((price) => ({ price })),
  fc.tuple(anyPrice, anyPrice, anyPrice, anyPrice).map((prices) => ({ prices })),
);

/** A signal, calls on it, and prices; a call knows the last price before it. */
export function marketLives(kinds: Kinds): Arbitrary<readonly Happening[]> {
  const happenings = fc.array(
    fc.oneof(
      { weight: 5, arbitrary: shapes.map((shape) => ({ shape })) },
      { weight: 2, arbitrary: calls(kinds).map((call) => ({ call })) },
    ),
    { maxLength: 22, size: 'max' },
  );
  return fc.tuple(creations(kinds), happenings).map(([creation, later]) => {
    const life: Happening[] = [creation];
    let [at, last]: [number, string | null] = [0, null];
    for (const one of later) {
      if ('call' in one) {
        life.push(withReference(one.call, last));
        continue;
      }
      const point = 'price' in one.shape ? tick(at, one.shape.price) : candleOf(at, one.shape.prices);
      last = point.kind === 'tick' ? point.price : point.close;
      life.push(point);
      at += 1;
    }
    return life;
  });
}

function candleOf(at: number, prices: readonly [string, string, string, string]) {
  const sorted = prices.toSorted((one, other) => Number(one) - Number(other));
  return candle(at, prices[0], sorted[3]!, sorted[0]!, prices[3]);
}

function withReference(call: ProviderCommand, last: string | null): ProviderCommand {
  if (call.type === 'AddTrailingStop') return { ...call, reference: last };
  if (call.type === 'AddTakeProfit' && last !== null) return { ...call, reference: last };
  return call;
}
