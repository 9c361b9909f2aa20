/** Telling an account what was done with its order, and what the venue says of it, until that is durable. */
import { randomUUID } from 'node:crypto';
import {
  ACCOUNT_SCHEMA_VERSION,
  type AccountCommand,
  type AccountState,
  findOrder,
  type SendOrder,
} from '#libs/account';
import { type EventMetadata, type Handle, newId, type Outcome, type Refusal } from '#libs/sourcing';
import { surely } from '../../market/surely.ts';
import { afterCommand } from './live-order.ts';
import type { Report, Unaddressed } from './reconcile.ts';
import type { Tracked } from './tracked-orders.ts';

export interface ReportsOptions {
  readonly handle: Handle<AccountState, AccountCommand>;
  readonly signal: AbortSignal;
  readonly onTrouble: (what: string, reason: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const LONGEST_RETRY_MS = 5_000;

/** Code and message of an account that will have none of it. */
export type Refused = Pick<Refusal, 'code' | 'message'>;

export class OrderReports {
  readonly #options: ReportsOptions;

  constructor(options: ReportsOptions) {
    this.#options = options;
  }

  /**
   * Carries out one report, or the word that the order is sent; answers null, or why the account refused. All of them
   * are safe to repeat: a store that is away is waited for. @throws what the store throws else, and when the signal has
   * aborted.
   */
  async tell(tracked: Tracked, told: Report | Unaddressed<SendOrder>): Promise<Refused | null> {
    const { handle, now, onTrouble, signal } = this.#options;
    const { accountId, orderId } = tracked.order;
    const command = { ...told, accountId, orderId, now: new Date(now()).toISOString() } as AccountCommand;
    // One id for all tries: what was written though the answer was lost is found again by it.
    const metadata = metadataOf(command);
    const outcome: Outcome<AccountState, AccountCommand> = await surely(() => handle(command, metadata), {
      signal,
      longestWaitMs: LONGEST_RETRY_MS,
      onTrouble: (reason) => onTrouble(orderId, reason),
    });
    if (!outcome.done) return outcome.refusal;
    const { state, revision } = outcome;
    const order = state.status === 'none' ? undefined : findOrder(state, orderId);
    // Later events may have been heard meanwhile.
    if (order !== undefined && revision >= tracked.order.revision)
      tracked.order = afterCommand(tracked.order, order, revision);
    return null;
  }

  /**
   * Carries out reports, in order. What the account refuses is told, and left; an order does not end while a trade of it
   * is refused.
   */
  async carryOut(tracked: Tracked, reports: readonly Report[]): Promise<void> {
    let lacksTrade = false;
    for (const report of reports) {
      if (lacksTrade && (report.type === 'ReportCancelled' || report.type === 'ReportRejected')) return;
      const refused = await this.tell(tracked, report);
      if (refused === null) continue;
      this.trouble(tracked, `${report.type}: ${refused.message}`);
      lacksTrade ||= report.type === 'ReportFill';
    }
  }

  /** Tells a trouble of an order, the same one once. */
  trouble(tracked: Tracked, reason: string): void {
    if (tracked.told === reason) return;
    tracked.told = reason;
    this.#options.onTrouble(tracked.order.orderId, reason);
  }
}

function metadataOf({ now }: AccountCommand): EventMetadata {
  return {
    commandId: newId(Date.parse(now)),
    requestId: `broker-${randomUUID()}`,
    dialect: 'broker',
    actor: 'broker',
    keyId: null,
    receivedAt: now,
    schemaVersion: ACCOUNT_SCHEMA_VERSION,
  };
}
