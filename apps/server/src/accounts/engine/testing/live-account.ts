/** An account that trades at a venue, for tests of what carries its orders there. */
import {
  ACCOUNT_SCHEMA_VERSION,
  type AccountCommand,
  type AccountState,
  type ExistingAccount,
  findOrder,
  type Order,
  type PlaceOrder,
} from '#libs/account';
import { compactId, createHandle, type EventStore, foldDocument, newId } from '#libs/sourcing';
import { type OrderDocument, ordersView } from '#libs/views';
import { accountStream, handledAccount } from '../../handled-account.ts';

export const BROKER = 'ccxt:binance';

const TERMS = { broker: BROKER, pair: 'BTC/USDT', simulated: false, feeRate: '0.001', paper: null } as const;

type Named = Partial<Pick<PlaceOrder, 'side' | 'orderType' | 'quantity' | 'price' | 'symbol'>> & {
  /** Milliseconds from now until which it may be sent. */
  readonly within?: number;
};

export class LiveAccount {
  readonly id: string;
  readonly events: EventStore;
  readonly handle: (command: AccountCommand) => Promise<ExistingAccount>;

  constructor(events: EventStore, id = `agent_${compactId(newId(Date.now()))}`) {
    this.id = id;
    this.events = events;
    const handle = createHandle(handledAccount, events);
    this.handle = async (command) => {
      const outcome = await handle(command, {
        commandId: newId(Date.now()),
        requestId: 'test',
        dialect: 'test',
        actor: 'test',
        keyId: null,
        receivedAt: command.now,
        schemaVersion: ACCOUNT_SCHEMA_VERSION,
      });
      if (!outcome.done) throw new Error(`${command.type}: ${outcome.refusal.message}`);
      return outcome.state as ExistingAccount;
    };
  }

  async open(): Promise<void> {
    const limits = { dailyLossLimit: '1000000', maxPositionSize: '1000000' };
    const keys = { keyHash: 'b'.repeat(64), sealedSecret: 'sealed' };
    const permissions = ['write:orders'] as const;
    const opened = { ...this.now(), name: 'Live', mode: 'live', permissions, balance: '100000' } as const;
    await this.handle({ type: 'OpenAccount', ...opened, ...limits, ...keys });
    await this.handle({ type: 'ApproveAccount', ...this.now() });
  }

  /** Answers the id of the order. */
  async place({ within = 10_000, ...named }: Named = {}): Promise<string> {
    const orderId = compactId(newId(Date.now()));
    const now = this.now();
    const sendBy = new Date(Date.now() + within).toISOString();
    const mark = { price: '60000', at: now.now, source: BROKER };
    await this.handle({
      type: 'PlaceOrder',
      ...now,
      orderId,
      symbol: 'BTC',
      side: 'buy',
      orderType: 'limit',
      quantity: '0.01',
      price: named.orderType === 'market' ? null : '50000',
      signalId: null,
      by: 'agent',
      terms: { ...TERMS, sendBy, marketReserve: '0.02' },
      marks: { BTC: mark, ETH: { ...mark, price: '3000' } },
      ...named,
    });
    return orderId;
  }

  /** Sells all bitcoin that is held; answers the id of the order. */
  async closeAll({ within = 10_000 }: Pick<Named, 'within'> = {}): Promise<string> {
    const orderId = compactId(newId(Date.now()));
    const now = this.now();
    const terms = { ...TERMS, sendBy: new Date(Date.now() + within).toISOString(), marketReserve: '0.02' };
    const marks = { BTC: { price: '60000', at: now.now, source: BROKER } };
    const sells = { BTC: { orderId, terms } };
    await this.handle({ type: 'CloseAll', ...now, by: 'agent', reason: 'enough', sells, marks });
    return orderId;
  }

  async cancel(orderId: string): Promise<void> {
    await this.handle({ type: 'CancelOrder', ...this.now(), orderId, by: 'agent', reason: 'no longer wanted' });
  }

  /** As the operator tells that an order is over, without asking the venue. */
  async ends(orderId: string): Promise<void> {
    await this.handle({ type: 'ReportCancelled', ...this.now(), orderId, by: 'operator', reason: 'settled by hand' });
  }

  async state(): Promise<ExistingAccount> {
    let state: AccountState = handledAccount.decider.initial;
    for (const event of await this.events.readStream(accountStream(this.id)))
      state = handledAccount.decider.evolve(state, handledAccount.upcast(event));
    return state as ExistingAccount;
  }

  async order(orderId: string): Promise<Order> {
    return findOrder(await this.state(), orderId)!;
  }

  /** As the view of orders has it. */
  async document(orderId: string): Promise<OrderDocument> {
    const events = await this.events.readStream(accountStream(this.id));
    return foldDocument(ordersView, null, events, `${this.id}.${orderId}`)!;
  }

  /** Types of the order's events. */
  async history(orderId: string): Promise<readonly string[]> {
    const events = await this.events.readStream(accountStream(this.id));
    return events.filter(({ data }) => (data as { orderId?: unknown }).orderId === orderId).map(({ type }) => type);
  }

  now(): { readonly accountId: string; readonly now: string } {
    return { accountId: this.id, now: new Date().toISOString() };
  }
}
