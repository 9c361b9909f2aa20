/** What an account holds and keeps back, as its document lists it: by symbol, in its order, and nothing that is none. */
import { bookFill, type OrderFilled, type OrderSide, type Decimal, subtract, sum } from '#libs/account';
import type { AccountDocument, HoldingView } from './document.ts';

type Holdings = Pick<AccountDocument, 'holdings' | 'reservedCash'>;

/** With `reserved` kept back anew and `released` set free: cash of a buy, pieces of a sell. */
export function keptBack<Document extends Holdings>(
  document: Document,
  symbol: string,
  side: OrderSide,
  reserved: Decimal,
  released: Decimal,
): Document {
  const change = subtract(reserved, released);
  if (change === '0') return document;
  if (side === 'buy') return { ...document, reservedCash: sum(document.reservedCash, change) };
  const holding = holdingOf(document, symbol);
  return withHolding(document, { ...holding, reserved: sum(holding.reserved, change) });
}

/** With a fill in the holding of its symbol. */
export function filled<Document extends Holdings>(document: Document, data: OrderFilled['data']): Document {
  return withHolding(document, bookFill(holdingOf(document, data.symbol), data));
}

function holdingOf({ holdings }: Pick<AccountDocument, 'holdings'>, symbol: string): HoldingView {
  return holdings.find((one) => one.symbol === symbol) ?? { symbol, quantity: '0', cost: '0', reserved: '0' };
}

function withHolding<Document extends Holdings>(document: Document, holding: HoldingView): Document {
  const { symbol, quantity, cost, reserved } = holding;
  const isNone = quantity === '0' && cost === '0' && reserved === '0';
  const holdings = document.holdings.filter((one) => one.symbol !== symbol);
  if (!isNone) {
    const at = holdings.findIndex((one) => one.symbol > symbol);
    holdings.splice(at === -1 ? holdings.length : at, 0, { symbol, quantity, cost, reserved });
  }
  return { ...document, holdings };
}
