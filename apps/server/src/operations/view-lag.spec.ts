import { describe, expect, it } from '@jest/globals';
import { buildView, type EventStore, NO_STREAM, StoreUnavailable, type View, type ViewStore } from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { accountsView } from '../../../../libs/sourcing/src/testing/account.ts';
import { sampleEvent, sampleEvents } from '../../../../libs/sourcing/src/testing/sample-events.ts';
import { ViewLag } from './view-lag.ts';

const view = accountsView as unknown as View;
const other: View = { ...view, name: 'others', streamPrefix: 'other-' };

/** Asked for the first time: nothing is remembered. */
const lagOf = async (events: EventStore, views: ViewStore) =>
  Object.fromEntries(await new ViewLag([view, other], events, views).lags());

const CAUGHT_UP = { events: 0, more: false, seconds: 0 };
const UNKNOWN = { events: null, more: false, seconds: null };

const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

describe('the lag of a view', () => {
  it('is none on a log without events', async () => {
    expect(await lagOf(createMemoryEventStore(), createMemoryViewStore())).toEqual({
      accounts: CAUGHT_UP,
      others: CAUGHT_UP,
    });
  });

  it('counts the events of its own streams, from the checkpoint on, and the age of the oldest of them', async () => {
    const events = createMemoryEventStore();
    const views = createMemoryViewStore();
    const append = (stream: string, expected: number, minutes: number) =>
      events.append({ stream, expected, events: [{ ...sampleEvent(), type: 'Opened', time: minutesAgo(minutes) }] });
    await append('account-a', NO_STREAM, 60);
    await buildView(view, events, views);
    await append('directory', NO_STREAM, 50);
    expect((await lagOf(events, views))['accounts']).toEqual(CAUGHT_UP);
    await append('account-a', 0, 40);
    await append('other-a', NO_STREAM, 30);
    await append('account-b', NO_STREAM, 20);
    const { accounts, others } = await lagOf(events, views);
    expect(accounts).toEqual({ events: 2, more: false, seconds: expect.any(Number) });
    expect(Math.floor(accounts!.seconds! / 60)).toBe(40);
    // It was never built, so it lacks everything.
    expect(others).toEqual({ events: 1, more: false, seconds: expect.any(Number) });
    await buildView(view, events, views, { afresh: true });
    expect((await lagOf(events, views))['accounts']).toEqual(CAUGHT_UP);
  });

  it.each([
    ['of another event store', 'another', 2n],
    ['further than the head of the log', 'same', 500n],
  ])('is everything for a view that is %s', async (_told, id, checkpoint) => {
    const events = createMemoryEventStore();
    const views = createMemoryViewStore();
    await events.append({ stream: 'account-a', expected: NO_STREAM, events: sampleEvents(2) });
    const at = { view: view.name, version: '1.1' };
    await views.open(view, at.version, id === 'same' ? await events.id() : id);
    await views.save(at, [], checkpoint);
    await views.promote(at);
    expect((await lagOf(events, views))['accounts']).toMatchObject({ events: 2, more: false });
  });

  it('is counted up to a thousand', async () => {
    const events = createMemoryEventStore();
    const views = createMemoryViewStore();
    await events.append({ stream: 'account-a', expected: NO_STREAM, events: sampleEvents(1_000) });
    expect((await lagOf(events, views))['accounts']).toMatchObject({ events: 1_000, more: false });
    await events.append({ stream: 'account-a', expected: 999, events: sampleEvents(1) });
    expect((await lagOf(events, views))['accounts']).toMatchObject({ events: 1_000, more: true });
  });

  it('is unknown where a store is away or does not answer, and of that view only', async () => {
    const events = createMemoryEventStore();
    const views = createMemoryViewStore();
    const away = async (name: string) => {
      if (name === 'accounts') throw new StoreUnavailable('away');
      return views.live(name);
    };
    expect(await lagOf(events, { ...views, live: away })).toEqual({ accounts: UNKNOWN, others: CAUGHT_UP });
    const silent = (name: string) => (name === 'accounts' ? new Promise<never>(() => undefined) : views.live(name));
    expect(await lagOf(events, { ...views, live: silent })).toEqual({ accounts: UNKNOWN, others: CAUGHT_UP });
  });

  it('costs the stores one question, however many ask at once', async () => {
    const events = createMemoryEventStore();
    const views = createMemoryViewStore();
    let asked = 0;
    const counting: ViewStore = {
      ...views,
      live: async (name) => {
        asked += 1;
        return views.live(name);
      },
    };
    const lag = new ViewLag([view], events, counting);
    await Promise.all(Array.from({ length: 100 }, () => lag.lags()));
    expect(asked).toBe(1);
  });
});

it('parked streams are counted for the live version', async () => {
  const events = createMemoryEventStore();
  const views = createMemoryViewStore();
  await events.append({ stream: 'account-a', expected: NO_STREAM, events: [sampleEvent()] });
  await buildView(view, events, views);
  const at = { view: view.name, version: (await views.live(view.name))!.version };
  for (const stream of ['account-x', 'account-y']) await views.park(at, { stream, position: 1n, reason: 'broken' });
  const before = (await new ViewLag([view], events, views).parked()).get(view.name)!;
  await views.unpark(at, 'account-x');
  expect((await new ViewLag([view], events, views).parked()).get(view.name)).toBe(before - 1);
  expect(Object.fromEntries(await new ViewLag([other], events, views).parked())).toEqual({ others: 0 });
});
