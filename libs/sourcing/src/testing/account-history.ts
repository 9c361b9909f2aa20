/** Histories of accounts, made up. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { createHandle } from '../handle.ts';
import type { EventStore } from '../ports.ts';
import { type AccountCommand, handledAccount, metadata } from './account.ts';

/** Some commands on a few accounts; now and then a deposit that the view can't take. */
export const anyHistory: fc.Arbitrary<readonly AccountCommand[]> = fc.array(
  fc
    .record({
      account: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      one: fc.oneof(
        {
          weight: 6,
          arbitrary: fc.record({
            type: fc.constantFrom('deposit' as const, 'withdraw' as const),
            amount: fc.integer({ min: 1, max: 50 }),
          }),
        },
        {
          weight: 2,
          arbitrary: fc.record({ type: fc.constantFrom('open' as const, 'close' as const, 'reopen' as const) }),
        },
        {
          weight: 2,
          arbitrary: fc.record({
            type: fc.constant('deposit-in-parts' as const),
            parts: fc.array(fc.constantFrom(1, 2, 3, 666), { maxLength: 4 }),
          }),
        },
      ),
    })
    .map(({ account, one }) => ({ ...one, account }) as AccountCommand),
  { minLength: 1, maxLength: 60 },
);

/** Carries a history out; accounts that are spoken to before they are opened are opened then. Answers the head. */
export async function happen(store: EventStore, history: readonly AccountCommand[]): Promise<bigint> {
  const handle = createHandle(handledAccount, store);
  for (const command of history) {
    await handle({ type: 'open', account: command.account }, metadata());
    await handle(command, metadata());
    // A processor beside it gets its turn.
    await nextTurn();
  }
  return store.head();
}

/** So many deposits on each of so many accounts, in turns. */
export function deposits(accounts: number, each: number): AccountCommand[] {
  return Array.from({ length: accounts * each }, (_, n) => ({
    type: 'deposit',
    account: `n${n % accounts}`,
    amount: 1 + (n % 7),
  }));
}
