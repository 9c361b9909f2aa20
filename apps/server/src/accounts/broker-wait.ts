/**
 * Waiting for what a venue says to an order. The broker is in another process; what it hears stands in the account's
 * stream, which is looked at often in the beginning and then less so.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject } from '@nestjs/common';
import type { AccountEvent } from '#libs/account';
import { type EventStore, newId, OutcomeUnknown, StoreUnavailable } from '#libs/sourcing';
import { EVENT_STORE } from '../signals/tokens.ts';
import { AccountWriter, onceWritten } from './account-writer.ts';
import type { AccountOutcome } from './handle-account.ts';
import { accountStream } from './handled-account.ts';
import type { Asked, Placed } from './asked.ts';
import { AccountReader } from './reader.ts';

/** A request is answered within about this time, whatever the venue does. */
const ANSWER_WITHIN_MS = 8_000;

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;

/** What was heard of an order since a command on it. */
interface Heard {
  readonly sent: boolean;
  readonly answered: boolean;
}

export class BrokerWait {
  readonly #events: EventStore;
  readonly #reader: AccountReader;
  readonly #writer: AccountWriter;

  constructor(
    @Inject(EVENT_STORE) events: EventStore,
    @Inject(AccountReader) reader: AccountReader,
    @Inject(AccountWriter) writer: AccountWriter,
  ) {
    this.#events = events;
    this.#reader = reader;
    this.#writer = writer;
  }

  /**
   * The order once the venue answered the command that `outcome` wrote down, or as it is then when the time is up. An
   * order that nobody took to the venue in that time is ended, for good: `not_sent`.
   * @throws OutcomeUnknown where the stream can't be read, or the order not be ended, by the time that is up: the
   * command stands.
   */
  async outcomeOf(asked: Asked, orderId: string, outcome: AccountOutcome & { done: true }): Promise<Placed> {
    const stream = accountStream(asked.agent.id);
    const until = asked.receivedAt + ANSWER_WITHIN_MS;
    let from = outcome.revision + 1;
    let heard: Heard = { sent: false, answered: outcome.position === null };
    let away: StoreUnavailable | null = null;
    for (
      let pause = FIRST_PAUSE_MS;
      !heard.answered && Date.now() < until;
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS)
    ) {
      await sleep(pause);
      try {
        const events = await this.#events.readStream(stream, from);
        from += events.length;
        heard = heardOf(orderId, events as unknown as readonly AccountEvent[], heard);
        away = null;
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        away = error;
      }
    }
    // It may have been sent, or answered, unseen: it is not ended either.
    if (away !== null) throw new OutcomeUnknown(`after the write: ${away.message}`, { cause: away });
    if (outcome.command.type === 'PlaceOrder' && !heard.answered && !heard.sent)
      await onceWritten(this.#endUnsent(asked, orderId));
    const order = await onceWritten(this.#reader.order(asked.agent.id, orderId));
    if (order === null) throw new Error(`order ${orderId} of ${asked.agent.id} is not in its own stream`);
    // Where it was sent at that very moment, the venue was asked to cancel it for the same reason.
    const wentNowhere = order.sentAt === null && order.filledQuantity === '0';
    if (order.cancelled?.reason === NOT_SENT && wentNowhere) return { unavailable: 'not_sent' };
    return { order, position: outcome.position };
  }

  /**
   * A cancel, not a rejection: it ends what was not sent, and where that is sent at this very moment it asks the venue
   * to cancel it.
   */
  async #endUnsent({ agent, metadata, receivedAt }: Asked, orderId: string): Promise<void> {
    const now = new Date(Math.max(Date.now(), receivedAt)).toISOString();
    const cancel = { type: 'CancelOrder', accountId: agent.id, now, orderId, by: 'venue', reason: NOT_SENT } as const;
    await this.#writer.write(cancel, { ...metadata, commandId: newId(receivedAt), receivedAt: now });
  }
}

/** Why such an order ended, in its event. */
const NOT_SENT = 'broker_unavailable: nobody who holds the broker took it in time; it was not sent';

const ANSWERS: ReadonlySet<AccountEvent['type']> = new Set([
  'OrderAccepted',
  'OrderFilled',
  'OrderCancelled',
  'OrderRejected',
  'OrderUnresolved',
]);

function heardOf(orderId: string, events: readonly AccountEvent[], before: Heard): Heard {
  const own = events.filter(({ data }) => 'orderId' in data && data.orderId === orderId);
  return {
    sent: before.sent || own.some(({ type }) => type === 'OrderSent'),
    answered: before.answered || own.some(({ type }) => ANSWERS.has(type)),
  };
}
