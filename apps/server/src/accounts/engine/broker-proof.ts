/**
 * Whether an exchange has been proven to find orders again by the client order id that they were given: without that, an
 * order of which no answer came could not be told from one that was never placed. `broker check` proves it.
 */
import type { Coordination } from '#libs/sourcing';

/** Whether orders may be sent to the exchange. @param exchange ccxt's name of it */
export async function isProven(coordination: Coordination, exchange: string): Promise<boolean> {
  return (await coordination.kept(proofName(exchange))) !== null;
}

/** Remembers that it was proven at a moment, ISO 8601. */
export function rememberProof(coordination: Coordination, exchange: string, at: string): Promise<void> {
  return coordination.keep(proofName(exchange), at);
}

function proofName(exchange: string): string {
  return `broker proven ${exchange}`;
}
