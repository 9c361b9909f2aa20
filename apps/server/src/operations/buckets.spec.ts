import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { Buckets } from './buckets.ts';
import { addSeries } from './series.ts';

const NAME = 'waited_seconds';
const HELP = 'How long';

it('tells what a histogram of prom-client tells of the same observations', async () => {
  const bounds = fc.uniqueArray(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 8 });
  const observed = fc.array(fc.oneof(fc.integer({ min: 0, max: 60 }), fc.double({ min: 0, max: 60, noNaN: true })));
  await fc.assert(
    fc.asyncProperty(bounds, observed, async (unordered, values) => {
      const buckets = unordered.toSorted((left, right) => left - right);
      const theirs = new Registry();
      const histogram = new Histogram({ name: NAME, help: HELP, buckets, labelNames: ['kind'], registers: [theirs] });
      histogram.zero({ kind: 'a"b' });
      const ours = new Registry();
      const counted = new Buckets(buckets);
      addSeries(ours, {
        name: NAME,
        help: HELP,
        type: 'histogram',
        read: () => counted.samples(NAME, { kind: 'a"b' }),
      });
      for (const value of values) {
        histogram.observe({ kind: 'a"b' }, value);
        counted.observe(value);
      }
      expect(await ours.metrics()).toBe(await theirs.metrics());
    }),
  );
});
