/** Placing an order. */
import type { PlaceOrder, Terms } from './commands.ts';
import { checkLimits, checkNumbers, checkPaused, checkTerms, type Checked } from './checks.ts';
import { dayStartOfLimited } from './day.ts';
import { compare, multiply, smaller, sum } from './decimal.ts';
import { decided, type AccountDecision } from './decision.ts';
import { refuse } from './errors.ts';
import type { AccountEvent, OrderPlaced } from './events.ts';
import { filledBy, onPaper, paperPrice, type PaperPrice } from './fills.ts';
import { withFee } from './money.ts';
import { placed } from './order-events.ts';
import { findOrder, freeCash, freeHolding, markOf } from './portfolio.ts';
import { MOST_COINS, MOST_OPEN_ORDERS, type ExistingAccount } from './state.ts';
import type { Decimal, Instant, OrderSide } from './values.ts';

/**
 * An order that is taken is durable before anybody is asked. On paper it is accepted with it, and fills with it where it
 * is a market order or its limit is reached already; at a venue it waits to be sent.
 *
 * An order that fills at once needs no more than its fill costs, also where its limit would have allowed a dearer one.
 */
export function placeOrder(command: PlaceOrder, account: ExistingAccount): AccountDecision {
  const { orderId, symbol, side, orderType, price, terms, marks, now } = command;
  if (findOrder(account, orderId) !== undefined) return refuse('order_exists', 'orderId');
  const wrong = checkForm(command);
  if (wrong !== null) return wrong;
  const quantity = side === 'buy' ? command.quantity : wholeOr(command, account);
  const quote = markOf(marks, symbol) ?? null;
  const paused = side === 'buy' ? checkPaused(account) : null;
  if (paused !== null) return paused;
  const elsewhere = checkTerms(account, terms);
  if (elsewhere !== null) return elsewhere;
  if (orderType === 'market' && quote === null) return refuse('quote_unavailable', 'symbol', { symbol });
  const beyond = side === 'buy' ? checkLimits(account, { symbol, quantity, now, marks }) : null;
  if (beyond !== null) return beyond;
  const fill = terms.paper === null ? null : paperPrice(command, quote, terms.paper.slippage);
  if (fill === null && account.open.size >= MOST_OPEN_ORDERS) {
    return refuse('too_many_orders', undefined, { most: String(MOST_OPEN_ORDERS) });
  }
  if (side === 'buy' && opensOneTooMany(account, symbol)) {
    return refuse('too_many_coins', 'symbol', { most: String(MOST_COINS) });
  }
  const reservePrice = fill?.price ?? price ?? worstPrice(side, quote!.price, terms);
  const reserved = side === 'buy' ? withFee(quantity, reservePrice, terms.feeRate) : sum(quantity);
  const short = checkFree(account, { symbol, side, needed: reserved });
  if (short !== null) return short;
  const data: OrderPlaced['data'] = {
    orderId,
    symbol,
    side,
    reserved,
    orderType,
    quantity,
    price,
    ...destination(terms),
    reservePrice,
    quote,
    signalId: command.signalId,
    by: command.by,
    placedAt: now,
  };
  return decided(...dayStartOfLimited(account, now, marks), ...placing(account, data, terms, fill, now));
}

/**
 * How much a sell is of: all that is free where it asks for as much as far as a double tells, for callers read and write
 * amounts as doubles and could not sell the last digits of a holding else. At a venue never more than was asked for.
 */
function wholeOr({ symbol, quantity, terms }: PlaceOrder, account: ExistingAccount): Decimal {
  const free = freeHolding(account, symbol);
  if (Number(free) !== Number(quantity)) return quantity;
  return terms.paper === null ? smaller(quantity, free) : free;
}

function opensOneTooMany({ holdings, buying }: ExistingAccount, symbol: string): boolean {
  if (holdings.has(symbol) || buying.has(symbol)) return false;
  // Most accounts have so few of both that nothing needs to be counted.
  if (holdings.size + buying.size < MOST_COINS) return false;
  return new Set([...holdings.keys(), ...buying.keys()]).size >= MOST_COINS;
}

function checkForm({ orderType, quantity, price }: PlaceOrder): Checked {
  const wrong = checkNumbers({ quantity, price });
  if (wrong !== null) return wrong;
  if (orderType === 'limit') return price === null ? refuse('price_missing', 'price') : null;
  return price === null ? null : refuse('price_unwanted', 'price');
}

/** What a market order at a venue may trade at as estimated. Only a buy keeps money back by it. */
export function worstPrice(side: OrderSide, quote: Decimal, { marketReserve }: Pick<Terms, 'marketReserve'>): Decimal {
  return side === 'buy' ? multiply(quote, sum('1', marketReserve)) : quote;
}

/** Where an order goes, as its event tells it. */
export function destination(
  terms: Terms,
): Pick<OrderPlaced['data'], 'broker' | 'pair' | 'simulated' | 'feeRate' | 'sendBy'> {
  const { broker, pair, simulated, feeRate, paper, sendBy } = terms;
  // An order without either would wait for good, for no market and no venue has it.
  if (paper === null && sendBy === null) throw new TypeError('an order at a venue is sent by a moment');
  return { broker, pair, simulated, feeRate, sendBy: paper === null ? sendBy : null };
}

/** Whether what a buy (US dollars) or a sell (pieces) keeps back is free. */
export function checkFree(
  account: ExistingAccount,
  { symbol, side, needed }: { readonly symbol: string; readonly side: OrderSide; readonly needed: Decimal },
): Checked {
  const free = side === 'buy' ? freeCash(account) : freeHolding(account, symbol);
  if (compare(needed, free) <= 0) return null;
  return side === 'buy'
    ? refuse('insufficient_balance', undefined, { needed, free })
    : refuse('insufficient_holdings', undefined, { needed, free, symbol });
}

/** The events of an order that is taken. `fill` is null where it rests or goes to a venue. */
export function placing(
  account: ExistingAccount,
  data: OrderPlaced['data'],
  { paper }: Pick<Terms, 'paper'>,
  fill: PaperPrice | null,
  now: Instant,
): readonly AccountEvent[] {
  const { orderId, quantity } = data;
  const events: AccountEvent[] = [{ type: 'OrderPlaced', data }];
  if (paper === null) return events;
  events.push({ type: 'OrderAccepted', data: { orderId, venueOrderId: null } });
  if (fill === null) return events;
  const after = placed(account, data);
  const told = onPaper(data, quantity, fill, { tradeId: paper.tradeId, at: now });
  events.push(filledBy(after, after.open.get(orderId)!, told));
  return events;
}
