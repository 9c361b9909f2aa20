import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SideBySide } from './side-by-side.ts';

describe('tasks side by side', () => {
  it('are never more than allowed, all done, and begun in the order in which they came', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 20 }),
        async (most, turns) => {
          const lane = new SideBySide(most);
          const begun: number[] = [];
          let running = 0;
          let highest = 0;
          const done = await Promise.allSettled(
            turns.map((length, index) =>
              lane.run(async () => {
                begun.push(index);
                running += 1;
                highest = Math.max(highest, running);
                for (let n = 0; n < length; n += 1) await turn();
                running -= 1;
                if (length === 4) throw new Error('failed');
              }),
            ),
          );
          expect(highest).toBe(Math.min(most, turns.length));
          expect(begun).toEqual(turns.map((_, index) => index));
          expect(done.map(({ status }) => status === 'rejected')).toEqual(turns.map((length) => length === 4));
        },
      ),
      { numRuns: 50 },
    );
  });
});
