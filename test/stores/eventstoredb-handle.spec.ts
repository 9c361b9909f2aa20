/** Commands and their idempotency keys on EventStoreDB, where a reservation and its command are two appends. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createHandle,
  type EventStore,
  type Handle,
  KEY_REUSED,
  OutcomeUnknown,
  type RecordedEvent,
  StoreUnavailable,
} from '#libs/sourcing';
import { openEventStoreDb } from '../../libs/stores/src/eventstoredb/event-store.ts';
import {
  type AccountCommand,
  type AccountState,
  accountStream,
  handledAccount,
  keyFor,
  metadata,
} from '../../libs/sourcing/src/testing/account.ts';
import { freshName } from '../../libs/sourcing/src/testing/sample-events.ts';
import { type EventStoreDouble, startEventStoreDouble } from '../support/eventstore-double/double.ts';

type Accounts = Handle<AccountState, AccountCommand>;

let double: EventStoreDouble;
let stores: EventStore[];
/** As many processes: each with a connection state, a memory and a store of its own. */
let processes: Accounts[];
beforeAll(async () => {
  double = await startEventStoreDouble();
  stores = await Promise.all(Array.from({ length: 3 }, () => openEventStoreDb(double.url)));
  processes = stores.map((store) => createHandle(handledAccount, store));
});
beforeEach(() => double.fail(() => null));
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await double.close();
});

const again = <First extends object>(first: First) => ({ ...first, repeated: true, otherBody: false });

async function opened(balance: number): Promise<string> {
  const name = freshName('h');
  await processes[0]!({ type: 'open', account: name }, metadata());
  await processes[0]!({ type: 'deposit', account: name, amount: balance }, metadata());
  return name;
}

const events = (name: string): Promise<readonly RecordedEvent[]> => stores[0]!.readStream(accountStream(name));
const types = async (name: string): Promise<string[]> => (await events(name)).slice(2).map(({ type }) => type);
const send = (command: AccountCommand, key: string, by: Accounts) => by(command, metadata(), keyFor(key, command));

/** Carries a command out until there is an answer, as a client does that gets 503. */
async function insist<Result>(work: () => Promise<Result>): Promise<{ tries: number; outcome: Result }> {
  for (let tries = 1; ; tries += 1) {
    try {
      return { tries, outcome: await work() };
    } catch (error) {
      if (!(error instanceof StoreUnavailable || error instanceof OutcomeUnknown)) throw error;
      await sleep(10);
    }
  }
}

describe('a command', () => {
  it('whose answer was lost is found by its event ids, not carried out twice', async () => {
    const name = await opened(10);
    const before = double.appends();
    double.fail((nth) => (nth === before + 1 ? 'unanswered' : null));
    const outcome = await processes[0]!({ type: 'withdraw', account: name, amount: 4 }, metadata());
    expect(outcome).toMatchObject({ done: true, revision: 2, state: { balance: 6 } });
    expect(outcome.done && outcome.position).toBe((await events(name))[2]!.position);
    expect(await types(name)).toEqual(['Withdrawn']);
  });

  it('that a server standing still does not answer is looked for no longer than some seconds, and is not doubled', async () => {
    const name = await opened(10);
    const store = await openEventStoreDb(double.url, { deadlineMs: 200 });
    const impatient = createHandle(handledAccount, store);
    const deposit = { type: 'deposit', account: name, amount: 1 } as const;
    const meta = metadata();
    await impatient(deposit, metadata());
    try {
      double.freeze();
      const begun = performance.now();
      await expect(impatient(deposit, meta)).rejects.toBeInstanceOf(OutcomeUnknown);
      expect(performance.now() - begun).toBeLessThan(6_000);
    } finally {
      double.thaw();
    }
    await insist(() => impatient(deposit, meta));
    expect(await types(name)).toEqual(['Deposited', 'Deposited']);
    await store.close();
  }, 30_000);

  it('meets other writers of its stream as conflicts, and all get through', async () => {
    const name = await opened(0);
    await Promise.all(
      Array.from({ length: 30 }, (_, n) => {
        const [deposit, key] = [{ type: 'deposit', account: name, amount: 1 } as const, freshName('key')];
        return insist(() => send(deposit, key, processes[n % 3]!));
      }),
    );
    const outcome = await processes[0]!({ type: 'withdraw', account: name, amount: 30 }, metadata());
    expect(outcome).toMatchObject({ done: true, state: { balance: 0 } });
  });

  it('gets no answer but "unavailable" while there is no server, and is carried out once when there is one', async () => {
    const name = await opened(10);
    const key = freshName('key');
    const withdraw = { type: 'withdraw', account: name, amount: 10 } as const;
    await double.stop();
    // The first may still have gone out on the connection that was.
    await send(withdraw, key, processes[0]!).catch(() => undefined);
    await expect(send(withdraw, key, processes[0]!)).rejects.toBeInstanceOf(StoreUnavailable);
    await double.start();
    const { outcome } = await insist(() => send(withdraw, key, processes[0]!));
    expect(outcome).toMatchObject({ done: true, state: { balance: 0 } });
    await Promise.all(stores.map((store) => insist(() => store.ready())));
    expect(await types(name)).toEqual(['Withdrawn']);
  });
});

describe('an idempotency key', () => {
  it('gives the first answer again, from every process, and refuses another body', async () => {
    const name = await opened(10);
    const key = freshName('key');
    const withdraw = { type: 'withdraw', account: name, amount: 4 } as const;
    const first = await send(withdraw, key, processes[0]!);
    for (const by of processes) expect(await send(withdraw, key, by)).toEqual(again(first));
    expect(await send({ ...withdraw, amount: 5 }, key, processes[1]!)).toEqual({ done: false, refusal: KEY_REUSED });
    expect(await types(name)).toEqual(['Withdrawn']);
  });

  it('makes one event of 50 parallel repeats over several processes', async () => {
    const name = await opened(0);
    const key = freshName('key');
    const deposit = { type: 'deposit', account: name, amount: 7 } as const;
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, n) => send(deposit, key, processes[n % 3]!)));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ done: true, revision: 2, state: { balance: 7 } });
    expect(await types(name)).toEqual(['Deposited']);
  });

  it('holds also for a command that adds nothing', async () => {
    const name = await opened(0);
    const key = freshName('key');
    const close = { type: 'close', account: name } as const;
    await processes[0]!(close, metadata());
    const first = await send(close, key, processes[0]!);
    await processes[0]!({ type: 'reopen', account: name }, metadata());
    expect(await send(close, key, processes[1]!)).toEqual(again(first));
    expect(await types(name)).toEqual(['Closed', 'Reopened']);
  });

  it.each([
    ['lost', 1],
    ['unanswered', 1],
    ['lost', 2],
    ['unanswered', 2],
  ] as const)(
    'is carried out once by whoever comes next when the connection breaks (%s, at append %i)',
    async (fault, at) => {
      const name = await opened(10);
      const key = freshName('key');
      const withdraw = { type: 'withdraw', account: name, amount: 10 } as const;
      const before = double.appends();
      double.fail((nth) => (nth === before + at ? fault : null));
      const first = await insist(() => send(withdraw, key, processes[0]!));
      expect(first.outcome).toMatchObject({ done: true, revision: 2, state: { balance: 0 } });
      const next = await insist(() => send(withdraw, key, processes[1]!));
      expect(next.outcome).toMatchObject({ done: true, revision: 2, repeated: true, state: { balance: 0 } });
      expect(await types(name)).toEqual(['Withdrawn']);
    },
  );

  it('carries every command out once while the connection breaks all the time', async () => {
    const name = await opened(0);
    // A simple rule that hits every kind of append at some time; the rest goes through.
    double.fail((nth) => (nth % 7 === 3 ? 'lost' : nth % 11 === 5 ? 'unanswered' : null));
    const keys = Array.from({ length: 60 }, () => freshName('key'));
    const results = await Promise.all(
      keys.map((key, n) => insist(() => send({ type: 'deposit', account: name, amount: 1 }, key, processes[n % 3]!))),
    );
    double.fail(() => null);
    expect(await types(name)).toEqual(keys.map(() => 'Deposited'));
    expect(Math.max(...results.map(({ tries }) => tries))).toBeGreaterThan(1);
  });
});
