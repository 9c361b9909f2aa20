/** What is read off an account: what is free, what it is worth, its orders. */
import { compare, divide, multiply, subtract, sum } from './decimal.ts';
import type { ExistingAccount, Order } from './state.ts';
import { type Mark, type Marks, type SignedDecimal, SIMULATED } from './values.ts';

/** US dollars that no open buy keeps back. Below zero only where a venue reported dearer fills than were expected. */
export function freeCash({ cash, reservedCash }: Pick<ExistingAccount, 'cash' | 'reservedCash'>): SignedDecimal {
  return subtract(cash, reservedCash);
}

/** Pieces that no open sell keeps back. Below zero only where a venue reported more sold than there was. */
export function freeHolding({ holdings }: Pick<ExistingAccount, 'holdings'>, symbol: string): SignedDecimal {
  const holding = holdings.get(symbol);
  return holding === undefined ? '0' : subtract(holding.quantity, holding.reserved);
}

/** The broker that has what the account holds and its open orders; null where there is nothing of either. */
export function boundTo({
  broker,
  holdings,
  open,
}: Pick<ExistingAccount, 'broker' | 'holdings' | 'open'>): string | null {
  return isEmpty({ holdings, open }) ? null : broker;
}

/**
 * Whether what the account holds, and its open orders, rest on simulated prices; null where there is nothing of either.
 * Prices of the other kind say nothing of it.
 */
export function simulatedIn({
  simulated,
  holdings,
  open,
}: Pick<ExistingAccount, 'simulated' | 'holdings' | 'open'>): boolean | null {
  return isEmpty({ holdings, open }) ? null : simulated;
}

function isEmpty({ holdings, open }: Pick<ExistingAccount, 'holdings' | 'open'>): boolean {
  return open.size === 0 && !holdings.some(({ quantity }) => quantity !== '0');
}

/** Whether a price is of the kind that something rests on: a simulated one, or a real one. */
export function isOfItsKind({ simulated }: { readonly simulated: boolean }, { source }: Pick<Mark, 'source'>): boolean {
  return simulated === (source === SIMULATED);
}

/** Those of the marks that are of the account's kind of prices. */
export function fittingMarks(account: ExistingAccount, marks: Marks): Marks {
  const simulated = simulatedIn(account);
  if (simulated === null) return marks;
  return Object.fromEntries(Object.entries(marks).filter(([, mark]) => isOfItsKind({ simulated }, mark)));
}

/** An order that is open, or over and still remembered; undefined for any other. */
export function findOrder({ open, over }: Pick<ExistingAccount, 'open' | 'over'>, orderId: string): Order | undefined {
  return open.get(orderId) ?? over.get(orderId);
}

/** What a piece cost or brought on average, US dollars, 18 places half to even; null before the first fill. */
export function averagePrice({ filled, filledValue }: Pick<Order, 'filled' | 'filledValue'>): SignedDecimal | null {
  return compare(filled, '0') === 0 ? null : divide(filledValue, filled);
}

/** The mark of a symbol, undefined where there is none: also for symbols that are named like parts of any object. */
export function markOf(marks: Marks, symbol: string): Mark | undefined {
  return Object.hasOwn(marks, symbol) ? marks[symbol] : undefined;
}

/** Cash and holdings at their marks, US dollars; null where a holding has no mark. */
export function equityOf(
  { cash, holdings }: Pick<ExistingAccount, 'cash' | 'holdings'>,
  marks: Marks,
): SignedDecimal | null {
  let equity = cash;
  for (const [symbol, { quantity }] of holdings) {
    if (quantity === '0') continue;
    const mark = markOf(marks, symbol);
    if (mark === undefined) return null;
    equity = sum(equity, multiply(quantity, mark.price));
  }
  return equity;
}

/** Those of the marks that the account's holdings are valued by. */
export function marksHeld({ holdings }: Pick<ExistingAccount, 'holdings'>, marks: Marks): Marks {
  const held: Record<string, Mark> = {};
  for (const [symbol, { quantity }] of holdings) {
    const mark = markOf(marks, symbol);
    if (quantity !== '0' && mark !== undefined) held[symbol] = mark;
  }
  return held;
}

/** The first symbol held without a mark; undefined where all have one. */
export function unmarked({ holdings }: Pick<ExistingAccount, 'holdings'>, marks: Marks): string | undefined {
  for (const [symbol, { quantity }] of holdings) {
    if (quantity !== '0' && markOf(marks, symbol) === undefined) return symbol;
  }
  return undefined;
}
