/** A domain small enough to see through, for tests of the kernel: accounts that are opened, filled, emptied and closed. */
import type { Decider, Decision, Refusal } from '../decider.ts';
import type { EventMetadata } from '../events.ts';
import type { Handled } from '../handled.ts';
import { newId } from '../ids.ts';
import type { IdempotencyKey } from '../reservation.ts';
import type { View, ViewDocument } from '../views.ts';

export type AccountCommand =
  | { readonly type: 'open'; readonly account: string }
  | { readonly type: 'deposit'; readonly account: string; readonly amount: number }
  /** Several events at once: as many as are asked for. */
  | { readonly type: 'deposit-in-parts'; readonly account: string; readonly parts: readonly number[] }
  | { readonly type: 'withdraw'; readonly account: string; readonly amount: number }
  | { readonly type: 'close'; readonly account: string }
  | { readonly type: 'reopen'; readonly account: string };

export type AccountEvent =
  | { readonly type: 'Opened'; readonly data: object }
  | { readonly type: 'Deposited'; readonly data: { readonly amount: number } }
  | { readonly type: 'Withdrawn'; readonly data: { readonly amount: number } }
  | { readonly type: 'Closed'; readonly data: object }
  | { readonly type: 'Reopened'; readonly data: object };

export interface AccountState {
  readonly status: 'none' | 'open' | 'closed';
  readonly balance: number;
}

const no = (code: string, kind: Refusal['kind'] = 'conflict'): Decision<AccountEvent> => ({
  refused: { code, kind, message: code },
});
const events = (...list: AccountEvent[]): Decision<AccountEvent> => ({ events: list });

export const account: Decider<AccountState, AccountCommand, AccountEvent> = {
  initial: { status: 'none', balance: 0 },
  evolve({ status, balance }, event) {
    switch (event.type) {
      case 'Opened':
      case 'Reopened':
        return { status: 'open', balance };
      case 'Deposited':
        return { status, balance: balance + event.data.amount };
      case 'Withdrawn':
        return { status, balance: balance - event.data.amount };
      case 'Closed':
        return { status: 'closed', balance };
      default:
        throw new Error(`unknown event ${(event satisfies never as { type: string }).type}`);
    }
  },
  decide(command, { status, balance }) {
    if (command.type === 'open') return status === 'none' ? events({ type: 'Opened', data: {} }) : no('exists');
    if (status === 'none') return no('missing', 'not-found');
    if (command.type === 'close') return status === 'closed' ? events() : events({ type: 'Closed', data: {} });
    if (command.type === 'reopen') return status === 'open' ? events() : events({ type: 'Reopened', data: {} });
    if (status === 'closed') return no('closed');
    if (command.type === 'deposit') return events({ type: 'Deposited', data: { amount: command.amount } });
    if (command.type === 'deposit-in-parts')
      return events(...command.parts.map((amount): AccountEvent => ({ type: 'Deposited', data: { amount } })));
    return command.amount > balance ? no('overdrawn') : events({ type: 'Withdrawn', data: { amount: command.amount } });
  },
};

export const accountStream = (name: string): string => `account-${name}`;

export const handledAccount: Handled<AccountState, AccountCommand, AccountEvent> = {
  decider: account,
  stream: (command) => accountStream(command.account),
  creates: (command) => command.type === 'open',
  channelId: () => 'channel-1',
  upcast: (recorded) => recorded as unknown as AccountEvent,
};

/** What comes with a command: another id each time, unless one is given. */
export function metadata(given: Partial<EventMetadata> = {}): EventMetadata {
  return {
    commandId: newId(Date.now()),
    requestId: 'request-1',
    dialect: 'anny',
    actor: 'channel:channel-1',
    keyId: 'key-1',
    receivedAt: '2026-11-21T08:00:00.000Z',
    schemaVersion: 1,
    ...given,
  };
}

/** A key for a body: the same body has the same fingerprint. */
export function keyFor(key: string, body: unknown): IdempotencyKey {
  return { channelId: 'channel-1', kind: 'header', key, fingerprint: JSON.stringify(body) };
}

export interface AccountDocument extends ViewDocument {
  readonly balance: number;
  readonly status: AccountState['status'];
  readonly changes: readonly { readonly at: string; readonly by: number }[];
}

/** Every account with all that moved its balance. A deposit of exactly 666 is one it can't take. */
export const accountsView: View<AccountDocument> = {
  name: 'accounts',
  version: 1,
  streamPrefix: 'account-',
  project(document, recorded) {
    const event = recorded as unknown as AccountEvent;
    const before = document ?? {
      id: recorded.stream.slice('account-'.length),
      balance: 0,
      status: 'none',
      changes: [],
    };
    if (document === null && event.type !== 'Opened') throw new Error(`${recorded.stream} begins with ${event.type}`);
    const by = event.type === 'Deposited' ? event.data.amount : event.type === 'Withdrawn' ? -event.data.amount : 0;
    if (by === 666) throw new Error('no account takes 666');
    const { status, balance } = account.evolve({ status: before.status, balance: before.balance }, event);
    const changes = by === 0 ? before.changes : [...before.changes, { at: recorded.time, by }];
    return { id: before.id, revision: recorded.revision, balance, status, changes };
  },
  fields: ({ status, balance }) => ({ status, balance }),
  fieldTypes: { status: 'text', balance: 'integer' },
  indexes: [['status', 'balance']],
};
