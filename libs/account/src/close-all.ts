/** Out of everything: every open order cancelled, every holding sold at the market. */
import { cancelsOf } from './cancel.ts';
import { checkReason, checkTerms } from './checks.ts';
import type { CloseAll } from './commands.ts';
import { dayStartOfLimited } from './day.ts';
import { compare, smaller, subtract, sum } from './decimal.ts';
import { decided, type AccountDecision } from './decision.ts';
import { refuse } from './errors.ts';
import { evolve } from './evolve.ts';
import type { AccountEvent } from './events.ts';
import { paperPrice } from './fills.ts';
import { isOnPaper, remainingOf } from './order.ts';
import { destination, placing, worstPrice } from './place.ts';
import { findOrder, freeHolding, markOf } from './portfolio.ts';
import type { ExistingAccount, Order } from './state.ts';
import type { Decimal } from './values.ts';

/**
 * Taken while the account is paused or its breaker has tripped, and of the operator also once it is closed: it only
 * reduces. Without a price of every holding
 * nothing is done at all.
 *
 * At a venue the holding is sold whole though cancelled sells may not have set it free yet; what is kept back for it is
 * what is free, so that nothing is kept back twice. Sells whose pieces may be gone all the same are left alone and their
 * pieces are not sold again: market sells under way, so that a repeat sells nothing twice, and unresolved ones.
 */
export function closeAll(command: CloseAll, account: ExistingAccount): AccountDecision {
  const { by, reason, marks, now } = command;
  const wrong = checkReason(reason);
  if (wrong !== null) return wrong;
  const cancels = cancelsOf(account, by, reason, (order) => !isSellingNow(order));
  const events: AccountEvent[] = [...dayStartOfLimited(account, now, marks), ...cancels];
  let after = cancels.reduce(evolved, account);
  for (const [symbol, quantity] of leftToSell(account)) {
    const sell = Object.hasOwn(command.sells, symbol) ? command.sells[symbol] : undefined;
    const quote = markOf(marks, symbol);
    if (sell === undefined || quote === undefined) return refuse('quote_unavailable', 'symbol', { symbol });
    const { orderId, terms } = sell;
    const elsewhere = checkTerms(account, terms);
    if (elsewhere !== null) return elsewhere;
    if (findOrder(after, orderId) !== undefined) return refuse('order_exists', 'orderId');
    const fill = terms.paper === null ? null : paperPrice({ side: 'sell', price: null }, quote, terms.paper.slippage);
    const placed = placing(
      after,
      {
        orderId,
        symbol,
        side: 'sell',
        reserved: smaller(quantity, atLeastNone(freeHolding(after, symbol))),
        orderType: 'market',
        quantity,
        price: null,
        ...destination(terms),
        reservePrice: fill?.price ?? worstPrice('sell', quote.price, terms),
        quote,
        signalId: null,
        by,
        reason,
        placedAt: now,
      },
      terms,
      fill,
      now,
    );
    events.push(...placed);
    after = placed.reduce(evolved, after);
  }
  return decided(...events);
}

function evolved(account: ExistingAccount, event: AccountEvent): ExistingAccount {
  return evolve(account, event) as ExistingAccount;
}

/** A market sell that no cancel was asked for: it is out of the holding already, as far as anybody can be. */
function isSellingNow(order: Order): boolean {
  return order.side === 'sell' && order.orderType === 'market' && !isOnPaper(order) && !order.cancelRequested;
}

/** Pieces of each holding that no sell under way or in doubt may have taken, by symbol in the order of the alphabet. */
function leftToSell(account: ExistingAccount): readonly (readonly [string, Decimal])[] {
  const selling = new Map<string, Decimal>();
  for (const order of account.open.values()) {
    if (order.side !== 'sell' || !(isSellingNow(order) || order.status === 'unresolved')) continue;
    selling.set(order.symbol, sum(selling.get(order.symbol) ?? '0', remainingOf(order)));
  }
  return [...account.holdings]
    .map(([symbol, { quantity }]) => [symbol, subtract(quantity, selling.get(symbol) ?? '0')] as const)
    .filter(([, quantity]) => compare(quantity, '0') > 0)
    .toSorted(([left], [right]) => (left < right ? -1 : 1));
}

function atLeastNone(pieces: Decimal): Decimal {
  return compare(pieces, '0') < 0 ? '0' : pieces;
}
