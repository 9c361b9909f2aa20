import { describe, expect, it } from '@jest/globals';
import {
  type Append,
  type Handle,
  NO_STREAM,
  OutcomeUnknown,
  RevisionConflict,
  StoreUnavailable,
} from '#libs/sourcing';
import { createMemoryEventStore } from '#libs/stores';
import { withFaults } from '../../../../libs/sourcing/src/testing/faulty-event-store.ts';
import { sampleEvents } from '../../../../libs/sourcing/src/testing/sample-events.ts';
import type { Buckets } from './buckets.ts';
import { AppendMeter, measuredEventStore } from './measured-event-store.ts';
import { CommandMeter, measuredHandle } from './measured-handle.ts';

const append = (stream: string, events: number, expected = NO_STREAM): Append => ({
  stream,
  expected,
  events: sampleEvents(events),
});

/** Count and sum of a histogram. */
const totals = (buckets: Buckets): readonly (number | undefined)[] =>
  ['_sum', '_count'].map((part) => buckets.samples('x').find(({ metricName }) => metricName === `x${part}`)?.value);

describe('a measured event store', () => {
  it('counts each append once, with all its events, and what went wrong by its kind', async () => {
    const faults: unknown[] = [];
    const meter = new AppendMeter();
    const store = measuredEventStore(
      withFaults(createMemoryEventStore(), {
        before: () => {
          const fault = faults.pop();
          if (fault !== undefined) throw fault;
        },
      }),
      meter,
    );
    await store.append(append('a', 3));
    await store.appendAll!([append('b', 2), append('c', 1)]);
    await expect(store.append(append('a', 1))).rejects.toThrow(RevisionConflict);
    await expect(store.appendAll!([append('d', 1), append('c', 1)])).rejects.toThrow(RevisionConflict);
    for (const fault of [new OutcomeUnknown('?'), new StoreUnavailable('away'), new TypeError('a bug')]) {
      faults.push(fault);
      await expect(store.append(append('e', 1))).rejects.toBe(fault);
    }
    expect(totals(meter.events)).toEqual([12, 7]);
    expect(totals(meter.seconds)).toEqual([expect.any(Number), 7]);
    expect(meter).toMatchObject({ conflicts: 2, unknown: 1, unavailable: 1, failed: 1 });
    expect(await store.readStream('a')).toHaveLength(3);
    expect(await store.readStream('d')).toHaveLength(0);
  });

  it('tells how many appends the store has not answered', async () => {
    const meter = new AppendMeter();
    const slow = Promise.withResolvers<void>();
    const store = measuredEventStore(withFaults(createMemoryEventStore(), { before: () => slow.promise }), meter);
    const appends = [store.append(append('a', 1)), store.append(append('a', 2)), store.append(append('b', 1))];
    expect(meter.inFlight).toBe(3);
    slow.resolve();
    expect((await Promise.allSettled(appends)).map(({ status }) => status)).toContain('rejected');
    expect(meter.inFlight).toBe(0);
  });

  it('counts the commits of a store that tells them, and of no other', async () => {
    let commit: (events: number) => void = () => undefined;
    const meter = new AppendMeter();
    measuredEventStore(createMemoryEventStore(), meter);
    expect(meter.commits).toBeNull();
    measuredEventStore({ ...createMemoryEventStore(), onCommit: (tell) => void (commit = tell) }, meter);
    for (const events of [1, 30, 300]) commit(events);
    expect(totals(meter.commits!)).toEqual([331, 3]);
  });

  it('has no appendAll where the store has none', () => {
    const { appendAll: _, ...store } = createMemoryEventStore();
    expect(measuredEventStore(store, new AppendMeter()).appendAll).toBeUndefined();
  });
});

describe('a measured handle', () => {
  it('counts commands while they are on their way, and then by what became of them', async () => {
    const ends: ((end: () => unknown) => void)[] = [];
    const asking = async (): Promise<unknown> => {
      const end = await new Promise<() => unknown>((resolve) => ends.push(resolve));
      return end();
    };
    const handle = Object.assign(asking, { repeat: async () => null }) as unknown as Handle<null, null>;
    const meter = new CommandMeter();
    const measured = measuredHandle(handle, meter);
    const outcomes = [
      () => ({ done: true, repeated: false }),
      () => ({ done: true, repeated: false }),
      () => ({ done: true, repeated: true }),
      () => ({ done: false }),
      () => {
        throw new StoreUnavailable('away');
      },
      () => {
        throw new OutcomeUnknown('?');
      },
      () => {
        throw new TypeError('a bug');
      },
    ];
    const asked = outcomes.map(() => measured(null, {} as never));
    expect(meter.inFlight).toBe(outcomes.length);
    outcomes.forEach((outcome, at) => ends[at]!(outcome));
    await Promise.allSettled(asked);
    expect(meter).toEqual({
      inFlight: 0,
      done: 2,
      repeated: 1,
      refused: 1,
      unavailable: 1,
      unknown: 1,
      failed: 1,
    });
    expect(await measured.repeat({} as never)).toBeNull();
  });
});
