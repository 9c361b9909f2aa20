import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RecordedEvent } from './events.ts';
import { createHandle, KEY_REUSED } from './handle.ts';
import { NO_STREAM, OutcomeUnknown } from './ports.ts';
import { reservationStream } from './reservation.ts';
import { type AccountCommand, accountStream, handledAccount, keyFor, metadata } from './testing/account.ts';
import { rejection } from './testing/event-store-appends.ts';
import { type Faults, withFaults } from './testing/faulty-event-store.ts';
import { freshName } from './testing/sample-events.ts';
import { eventStores } from './testing/stores-under-test.ts';

/** The first answer as a repeat gives it. */
const again = <First extends object>(first: First) => ({ ...first, repeated: true, otherBody: false });

const KEY_REFUSED = { done: false, refusal: KEY_REUSED };

describe.each(eventStores)('idempotency keys on %s', (_name, open) => {
  const store = open();
  const handle = createHandle(handledAccount, store);
  const process = (faults: Faults = {}) => createHandle(handledAccount, withFaults(store, faults));

  async function opened(balance = 0): Promise<string> {
    const name = freshName('i');
    await handle({ type: 'open', account: name }, metadata());
    await handle({ type: 'deposit', account: name, amount: balance }, metadata());
    return name;
  }
  const events = (name: string): Promise<readonly RecordedEvent[]> => store.readStream(accountStream(name));
  const types = async (name: string): Promise<string[]> => (await events(name)).slice(2).map(({ type }) => type);
  /** Sends a command as a client would: the same body under the same key, but with ids of this request. */
  const sent = (command: AccountCommand, key: string, by = handle) => by(command, metadata(), keyFor(key, command));

  it('give the first answer again, with the first ids, and add nothing', async () => {
    const name = freshName('i');
    const key = freshName('key');
    const command = { type: 'open', account: name } as const;
    const first = await sent(command, key);
    const repeat = await handle({ type: 'open', account: freshName('i') }, metadata(), keyFor(key, command));
    expect(repeat).toEqual(again(first));
    expect(await sent(command, key, process())).toEqual(again(first));
    expect(await events(name)).toHaveLength(1);
  });

  it('give the first answer as it was, whatever has happened since', async () => {
    const name = await opened(10);
    const key = freshName('key');
    const withdraw = { type: 'withdraw', account: name, amount: 4 } as const;
    const first = await sent(withdraw, key);
    await handle({ type: 'withdraw', account: name, amount: 6 }, metadata());
    await handle({ type: 'close', account: name }, metadata());
    expect(await sent(withdraw, key)).toEqual(again(first));
    expect(first).toEqual(expect.objectContaining({ revision: 2, state: { status: 'open', balance: 6 } }));
  });

  it('refuse another body, and carry nothing of it out', async () => {
    const name = await opened(10);
    const key = freshName('key');
    await sent({ type: 'withdraw', account: name, amount: 4 }, key);
    expect(await sent({ type: 'withdraw', account: name, amount: 5 }, key)).toEqual(KEY_REFUSED);
    expect(await sent({ type: 'withdraw', account: name, amount: 500 }, key)).toEqual(KEY_REFUSED);
    expect(await types(name)).toEqual(['Withdrawn']);
  });

  it('give the first answer for another body too, and tell so, where the key alone decides', async () => {
    const name = await opened(10);
    const key = freshName('key');
    const withdraw = { type: 'withdraw', account: name, amount: 4 } as const;
    const first = await sent(withdraw, key);
    const other = await handle({ ...withdraw, amount: 5 }, metadata(), {
      ...keyFor(key, 'another body'),
      anyBody: true,
    });
    expect(other).toEqual({ ...first, repeated: true, otherBody: true });
    expect(await types(name)).toEqual(['Withdrawn']);
  });

  it('can be asked for their answer before there is a command', async () => {
    const name = await opened(10);
    const withdraw = { type: 'withdraw', account: name, amount: 4 } as const;
    const key = keyFor(freshName('key'), withdraw);
    expect(await handle.repeat(key)).toBeNull();
    const first = await handle(withdraw, metadata(), key);
    expect(await process().repeat(key)).toEqual(again(first));
    expect(await handle.repeat({ ...key, fingerprint: 'another body' })).toEqual(KEY_REFUSED);
  });

  it('of another channel or another kind are other keys', async () => {
    const name = await opened(10);
    const command = { type: 'deposit', account: name, amount: 1 } as const;
    const key = keyFor(freshName('key'), command);
    for (const other of [key, { ...key, channelId: 'channel-2' }, { ...key, kind: 'client_signal_id' }]) {
      expect(await handle(command, metadata(), other)).toEqual(
        expect.objectContaining({ done: true, repeated: false }),
      );
    }
    expect(await types(name)).toEqual(['Deposited', 'Deposited', 'Deposited']);
  });

  it('make one event of 50 parallel repeats, in one process and in several', async () => {
    for (const handles of [[handle], [process(), process(), process()]]) {
      const name = await opened();
      const key = freshName('key');
      const command = { type: 'deposit', account: name, amount: 7 } as const;
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, n) => sent(command, key, handles[n % handles.length])),
      );
      const [event, ...more] = (await events(name)).slice(2);
      expect(more).toEqual([]);
      for (const outcome of outcomes) {
        expect(outcome).toEqual(
          expect.objectContaining({
            done: true,
            command,
            metadata: event!.metadata,
            revision: 2,
            position: event!.position,
            state: { status: 'open', balance: 7 },
          }),
        );
      }
    }
  });

  it('make one stream of 50 parallel creations, each under an id of its own', async () => {
    const key = freshName('key');
    const handles = [process(), process(), process()];
    const names = Array.from({ length: 50 }, () => freshName('i'));
    const outcomes = await Promise.all(
      names.map((account, n) => handles[n % 3]!({ type: 'open', account }, metadata(), keyFor(key, 'the body'))),
    );
    const made = outcomes.map((outcome) => outcome.done && outcome.command.account);
    expect(new Set(made).size).toBe(1);
    const lengths = await Promise.all(names.map(async (name) => (await events(name)).length));
    expect(lengths.reduce((sum, length) => sum + length)).toBe(1);
    expect(lengths[names.indexOf(made[0] as string)]).toBe(1);
  });

  it('are free again after a refusal, for the same body and for another', async () => {
    const name = await opened(1);
    const key = freshName('key');
    const withdraw = { type: 'withdraw', account: name, amount: 5 } as const;
    expect((await sent(withdraw, key)).done).toBe(false);
    expect((await sent({ ...withdraw, amount: 4 }, key)).done).toBe(false);
    await handle({ type: 'deposit', account: name, amount: 9 }, metadata());
    expect(await sent(withdraw, key)).toEqual(expect.objectContaining({ done: true, repeated: false }));
    expect(await sent(withdraw, key)).toEqual(expect.objectContaining({ done: true, repeated: true }));
    expect(await types(name)).toEqual(['Deposited', 'Withdrawn']);
  });

  it('hold also for a command that adds nothing, with the state it was said of', async () => {
    const name = await opened(3);
    const key = freshName('key');
    await handle({ type: 'close', account: name }, metadata());
    const close = { type: 'close', account: name } as const;
    const first = await sent(close, key);
    expect(first).toEqual(expect.objectContaining({ done: true, position: null, revision: 2, repeated: false }));
    await handle({ type: 'reopen', account: name }, metadata());
    expect(await sent(close, key)).toEqual(again(first));
    expect(await sent({ type: 'reopen', account: name }, key)).toEqual(KEY_REFUSED);
    expect(await types(name)).toEqual(['Closed', 'Reopened']);
    expect(await store.readStream(reservationStream(keyFor(key, close)))).toHaveLength(1);
  });

  it('are not spent by a store that failed before anything was written', async () => {
    const name = await opened();
    const key = freshName('key');
    const deposit = { type: 'deposit', account: name, amount: 1 } as const;
    const failing = process({
      before: () => {
        throw new OutcomeUnknown('the line broke');
      },
    });
    expect(await rejection(sent(deposit, key, failing))).toBeInstanceOf(OutcomeUnknown);
    expect(await sent({ ...deposit, amount: 2 }, key)).toEqual(
      expect.objectContaining({ done: true, repeated: false }),
    );
    expect(await types(name)).toEqual(['Deposited']);
  });

  it('are found to be in force when only the answer was lost, at any step', async () => {
    for (const lost of [1, 2]) {
      const name = await opened();
      const key = freshName('key');
      const deposit = { type: 'deposit', account: name, amount: 1 } as const;
      const losing = process({
        after: (_appends, nth) => {
          if (nth === lost) throw new OutcomeUnknown('the line broke');
        },
      });
      const first = await sent(deposit, key, losing);
      expect(first).toEqual(
        expect.objectContaining({ done: true, revision: 2, position: (await events(name))[2]!.position }),
      );
      expect(await sent(deposit, key)).toEqual(again(first));
    }
  });

  it('leave a command either not begun or to be finished by whoever comes next, wherever the first process dies', async () => {
    for (const [when, dies] of [
      ['before', 1],
      ['after', 1],
      ['before', 2],
      ['after', 2],
    ] as const) {
      const name = await opened(10);
      const key = freshName('key');
      const withdraw = { type: 'withdraw', account: name, amount: 10 } as const;
      const first = metadata();
      const dying = process({
        [when]: (_appends: unknown, nth: number) => {
          if (nth === dies) throw new Error('killed');
        },
      });
      await dying(withdraw, first, keyFor(key, withdraw)).catch(() => undefined);
      const begun = (await store.readStream(reservationStream(keyFor(key, withdraw)))).length > 0;
      const outcome = await sent(withdraw, key, process());
      expect(outcome).toEqual(
        expect.objectContaining({ done: true, repeated: begun, revision: 2, state: { status: 'open', balance: 0 } }),
      );
      // The very first command, under its own ids, if it had been begun at all.
      expect((await events(name))[2]!.metadata.commandId === first.commandId).toBe(begun);
      expect(await types(name)).toEqual(['Withdrawn']);
      expect(await sent({ ...withdraw, amount: 1 }, key)).toEqual(KEY_REFUSED);
    }
  });

  it('carry the same sequence out once, however often each of its commands is sent, to whomever', async () => {
    const command = fc.record({
      type: fc.constantFrom('deposit' as const, 'withdraw' as const),
      amount: fc.integer({ min: 1, max: 9 }),
    });
    const close = fc.record({ type: fc.constantFrom('close' as const, 'reopen' as const) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.oneof(command, close), fc.integer({ min: 1, max: 3 })), { maxLength: 12 }),
        async (asked) => {
          const [once, often] = [await opened(20), await opened(20)];
          const processes = [process(), process(), process()];
          for (const [one, times] of asked) {
            const expected = await handle({ ...one, account: once } as AccountCommand, metadata());
            const key = freshName('key');
            for (let n = 0; n < times; n += 1) {
              const outcome = await sent({ ...one, account: often } as AccountCommand, key, processes[n]);
              expect(outcome.done && outcome.state).toEqual(expected.done && expected.state);
            }
          }
          const told = async (name: string) => (await events(name)).map(({ type, data }) => ({ type, data }));
          expect(await told(often)).toEqual(await told(once));
        },
      ),
      { numRuns: 30 },
    );
  }, 30_000);
});

const inTwoSteps = eventStores.find(([name]) => name.includes('one stream at a time'))!;

describe('a reservation that stands alone, on a store that appends to one stream at a time', () => {
  const store = inTwoSteps[1]();
  const handle = createHandle(handledAccount, store);
  const events = (name: string) => store.readStream(accountStream(name));

  /** A process that remembers nothing and waits once it has reserved the key, or just before its command's append; `go` lets it on. */
  function paused(place: 'reserved' | 'about to append') {
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    let arrived: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (arrived = resolve));
    const pause = (at: number) => async (_appends: unknown, nth: number) => {
      if (nth !== at) return;
      arrived();
      await gate;
    };
    const faults = place === 'reserved' ? { after: pause(1) } : { before: pause(2) };
    return { slow: createHandle(handledAccount, withFaults(store, faults), { cacheSize: 0 }), waiting, go };
  }
  const places = ['reserved', 'about to append'] as const;

  async function opened(balance: number): Promise<string> {
    const name = freshName('i');
    await handle({ type: 'open', account: name }, metadata());
    await handle({ type: 'deposit', account: name, amount: balance }, metadata());
    return name;
  }

  it.each(places)(
    'is finished by another process while the first still thinks, and both answer the same (%s)',
    async (place) => {
      const name = await opened(10);
      const withdraw = { type: 'withdraw', account: name, amount: 10 } as const;
      const key = keyFor(freshName('key'), withdraw);
      const { slow, waiting, go } = paused(place);
      const first = slow(withdraw, metadata(), key);
      await waiting;
      // The stream moves on before and after the other process finishes the command.
      await handle({ type: 'deposit', account: name, amount: 1 }, metadata());
      const second = await handle(withdraw, metadata(), key);
      await handle({ type: 'withdraw', account: name, amount: 1 }, metadata());
      go();
      expect(second).toEqual(again(await first));
      expect(second).toEqual(
        expect.objectContaining({ done: true, revision: 3, repeated: true, state: { status: 'open', balance: 1 } }),
      );
      expect((await events(name)).map(({ type }) => type)).toEqual([
        'Opened',
        'Deposited',
        'Deposited',
        'Withdrawn',
        'Withdrawn',
      ]);
      expect(await handle(withdraw, metadata(), key)).toEqual(second);
    },
  );

  it.each(places)('is given back when the command is refused after all (%s)', async (place) => {
    const name = await opened(10);
    const withdraw = { type: 'withdraw', account: name, amount: 10 } as const;
    const key = keyFor(freshName('key'), withdraw);
    const { slow, waiting, go } = paused(place);
    const first = slow(withdraw, metadata(), key);
    await waiting;
    await handle({ type: 'withdraw', account: name, amount: 5 }, metadata());
    go();
    expect(await first).toEqual({ done: false, refusal: expect.objectContaining({ code: 'overdrawn' }) });
    const other = { ...withdraw, amount: 5 };
    expect((await handle(other, metadata(), { ...key, fingerprint: JSON.stringify(other) })).done).toBe(true);
    expect((await events(name)).at(-1)).toEqual(
      expect.objectContaining({ type: 'Withdrawn', data: { amount: 5 }, revision: 3 }),
    );
  });

  it.each(places)('is marked as complete when the command turns out to add nothing (%s)', async (place) => {
    const name = await opened(10);
    const close = { type: 'close', account: name } as const;
    const key = keyFor(freshName('key'), close);
    const { slow, waiting, go } = paused(place);
    const first = slow(close, metadata(), key);
    await waiting;
    await handle(close, metadata());
    go();
    const outcome = await first;
    expect(outcome).toEqual(expect.objectContaining({ done: true, position: null, revision: 2 }));
    await handle({ type: 'reopen', account: name }, metadata());
    expect(await handle(close, metadata(), key)).toEqual(again(outcome));
    expect((await store.readStream(reservationStream(key), NO_STREAM + 1)).map(({ type }) => type)).toEqual([
      'IdempotencyKeyReserved',
      'IdempotencyKeyCompleted',
    ]);
  });
});
