import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHandle } from './handle.ts';
import { derivedEventId, newId } from './ids.ts';
import { NO_STREAM, OutcomeUnknown, StoreUnavailable } from './ports.ts';
import {
  account,
  type AccountCommand,
  type AccountEvent,
  accountStream,
  handledAccount,
  metadata,
} from './testing/account.ts';
import { rejection } from './testing/event-store-appends.ts';
import { type Faults, withFaults } from './testing/faulty-event-store.ts';
import { freshName } from './testing/sample-events.ts';
import { eventStores } from './testing/stores-under-test.ts';

describe.each(eventStores)('handle on %s', (_name, open) => {
  const store = open();

  /** A handler on the store with these faults, and an account with some balance, which it remembers. */
  async function opened(balance = 0, faults: Faults = {}) {
    const faulty = withFaults(store, faults);
    const handle = createHandle(handledAccount, faulty, { attempts: 3 });
    const name = freshName('h');
    await createHandle(handledAccount, store)({ type: 'open', account: name }, metadata());
    await handle({ type: 'deposit', account: name, amount: balance }, metadata());
    faulty.reads.length = 0;
    faulty.appends.length = 0;
    return { handle, faulty, name };
  }
  const types = async (name: string): Promise<string[]> =>
    (await store.readStream(accountStream(name))).map(({ type }) => type);
  const elsewhere = createHandle(handledAccount, store, { cacheSize: 0 });

  it('appends what was decided, under ids derived from the command, and answers where it stands', async () => {
    const handle = createHandle(handledAccount, store);
    const name = freshName('h');
    await handle({ type: 'open', account: name }, metadata());
    const meta = metadata();
    const command = { type: 'deposit-in-parts', account: name, parts: [1, 2, 3] } as const;
    const outcome = await handle(command, meta);
    const events = await store.readStream(accountStream(name), 1);
    expect(events.map(({ id, data }) => [id, data])).toEqual(
      [0, 1, 2].map((n) => [derivedEventId(meta.commandId, n), { amount: n + 1 }]),
    );
    expect(events[0]).toEqual(
      expect.objectContaining({ metadata: meta, channelId: 'channel-1', time: meta.receivedAt }),
    );
    expect(outcome).toEqual({
      done: true,
      command,
      metadata: meta,
      state: { status: 'open', balance: 6 },
      revision: 3,
      added: 3,
      position: events[2]!.position,
      repeated: false,
    });
  });

  it('gives an event the later of the time of its request and of the event before it', async () => {
    const { handle, name } = await opened();
    await handle({ type: 'deposit', account: name, amount: 1 }, metadata({ receivedAt: '2026-11-21T09:00:00.000Z' }));
    await handle({ type: 'deposit', account: name, amount: 2 }, metadata({ receivedAt: '2026-11-21T08:30:00.000Z' }));
    await elsewhere(
      { type: 'deposit', account: name, amount: 3 },
      metadata({ receivedAt: '2026-11-21T08:40:00.000Z' }),
    );
    await elsewhere(
      { type: 'deposit', account: name, amount: 4 },
      metadata({ receivedAt: '2026-11-21T09:30:00.000Z' }),
    );
    const times = (await store.readStream(accountStream(name), 2)).map(({ time }) => time.slice(11, 16));
    expect(times).toEqual(['09:00', '09:00', '09:00', '09:30']);
  });

  it('reads nothing for a new stream, nor for one it remembers', async () => {
    const faulty = withFaults(store);
    const handle = createHandle(handledAccount, faulty);
    const name = freshName('h');
    await handle({ type: 'open', account: name }, metadata());
    await handle({ type: 'deposit', account: name, amount: 1 }, metadata());
    expect(faulty.reads).toEqual([]);
    expect(await types(name)).toEqual(['Opened', 'Deposited']);
  });

  it('refuses, appending nothing', async () => {
    const { handle, faulty, name } = await opened(5);
    const outcome = await handle({ type: 'withdraw', account: name, amount: 6 }, metadata());
    expect(outcome).toEqual({ done: false, refusal: expect.objectContaining({ code: 'overdrawn' }) });
    expect(await handle({ type: 'open', account: name }, metadata())).toEqual({
      done: false,
      refusal: expect.objectContaining({ code: 'exists' }),
    });
    expect(faulty.appends.filter(([append]) => append!.expected !== NO_STREAM)).toEqual([]);
    expect(await types(name)).toEqual(['Opened', 'Deposited']);
  });

  it('after a conflict folds only what is new, and decides again on it', async () => {
    const { handle, faulty, name } = await opened(10);
    await elsewhere({ type: 'withdraw', account: name, amount: 4 }, metadata());
    const outcome = await handle({ type: 'withdraw', account: name, amount: 6 }, metadata());
    expect(outcome).toEqual(
      expect.objectContaining({ done: true, revision: 3, state: { status: 'open', balance: 0 } }),
    );
    expect(faulty.reads).toEqual([{ stream: accountStream(name), from: 2 }]);
    expect(faulty.appends.map(([append]) => append!.expected)).toEqual([1, 2]);

    await elsewhere({ type: 'close', account: name }, metadata());
    const refused = await handle({ type: 'deposit', account: name, amount: 1 }, metadata());
    expect(refused).toEqual({ done: false, refusal: expect.objectContaining({ code: 'closed' }) });
  });

  it('gives up after a few conflicts, having written nothing', async () => {
    let meddling = false;
    const { handle, faulty, name } = await opened(10, {
      before: async ([append]) => {
        if (meddling)
          await elsewhere({ type: 'deposit', account: append!.stream.slice('account-'.length), amount: 1 }, metadata());
      },
    });
    meddling = true;
    const meta = metadata();
    expect(await rejection(handle({ type: 'withdraw', account: name, amount: 1 }, meta))).toBeInstanceOf(
      StoreUnavailable,
    );
    expect(faulty.appends).toHaveLength(3);
    expect(await types(name)).toEqual(['Opened', 'Deposited', 'Deposited', 'Deposited', 'Deposited']);
  });

  it('says "no" and "nothing to do" only of the stream as it is, not as it is remembered', async () => {
    const { handle, name } = await opened(1);
    await elsewhere({ type: 'deposit', account: name, amount: 99 }, metadata());
    expect(await handle({ type: 'withdraw', account: name, amount: 50 }, metadata())).toEqual(
      expect.objectContaining({ done: true, revision: 3 }),
    );
    await handle({ type: 'close', account: name }, metadata());
    await elsewhere({ type: 'reopen', account: name }, metadata());
    expect(await handle({ type: 'close', account: name }, metadata())).toEqual(
      expect.objectContaining({ done: true, revision: 6 }),
    );
    expect((await types(name)).slice(-3)).toEqual(['Closed', 'Reopened', 'Closed']);
  });

  it('adds nothing where nothing needs to change', async () => {
    const { handle, name } = await opened(1);
    await handle({ type: 'close', account: name }, metadata());
    const again = await handle({ type: 'close', account: name }, metadata());
    expect(again).toEqual(expect.objectContaining({ done: true, position: null, revision: 2, repeated: false }));
    expect(await types(name)).toEqual(['Opened', 'Deposited', 'Closed']);
  });

  it('finds its events when the answer to the append was lost', async () => {
    let lost = true;
    const { handle, name } = await opened(10, {
      after: (_appends, nth) => {
        if (nth === 1 && !lost) throw new OutcomeUnknown('the line broke');
      },
    });
    lost = false;
    const outcome = await handle({ type: 'deposit-in-parts', account: name, parts: [1, 2] }, metadata());
    const events = await store.readStream(accountStream(name));
    expect(outcome).toEqual(
      expect.objectContaining({
        done: true,
        revision: 3,
        position: events[3]!.position,
        repeated: false,
        state: { status: 'open', balance: 13 },
      }),
    );
    expect(events).toHaveLength(4);
    expect((await handle({ type: 'withdraw', account: name, amount: 13 }, metadata())).done).toBe(true);
  });

  it('says that the outcome is unknown when its events are not to be found, and appends nothing a second time', async () => {
    let broken = false;
    const { handle, faulty, name } = await opened(10, {
      before: () => {
        if (broken) throw new OutcomeUnknown('the line broke');
      },
    });
    broken = true;
    const meta = metadata();
    expect(await rejection(handle({ type: 'withdraw', account: name, amount: 10 }, meta))).toBeInstanceOf(
      OutcomeUnknown,
    );
    expect(faulty.appends).toHaveLength(1);
    expect(await types(name)).toEqual(['Opened', 'Deposited']);
    broken = false;
    expect((await handle({ type: 'withdraw', account: name, amount: 10 }, meta)).done).toBe(true);
    expect(await types(name)).toEqual(['Opened', 'Deposited', 'Withdrawn']);
  });

  it('says that the outcome is unknown when it can not even look', async () => {
    let lost = false;
    const { handle, name } = await opened(10, {
      after: () => {
        if (lost) throw new OutcomeUnknown('the line broke');
      },
      read: () => {
        if (lost) throw new StoreUnavailable('still broken');
      },
    });
    lost = true;
    expect(await rejection(handle({ type: 'withdraw', account: name, amount: 10 }, metadata()))).toBeInstanceOf(
      OutcomeUnknown,
    );
    lost = false;
    // What it remembers of the stream is old, and does no harm: the money is gone.
    expect((await handle({ type: 'withdraw', account: name, amount: 10 }, metadata())).done).toBe(false);
  });

  it('lets a store that is away be known as that', async () => {
    let away = false;
    const { handle, name } = await opened(10, {
      before: () => {
        if (away) throw new StoreUnavailable('away', 7);
      },
    });
    away = true;
    expect(await rejection(handle({ type: 'withdraw', account: name, amount: 1 }, metadata()))).toEqual(
      expect.objectContaining({ name: 'StoreUnavailable', retryAfter: 7 }),
    );
    away = false;
    expect((await handle({ type: 'withdraw', account: name, amount: 10 }, metadata())).done).toBe(true);
  });

  it('takes no more commands at once than it was told to, and others again once those are through', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const handle = createHandle(handledAccount, withFaults(store, { before: () => gate }), { maxInFlight: 2 });
    const open = () => handle({ type: 'open', account: freshName('h') }, metadata());
    const waiting = [open(), open()];
    expect(await rejection(open())).toBeInstanceOf(StoreUnavailable);
    release();
    expect((await Promise.all(waiting)).map(({ done }) => done)).toEqual([true, true]);
    expect((await open()).done).toBe(true);
  });

  it('lets commands on one stream take turns, so that none meets a conflict', async () => {
    const { handle, faulty, name } = await opened();
    await Promise.all(
      Array.from({ length: 40 }, (_, n) => handle({ type: 'deposit', account: name, amount: n }, metadata())),
    );
    expect(faulty.appends).toHaveLength(40);
    expect(await types(name)).toHaveLength(42);
  });

  it('comes to the state that replaying the stream gives, whatever is asked of several handlers', async () => {
    const command = fc.oneof(
      fc.record({
        type: fc.constantFrom('deposit' as const, 'withdraw' as const),
        amount: fc.integer({ min: 1, max: 20 }),
      }),
      fc.record({
        type: fc.constant('deposit-in-parts' as const),
        parts: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
      }),
      fc.record({ type: fc.constantFrom('close' as const, 'reopen' as const, 'open' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(command, fc.nat(2)), { maxLength: 25 }), async (asked) => {
        const handles = [0, 1, 100].map((cacheSize) => createHandle(handledAccount, store, { cacheSize }));
        const name = freshName('h');
        let model = account.initial;
        for (const [one, n] of asked) {
          const given = { ...one, account: name } as AccountCommand;
          const decision = account.decide(given, model);
          const outcome = await handles[n]!(given, metadata({ commandId: newId(Date.now()) }));
          expect(outcome.done).toBe('events' in decision);
          if ('events' in decision)
            model = decision.events.reduce((state, event) => account.evolve(state, event), model);
          if (outcome.done) expect(outcome.state).toEqual(model);
        }
        const replayed = (await store.readStream(accountStream(name))) as unknown as AccountEvent[];
        expect(replayed.reduce((state, event) => account.evolve(state, event), account.initial)).toEqual(model);
      }),
      { numRuns: 40 },
    );
  }, 30_000);
});
