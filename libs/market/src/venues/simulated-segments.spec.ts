import { describe, expect, it } from '@jest/globals';
import { begunAt, knownWall, openWall, positionBy, resumedAt, type Simulation } from './simulated-segments.ts';

/** Begun at 1,000 at speed 2, told up to position 99, and resumed at 5,000 at speed 1. */
const stopped: Simulation = { ...begunAt(1_000, 2), upTo: 99 };
const resumed = resumedAt(stopped, 5_000, 1);

describe('the times of a simulation', () => {
  it('follow the speed, and stand still while it is stopped', () => {
    const { segments } = resumed;
    expect([0, 1, 98].map((position) => knownWall(segments, position))).toEqual([1_000, 1_001, 1_049]);
    expect([100, 150].map((position) => knownWall(segments, position))).toEqual([5_001, 5_051]);
  });

  it('tell what is known where a segment ends with it, and what begins there with the next', () => {
    expect(knownWall(resumed.segments, 99)).toBe(1_050);
    expect(openWall(resumed.segments, 99)).toBe(5_000);
    expect(openWall(resumed.segments, 98)).toBe(1_049);
  });

  it('are not known before the first segment kept, nor where time stands still', () => {
    expect([knownWall(resumed.segments, -1), openWall(resumed.segments, -2)]).toEqual([-Infinity, -Infinity]);
    const still = resumedAt(stopped, 5_000, 0).segments;
    expect([knownWall(still, 99), knownWall(still, 100)]).toEqual([1_050, Infinity]);
    expect(positionBy(still, 9_000_000)).toBe(99);
  });

  it('go on as if nothing had been where they had not ended', () => {
    expect(resumedAt(stopped, 1_050, 2)).toBe(stopped);
    expect(resumedAt(stopped, 1_051, 2).segments).toHaveLength(2);
  });

  it('begin at another speed only where the last ended', () => {
    expect(resumedAt(stopped, 1_010, 4).segments.at(-1)).toEqual({ fileTime: 99, wallTime: 1_050, speed: 4 });
  });

  it('forget a segment that told nothing', () => {
    const again = resumedAt(resumed, 7_000, 1);
    expect(again.segments).toEqual([stopped.segments[0], { fileTime: 99, wallTime: 7_000, speed: 1 }]);
  });

  it('reach to a position that nothing told by then lies behind', () => {
    for (let moment = 4_990; moment < 5_050; moment++) {
      const reached = positionBy(resumed.segments, moment);
      expect(knownWall(resumed.segments, reached + 1)).toBeGreaterThan(moment);
    }
  });
});
