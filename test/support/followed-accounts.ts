/** The engine of accounts on stores in memory and venues of the test's own, stopped and started again at will. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ACCOUNT_SCHEMA_VERSION, type AccountCommand, type AccountState, type Marks } from '#libs/account';
import {
  buildView,
  compactId,
  type Coordination,
  createHandle,
  type EventStore,
  type Handle,
  newId,
  type RecordedEvent,
  type View,
  type ViewStore,
} from '#libs/sourcing';
import { createMemoryCoordination, createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { accountsView, ordersView } from '#libs/views';
import { AccountsEngine } from '../../apps/server/src/accounts/engine/accounts-engine.ts';
import { accountStream, handledAccount } from '../../apps/server/src/accounts/handled-account.ts';
import { PriceFeed } from '../../apps/server/src/market/feed.ts';
import { together } from '../../apps/server/src/market/together.ts';
import { createListedVenue, type ListedVenue } from './listed-venue.ts';
import { eventually } from './prices.ts';

export interface Resting {
  readonly side?: 'buy' | 'sell';
  readonly price: string;
  readonly quantity?: string;
  readonly simulated?: boolean;
}

export class FollowedAccounts {
  readonly events: EventStore = createMemoryEventStore();
  readonly views: ViewStore = createMemoryViewStore();
  readonly coordination: Coordination = createMemoryCoordination();
  readonly real: ListedVenue = createListedVenue('ccxt:binance', false);
  readonly simulated: ListedVenue = createListedVenue('simulated', true);
  /** That of another process. */
  readonly handle: Handle<AccountState, AccountCommand> = createHandle(handledAccount, this.events);
  readonly troubles: string[] = [];
  #last = 0;
  #followed: readonly ListedVenue[] = [];
  #run: { readonly abort: AbortController; readonly ended: Promise<void> } | null = null;

  /** Brings the views to where the log is now, and leaves them there. */
  async project(): Promise<void> {
    for (const view of [accountsView, ordersView])
      await buildView(view as View, this.events, this.views, { afresh: true });
  }

  /** `events`, `views`: how the engine sees them, where that is not as they are. */
  start({ source = this.real.name, events = this.events, views = this.views } = {}): void {
    const abort = new AbortController();
    const venues = new Map([this.real, this.simulated].map((venue) => [venue.name, venue]));
    this.#followed = [this.real, this.simulated].filter(({ name }) => name === source || name === 'simulated');
    const { coordination, troubles } = this;
    const ended = together(abort.signal, (signal) => {
      const onTrouble = (what: string, reason: string): void => void troubles.push(`${what}: ${reason}`);
      const feed = new PriceFeed({ venues, signal, onTrouble });
      const handle = createHandle(handledAccount, events);
      const shared = { events, views, coordination, venues, feed, handle, signal, onTrouble };
      return [feed.run(), new AccountsEngine({ ...shared, source, live: null }).run()];
    });
    this.#run = { abort, ended };
    ended.catch((error: Error) => {
      if (!abort.signal.aborted) troubles.push(`the engine ended: ${error.message}`);
    });
  }

  /** Waits until prices are listened to. */
  async listening(): Promise<void> {
    await eventually('a stream', () => (this.#followed.every((venue) => venue.listeners() > 0) ? true : null));
  }

  async stop(): Promise<void> {
    const run = this.#run;
    this.#run = null;
    run?.abort.abort();
    await run?.ended.catch(() => undefined);
  }

  /** A moment later than every one before it, milliseconds since 1970. */
  later(): number {
    return (this.#last = Math.max(Date.now(), this.#last + 1));
  }

  /** Waits until every moment that was told has come. */
  async past(): Promise<void> {
    while (Date.now() <= this.#last) await sleep(1);
  }

  tick(venue: ListedVenue, symbol: string, price: string): void {
    venue.add(symbol, { kind: 'tick', time: this.later(), price });
  }

  async tell(command: AccountCommand): Promise<void> {
    const outcome = await this.handle(command, {
      commandId: newId(Date.now()),
      requestId: 'test',
      dialect: 'test',
      actor: 'test',
      keyId: null,
      receivedAt: command.now,
      schemaVersion: ACCOUNT_SCHEMA_VERSION,
    });
    if (!outcome.done) throw new Error(outcome.refusal.message);
  }

  now(): string {
    return new Date(this.later()).toISOString();
  }

  async open(accountId: string, dailyLossLimit: string | null = null): Promise<string> {
    await this.tell({
      type: 'OpenAccount',
      accountId,
      now: this.now(),
      name: 'tester',
      mode: 'sandbox',
      permissions: ['write:orders'],
      balance: '100000',
      dailyLossLimit,
      maxPositionSize: null,
      keyHash: '00',
      sealedSecret: null,
    });
    return accountId;
  }

  /** Places an order of BTC on paper; at the market, at 1000, where it names no limit. Answers its id. */
  async place(
    accountId: string,
    { side = 'buy', price, quantity = '1', simulated = false }: Partial<Resting> = {},
  ): Promise<string> {
    const orderId = compactId(newId(Date.now()));
    const now = this.now();
    const marks: Marks = price === undefined ? { BTC: { price: '1000', at: now, source: 'test' } } : {};
    await this.tell({
      type: 'PlaceOrder',
      accountId,
      now,
      orderId,
      symbol: 'BTC',
      side,
      orderType: price === undefined ? 'market' : 'limit',
      quantity,
      price: price ?? null,
      signalId: null,
      by: 'agent',
      terms: {
        broker: 'paper',
        pair: 'BTC/USDT',
        simulated,
        feeRate: '0',
        paper: { slippage: '0', tradeId: orderId },
        sendBy: null,
        marketReserve: '0',
      },
      marks,
    });
    return orderId;
  }

  recorded(accountId: string): Promise<readonly RecordedEvent[]> {
    return this.events.readStream(accountStream(accountId));
  }

  /** Waits for an event of an account. */
  async until(accountId: string, type: string): Promise<RecordedEvent> {
    return eventually(`${type} of ${accountId}`, async () => {
      return (await this.recorded(accountId)).find((event) => event.type === type) ?? null;
    });
  }

  /** Waits until a price of BTC at the real venue was handled, and so all before it. */
  async settledDown(venue: ListedVenue = this.real): Promise<void> {
    const probe = await this.open(`probe_${compactId(newId(Date.now()))}`);
    await this.place(probe, { side: 'buy', price: '1000000', quantity: '0.01', simulated: venue.simulated });
    await eventually('the probe', async () => {
      this.tick(venue, 'BTC/USDT', '999999');
      return (await this.recorded(probe)).some(({ type }) => type === 'OrderFilled') ? true : null;
    });
  }
}
