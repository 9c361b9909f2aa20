/** Accounts that lived through commands, for tests of their views. */
import {
  ACCOUNT_SCHEMA_VERSION,
  type AccountCommand,
  accountDecider,
  type AccountEvent,
  type AccountState,
  type Marks,
  type OpenAccount,
  type PlaceOrder,
  type Terms,
} from '#libs/account';
import type { RecordedEvent } from '#libs/sourcing';

export const ACCOUNT = `agent_${'a'.repeat(32)}`;

/** An order's id of a number. */
export const order = (n: number): string => n.toString(16).padStart(32, '0');

/** Noon of a day in April 2026, and so many seconds. */
export const at = (day: number, seconds = 0): string => new Date(Date.UTC(2026, 3, day, 12, 0, seconds)).toISOString();

export const marks = (btc: string, eth = '2000'): Marks => ({
  BTC: { price: btc, at: at(1), source: 'simulated' },
  ETH: { price: eth, at: at(1), source: 'simulated' },
});

export const PAPER: Terms = {
  broker: 'paper',
  pair: 'BTC/USDT',
  simulated: true,
  feeRate: '0.001',
  paper: { slippage: '0.0005', tradeId: 't' },
  sendBy: null,
  marketReserve: '0',
};

export const VENUE: Terms = {
  ...PAPER,
  broker: 'ccxt:binance',
  simulated: false,
  paper: null,
  sendBy: at(30),
  marketReserve: '0.02',
};

export function open(named: Partial<OpenAccount> = {}): OpenAccount {
  return {
    type: 'OpenAccount',
    accountId: ACCOUNT,
    now: at(1),
    name: 'Alpha',
    mode: 'sandbox',
    permissions: ['read:market', 'write:orders'],
    balance: '100000',
    dailyLossLimit: null,
    maxPositionSize: null,
    keyHash: 'b'.repeat(64),
    sealedSecret: null,
    ...named,
  };
}

export function place(n: number, named: Partial<PlaceOrder> = {}): PlaceOrder {
  return {
    type: 'PlaceOrder',
    accountId: ACCOUNT,
    now: at(1, n),
    orderId: order(n),
    symbol: 'BTC',
    side: 'buy',
    orderType: 'market',
    quantity: '0.5',
    price: null,
    signalId: null,
    by: 'agent',
    terms: PAPER,
    marks: marks('50000'),
    ...named,
  };
}

export interface Life {
  readonly state: AccountState;
  readonly events: readonly RecordedEvent[];
}

/** What commands led to. Those that are refused leave nothing. */
export function lived(...commands: readonly AccountCommand[]): Life {
  return livedThrough(commands, () => undefined);
}

/** The same, where none may be refused. */
export function livedAll(...commands: readonly AccountCommand[]): Life {
  return livedThrough(commands, (why) => {
    throw new Error(why);
  });
}

function livedThrough(commands: readonly AccountCommand[], onRefused: (why: string) => void): Life {
  let state: AccountState = accountDecider.initial;
  const events: RecordedEvent[] = [];
  for (const command of commands) {
    const decision = accountDecider.decide(command, state);
    if ('refused' in decision) {
      onRefused(`${command.type}: ${decision.refused.message}`);
      continue;
    }
    for (const event of decision.events) {
      state = accountDecider.evolve(state, event);
      events.push(recorded(event, events.length, command.now));
    }
  }
  return { state, events };
}

function recorded(event: AccountEvent, revision: number, time: string, accountId = ACCOUNT): RecordedEvent {
  return {
    ...event,
    id: `event-${revision}`,
    stream: `account-${accountId}`,
    revision,
    position: 9_007_199_254_740_993n + 10n * BigInt(revision),
    time,
    channelId: null,
    metadata: {
      commandId: 'c',
      requestId: 'r',
      dialect: 'nextexchange',
      actor: `agent:${accountId}`,
      keyId: null,
      receivedAt: time,
      schemaVersion: ACCOUNT_SCHEMA_VERSION,
    },
  };
}
