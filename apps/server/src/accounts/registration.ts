/** From what a caller wants an agent to be to the agent, its key and its secret. */
import { Inject } from '@nestjs/common';
import type { Decimal, Mode, OpenAccount, Permission } from '#libs/account';
import type { EventMetadata } from '#libs/sourcing';
import { AccountWriter } from './account-writer.ts';
import { keyHashOf, newAgentId, newAgentKey, newAgentSecret } from './agent-keys.ts';
import { Secrets } from './secrets.ts';
import { TRADE_TERMS } from './tokens.ts';
import type { TradeTerms } from './terms.ts';

export interface WantedAgent {
  readonly name: string;
  readonly mode: Mode;
  readonly permissions: readonly Permission[];
  /** US dollars a UTC day; null: none. */
  readonly dailyLossLimit: Decimal | null;
  /** US dollars; null: none. */
  readonly maxPositionSize: Decimal | null;
}

/** Key and secret are told once: neither can be read from the ledger. */
export interface RegisteredAgent {
  readonly agentId: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

export class AgentRegistration {
  readonly #writer: AccountWriter;
  readonly #secrets: Secrets;
  readonly #terms: TradeTerms;

  constructor(
    @Inject(AccountWriter) writer: AccountWriter,
    @Inject(Secrets) secrets: Secrets,
    @Inject(TRADE_TERMS) terms: TradeTerms,
  ) {
    this.#writer = writer;
    this.#secrets = secrets;
    this.#terms = terms;
  }

  /** `receivedAt` is milliseconds since 1970: the id is made of it. @throws Error where the domain says no, a bug. */
  async register(wanted: WantedAgent, receivedAt: number, metadata: EventMetadata): Promise<RegisteredAgent> {
    const agentId = newAgentId(receivedAt);
    const apiKey = newAgentKey(wanted.mode, agentId);
    const apiSecret = newAgentSecret();
    const command: OpenAccount = {
      type: 'OpenAccount',
      accountId: agentId,
      now: metadata.receivedAt,
      ...wanted,
      balance: this.#terms.balance,
      keyHash: keyHashOf(apiKey),
      // A sandbox agent signs nothing: what is not kept can't leak.
      sealedSecret: wanted.mode === 'live' ? this.#secrets.seal(agentId, apiSecret) : null,
    };
    const outcome = await this.#writer.write(command, metadata);
    if (!outcome.done) throw new Error(`an agent was refused after its fields were checked: ${outcome.refusal.code}`);
    return { agentId, apiKey, apiSecret };
  }
}
