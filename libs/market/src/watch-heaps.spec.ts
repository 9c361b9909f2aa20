import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SlotHeap } from './watch-heap.ts';
import { Trees } from './watch-trees.ts';

const SLOTS = 40;
const slot = fc.integer({ min: 1, max: SLOTS });
const key = fc.integer({ min: -9, max: 9 });

const upTo = (keys: ReadonlyMap<number, number>, limit: number): number[] =>
  [...keys.keys()].filter((one) => keys.get(one)! <= limit).toSorted((a, b) => a - b);

describe('a heap of slots', () => {
  it('agrees with a map', () => {
    const step = fc.tuple(fc.constantFrom('put', 'put', 'delete'), slot, key);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const heap = new SlotHeap();
        const truth = new Map<number, number>();
        for (const [what, one, value] of steps) {
          if (what === 'put') {
            heap.put(one, value);
            truth.set(one, value);
          } else {
            heap.delete(one);
            truth.delete(one);
          }
          const found: number[] = [];
          heap.collect(value, found);
          expect(found.toSorted((a, b) => a - b)).toEqual(upTo(truth, value));
          expect(heap.lowest).toBe(Math.min(Infinity, ...truth.values()));
          expect(truth.get(heap.first) ?? Infinity).toBe(heap.lowest);
          for (let at = 1; at <= SLOTS; at += 1)
            if ((heap.has(at) ? heap.key(at) : undefined) !== truth.get(at)) throw new Error(`slot ${at} is wrong`);
        }
      }),
    );
  });
});

describe('trees', () => {
  it('agree with maps, whatever is planted, melded and deleted', () => {
    const step = fc.tuple(fc.constantFrom('plant', 'plant', 'meld', 'delete'), slot, key, fc.nat(2), fc.nat(2));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const trees = new Trees();
        const roots = [0, 0, 0];
        const truths = roots.map(() => new Map<number, number>());
        for (const [what, one, value, here, there] of steps) {
          const holder = truths.findIndex((truth) => truth.has(one));
          if (what === 'plant' && holder === -1) {
            trees.plant(one, value);
            roots[here] = trees.meld(roots[here]!, one);
            truths[here]!.set(one, value);
          } else if (what === 'delete' && holder !== -1) {
            roots[holder] = trees.delete(roots[holder]!, one);
            truths[holder]!.delete(one);
          } else if (what === 'meld' && here !== there) {
            roots[here] = trees.meld(roots[here]!, roots[there]!);
            roots[there] = 0;
            for (const [at, is] of truths[there]!) truths[here]!.set(at, is);
            truths[there]!.clear();
          }
          roots.forEach((root, at) => {
            for (const limit of [value, Infinity]) {
              const found: number[] = [];
              trees.collect(root, limit, found);
              expect(found.toSorted((a, b) => a - b)).toEqual(upTo(truths[at]!, limit));
            }
            if (root !== 0) expect(trees.key(root)).toBe(Math.min(...truths[at]!.values()));
          });
        }
      }),
    );
  });

  it('meld and lose slots of a hundred thousand without going deep', () => {
    const trees = new Trees();
    const count = 100_000;
    let root = 0;
    for (let at = 1; at <= count; at += 1) {
      // Every other one becomes the root, with all the rest on one side.
      trees.plant(at, at % 2 === 0 ? at : -at);
      root = trees.meld(root, at);
    }
    for (let at = count; at > 1; at -= 1) root = trees.delete(root, at);
    const found: number[] = [];
    trees.collect(root, Infinity, found);
    expect(found).toEqual([1]);
  });
});
