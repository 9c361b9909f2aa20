/**
 * The orders of agents: each is one command with its ids, its terms and the prices that it is decided on.
 *
 * On paper the command carries the order out itself. At a venue it writes down what is wanted; whoever holds the broker
 * asks the venue, and the answer is waited for.
 */
import { Inject } from '@nestjs/common';
import type { Decimal, Marks, OrderSide, OrderType } from '#libs/account';
import { compactId, type EventStore, newId } from '#libs/sourcing';
import type { AccountDocument, OrderDocument } from '#libs/views';
import { EVENT_STORE } from '../signals/tokens.ts';
import { AccountWriter, onceWritten } from './account-writer.ts';
import type { Asked, Placed } from './asked.ts';
import type { AccountOutcome } from './handle-account.ts';
import { BrokerWait } from './broker-wait.ts';
import { type Closed, closedBy } from './closed-all.ts';
import { dayOf } from './days.ts';
import { marksAtMidnight } from './midnight.ts';
import { orderAt } from './order-at.ts';
import { orderTerms, paperFill, sellsOf } from './order-terms.ts';
import type { Coin, Quotes } from './quotes.ts';
import { AccountReader } from './reader.ts';
import { brokerOf, PAPER, type TradeTerms } from './terms.ts';
import { QUOTES, TRADE_TERMS } from './tokens.ts';
import { ONLY_SIMULATED, valued, type ValuedBy } from './valued.ts';

export interface WantedOrder {
  readonly coin: Coin;
  readonly side: OrderSide;
  readonly orderType: OrderType;
  readonly quantity: Decimal;
  readonly price: Decimal | null;
  readonly signalId: string | null;
}

export interface Change {
  readonly price?: Decimal;
  readonly quantity?: Decimal;
}

export type ClosedAll = Closed | Exclude<Placed, { readonly order: unknown }>;

type Decide = (marks: Marks, account: AccountDocument | null) => Promise<Placed>;

export class Orders {
  readonly #events: EventStore;
  readonly #writer: AccountWriter;
  readonly #reader: AccountReader;
  readonly #quotes: Quotes;
  readonly #terms: TradeTerms;
  readonly #wait: BrokerWait;

  constructor(
    @Inject(EVENT_STORE) events: EventStore,
    @Inject(AccountWriter) writer: AccountWriter,
    @Inject(AccountReader) reader: AccountReader,
    @Inject(QUOTES) quotes: Quotes,
    @Inject(TRADE_TERMS) terms: TradeTerms,
    @Inject(BrokerWait) wait: BrokerWait,
  ) {
    this.#events = events;
    this.#writer = writer;
    this.#reader = reader;
    this.#quotes = quotes;
    this.#terms = terms;
    this.#wait = wait;
  }

  async place(asked: Asked, { coin, ...wanted }: WantedOrder): Promise<Placed> {
    const broker = brokerOf(asked.agent.mode, this.#terms);
    if (broker === null) return (await this.repeated(asked)) ?? { unavailable: 'no_broker' };
    const { metadata } = asked;
    return this.#valued(asked, [coin.symbol], async (marks, account) => {
      await this.#judge(asked, marks, account);
      const terms = orderTerms(this.#terms, coin, { broker, marks, receivedAt: asked.receivedAt });
      if (broker !== PAPER && terms.simulated) return (await this.repeated(asked)) ?? { refused: ONLY_SIMULATED };
      const outcome = await this.#writer.write(
        {
          type: 'PlaceOrder',
          accountId: asked.agent.id,
          now: metadata.receivedAt,
          orderId: compactId(newId(asked.receivedAt)),
          symbol: coin.symbol,
          ...wanted,
          by: 'agent',
          terms,
          marks,
        },
        metadata,
        asked.key,
      );
      return this.#placed(asked, outcome);
    });
  }

  async modify(asked: Asked, order: OrderDocument, change: Change): Promise<Placed> {
    if (brokerOf(asked.agent.mode, this.#terms) === null)
      return (await this.repeated(asked)) ?? { unavailable: 'no_broker' };
    return this.#valued(asked, [order.symbol], async (marks, account) => {
      await this.#judge(asked, marks, account);
      const outcome = await this.#writer.write(
        {
          type: 'ModifyOrder',
          accountId: asked.agent.id,
          now: asked.metadata.receivedAt,
          orderId: order.orderId,
          ...change,
          terms: { paper: order.broker === PAPER ? paperFill(this.#terms, asked.receivedAt) : null },
          marks,
        },
        asked.metadata,
        asked.key,
      );
      return this.#placed(asked, outcome);
    });
  }

  /** Cancels an order; at a venue it is asked for, and stays open until the venue says so. On paper that needs nobody. */
  async cancel(asked: Asked, { orderId, broker }: OrderDocument): Promise<Placed> {
    if (broker !== PAPER && brokerOf(asked.agent.mode, this.#terms) === null)
      return (await this.repeated(asked)) ?? { unavailable: 'no_broker' };
    const outcome = await this.#writer.write(
      {
        type: 'CancelOrder',
        accountId: asked.agent.id,
        now: asked.metadata.receivedAt,
        orderId,
        by: 'agent',
        reason: null,
      },
      asked.metadata,
      asked.key,
    );
    return this.#placed(asked, outcome);
  }

  /** Cancels every open order and sells every holding at the market. Answers the sells and the cancelled. */
  async closeAll(asked: Asked, reason: string): Promise<ClosedAll> {
    const broker = brokerOf(asked.agent.mode, this.#terms);
    if (broker === null) return (await this.#closedBefore(asked)) ?? { unavailable: 'no_broker' };
    const { receivedAt } = asked;
    const needed = { accountId: asked.agent.id, symbols: [], andHeld: true };
    return valued<ClosedAll>(needed, this.#valuedBy, async (marks, account) => {
      const closing = sellsOf(account, { broker, marks, receivedAt }, { trade: this.#terms, quotes: this.#quotes });
      if ('refused' in closing) return (await this.#closedBefore(asked)) ?? closing;
      const outcome = await this.#writer.write(
        {
          type: 'CloseAll',
          accountId: asked.agent.id,
          now: asked.metadata.receivedAt,
          by: 'agent',
          reason,
          sells: closing.sells,
          marks,
        },
        asked.metadata,
        asked.key,
      );
      return this.#closed(outcome);
    });
  }

  /**
   * What came of an order's request when it first came under its key, for one that could not be carried out today; null
   * where the key is free or there is none.
   */
  async repeated(asked: Asked): Promise<Placed | null> {
    const first = await this.#first(asked);
    return first === null ? null : this.#placed(asked, first);
  }

  async #closedBefore(asked: Asked): Promise<ClosedAll | null> {
    const first = await this.#first(asked);
    return first === null ? null : this.#closed(first);
  }

  async #first({ key }: Asked): Promise<AccountOutcome | null> {
    return key === undefined ? null : this.#writer.repeat(key);
  }

  async #closed(outcome: AccountOutcome): Promise<ClosedAll> {
    if (!outcome.done) return { refused: outcome.refusal };
    return onceWritten(closedBy(outcome, { events: this.#events, reader: this.#reader }));
  }

  /** Under an idempotency key it is the first command that was carried out, with the order's id that it made. */
  async #placed(asked: Asked, outcome: AccountOutcome): Promise<Placed> {
    if (!outcome.done) return { refused: outcome.refusal };
    if (!('orderId' in outcome.command)) throw new Error(`${outcome.command.type} is of no order`);
    const { orderId } = outcome.command;
    const accountId = asked.agent.id;
    const order = await onceWritten(
      outcome.repeated
        ? orderAt(this.#events, accountId, orderId, outcome.revision)
        : this.#reader.order(accountId, orderId),
    );
    if (order === null) throw new Error(`order ${orderId} of ${accountId} is not in its own stream`);
    if (order.broker === PAPER) return { order, position: outcome.position };
    return this.#wait.outcomeOf(asked, orderId, outcome);
  }

  /** On the price of the order's own symbol and, where the day's loss is watched, of all that is held. */
  #valued({ agent }: Asked, symbols: readonly string[], decide: Decide): Promise<Placed> {
    return valued({ accountId: agent.id, symbols, andHeld: agent.dailyLossLimit !== null }, this.#valuedBy, decide);
  }

  get #valuedBy(): ValuedBy {
    return { reader: this.#reader, quotes: this.#quotes };
  }

  /** Before each command, so that a loss at its limit is on record before anything is refused for it. */
  async #judge({ agent, metadata, receivedAt }: Asked, marks: Marks, account: AccountDocument | null): Promise<void> {
    if (agent.dailyLossLimit === null) return;
    const isBegun = account?.day?.day === dayOf(receivedAt);
    const held = account?.holdings.map(({ symbol }) => symbol) ?? [];
    const atMidnight =
      isBegun || held.length === 0 ? null : await marksAtMidnight(this.#quotes, held, marks, receivedAt);
    await this.#writer.write(
      {
        type: 'JudgeAccount',
        accountId: agent.id,
        now: metadata.receivedAt,
        marks,
        ...(atMidnight !== null && { atMidnight }),
      },
      { ...metadata, commandId: newId(receivedAt) },
    );
  }
}
