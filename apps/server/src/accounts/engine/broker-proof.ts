/**
 * Whether an exchange has been proven to find orders again by the client order id that they were given: without that, an
 * order of which no answer came could not be told from one that was never placed. `broker check` proves it, of one
 * address and one key: others are proven anew.
 */
import { hash } from 'node:crypto';
import { type CcxtBrokerOptions, ccxtIdOf } from '#libs/market';
import type { Coordination } from '#libs/sourcing';

/** What of an exchange a proof is of. */
export type ProvenBroker = Pick<CcxtBrokerOptions, 'exchange' | 'baseUrl'> & {
  readonly credentials: Pick<CcxtBrokerOptions['credentials'], 'apiKey'>;
};

/** Whether orders may be sent to the exchange, there and with that key. */
export async function isProven(coordination: Coordination, broker: ProvenBroker): Promise<boolean> {
  return (await coordination.kept(proofName(broker))) !== null;
}

/** Remembers that it was proven at a moment, ISO 8601. */
export function rememberProof(coordination: Coordination, broker: ProvenBroker, at: string): Promise<void> {
  return coordination.keep(proofName(broker), at);
}

/** The key itself is written nowhere. */
function proofName({ exchange, baseUrl, credentials }: ProvenBroker): string {
  const place = baseUrl === undefined ? '' : ` at ${baseUrl.replace(/\/$/, '')}`;
  return `broker proven ${ccxtIdOf(exchange)}${place} key ${hash('sha256', credentials.apiKey).slice(0, 16)}`;
}
