/** What holds for any history of commands, whatever they were. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compare, sum } from './decimal.ts';
import { onLosingSide, onProfitSide, profitBound } from './direction.ts';
import type { SignalEvent, TrailingStopAdded } from './events.ts';
import { signalDecider, upcast } from './index.ts';
import type { ExistingSignal } from './state.ts';
import { lives } from './testing/arbitrary.ts';
import { fold, run } from './testing/history.ts';
import { essence, mirrorCommand, mirrorDecision, mirrorEvent } from './testing/mirror.ts';

const { decide } = signalDecider;

/** A life on the long or on the short. */
const bothLives = fc.tuple(lives, fc.boolean()).map(([life, mirrored]) => (mirrored ? life.map(mirrorCommand) : life));

/** The state after each event, with that event. */
function steps(
  events: readonly SignalEvent[],
): readonly { readonly event: SignalEvent; readonly state: ExistingSignal }[] {
  return events.map((event, at) => ({ event, state: fold(events.slice(0, at + 1)) as ExistingSignal }));
}

describe('any history', () => {
  it('mostly is one: the commands are accepted and refused often enough to mean something', () => {
    const runs = fc.sample(lives, { numRuns: 300, seed: 1 }).map(run);
    const types = new Set(runs.flatMap(({ events }) => events.map((event) => event.type)));
    expect(types.size).toBe(7);
    expect(runs.filter(({ events }) => events.length > 4).length).toBeGreaterThan(100);
  });

  it('folds to the state that was threaded while it happened', () => {
    fc.assert(
      fc.property(bothLives, (life) => {
        const { events, state } = run(life);
        expect(fold(events)).toEqual(state);
      }),
    );
  });

  it('survives JSON and upcast', () => {
    fc.assert(
      fc.property(bothLives, (life) => {
        const { events, state } = run(life);
        const stored = JSON.parse(JSON.stringify(events)) as readonly SignalEvent[];
        expect(stored).toStrictEqual(events);
        expect(fold(stored.map((event) => upcast(event.type, 1, event.data)))).toEqual(state);
      }),
    );
  });

  it('is the mirror of the mirrored one, command by command', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const long: SignalEvent[] = [];
        for (const command of life) {
          const decision = decide(command, fold(long));
          const mirrored = decide(mirrorCommand(command), fold(long.map(mirrorEvent)));
          expect(essence(mirrored)).toEqual(essence(mirrorDecision(plain(decision))));
          if ('events' in decision) long.push(...decision.events.map(plain));
        }
      }),
    );
  });

  it('never promises more than the whole position', () => {
    fc.assert(
      fc.property(bothLives, (life) => {
        const { events } = run(life);
        const shares = events.flatMap((event) => (event.type === 'TakeProfitAdded' ? [event.data.share] : []));
        expect(compare(sum(...shares), '100')).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('keeps targets in order, on the profit side, with stop and trailing stop before the next one', () => {
    fc.assert(
      fc.property(bothLives, (life) => {
        for (const { state } of steps(run(life).events)) {
          const { sign, entry, targets, stop, trailing } = state;
          expect(targets.length).toBeLessThanOrEqual(6);
          const bound = profitBound(sign, entry);
          targets.forEach((target, at) => {
            const before = at === 0 ? bound : targets[at - 1]!;
            if (before !== null) expect(onProfitSide(sign, target, before)).toBe(true);
          });
          const next = targets[0];
          if (next !== undefined && stop !== null) expect(onLosingSide(sign, stop, next)).toBe(true);
          if (next !== undefined && trailing !== null) expect(onLosingSide(sign, trailing.trigger, next)).toBe(true);
        }
      }),
    );
  });

  it('only ever tightens its trailing stop', () => {
    fc.assert(
      fc.property(bothLives, (life) => {
        const { events, state } = run(life);
        const triggers = events.flatMap((event) =>
          event.type === 'TrailingStopAdded' ? [(event as TrailingStopAdded).data.trigger] : [],
        );
        triggers.forEach((trigger, at) => {
          if (at > 0) expect(onLosingSide((state as ExistingSignal).sign, trigger, triggers[at - 1]!)).toBe(false);
        });
      }),
    );
  });

  it('ends with its cancel', () => {
    fc.assert(
      fc.property(bothLives, (life) => {
        const types = run(life).events.map((event) => event.type);
        const cancelled = types.indexOf('Cancelled');
        if (cancelled !== -1) expect(cancelled).toBe(types.length - 1);
      }),
    );
  });
});

describe('a command sent twice', () => {
  it.each(['UpdatePrices', 'CancelSignal', 'AddTrailingStop', 'CreateSignal'])('%s adds nothing more', (type) => {
    fc.assert(
      fc.property(bothLives, (life) => {
        const once = run(life).events;
        const twice = run(life.flatMap((command) => (command.type === type ? [command, command] : [command]))).events;
        expect(twice).toEqual(once);
      }),
    );
  });
});

describe('a stranger', () => {
  it('changes nothing and learns nothing', () => {
    fc.assert(
      fc.property(bothLives, (life) => {
        const { state } = run(life);
        const nothing = signalDecider.initial;
        for (const command of life.slice(1)) {
          expect(decide({ ...command, channelId: 'channel-2' }, state)).toEqual(decide(command, nothing));
          expect(decide({ ...command, dialect: 'traderz' }, state)).toEqual(decide(command, nothing));
        }
      }),
    );
  });
});

/** Mirrored prices are written without trailing zeros; here those of the original are, too. */
function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value).replace(/"(\d+)\.0+"/g, '"$1"')) as Value;
}
