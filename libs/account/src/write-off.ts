/** Taking out of an account what can't be sold: crumbs below a venue's step, a coin that nobody lists any more. */
import { checkReason } from './checks.ts';
import type { WriteOffHolding } from './commands.ts';
import { negate } from './decimal.ts';
import { decided, type AccountDecision } from './decision.ts';
import { refuse } from './errors.ts';
import type { ExistingAccount } from './state.ts';

/**
 * What it cost is realised as a loss, so that the sum of all money stays exact. Refused while an order of the symbol is
 * open: its fills would be of what is gone. What lies at a venue stays there; the ledger just counts it no more.
 */
export function writeOffHolding(
  { symbol, reason }: WriteOffHolding,
  { holdings, open }: ExistingAccount,
): AccountDecision {
  const wrong = checkReason(reason);
  if (wrong !== null) return wrong;
  const holding = holdings.get(symbol);
  if (holding === undefined) return refuse('holding_not_found', 'symbol', { symbol });
  if (open.some((order) => order.symbol === symbol)) return refuse('orders_open', 'symbol', { symbol });
  const { quantity, cost } = holding;
  return decided({ type: 'HoldingWrittenOff', data: { symbol, quantity, cost, realized: negate(cost), reason } });
}
