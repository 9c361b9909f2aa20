/**
 * Proves that an exchange finds an order again by the client order id that it was given: the smallest order that it
 * takes, far below the price, so that it rests; found, cancelled and found again, each by that id alone, which the
 * exchange is asked for or tells in its lists. The other reads of every live order are tried on it too: finding it by
 * the id that the venue gave it, the open orders, its trades.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import Big from 'big.js';
import {
  type Broker,
  BrokerUnavailable,
  type Found,
  type OrderName,
  type OrderRequest,
  type PairRules,
} from '#libs/market';
import { compactId, newId } from '#libs/sourcing';
import { CommandError, printable } from './output.ts';

export interface CheckStep {
  readonly step:
    | 'rules'
    | 'price'
    | 'read'
    | 'create'
    | 'find'
    | 'find_by_venue_id'
    | 'open_orders'
    | 'cancel'
    | 'find_again'
    | 'trades';
  readonly ok: boolean;
  /** What was asked, or what the venue said. */
  readonly told: string;
}

export interface CheckedVenue {
  readonly venue: string;
  readonly pair: string;
  readonly proven: boolean;
  readonly steps: readonly CheckStep[];
  /** An order that may rest at the venue still, by its client order id; null: none. */
  readonly left: string | null;
}

export interface CheckOptions {
  readonly broker: Broker;
  readonly pair: string;
  /** The last price of the pair. */
  readonly price: () => Promise<string>;
  readonly onStep?: (step: CheckStep) => void;
  /** Milliseconds between two tries to find it: 500. */
  readonly pauseMs?: number;
}

type NamedOrder = OrderName & { readonly venueOrderId: string };

/** Below the price by this share: venues refuse what is much farther away. */
const BELOW = '0.2';
/** Above the least value by this share: some count at another price. */
const ABOVE = '1.25';
/** A venue may show an order, or its end, a moment later. */
const TRIES = 6;
const SEND_WITHIN_MS = 10_000;

/** Runs the check, as far as it goes. An order that it made is cancelled whatever happens. */
export async function checkVenue({
  broker,
  pair,
  price,
  onStep = () => undefined,
  pauseMs = 500,
}: CheckOptions): Promise<CheckedVenue> {
  const steps: CheckStep[] = [];
  const done = (step: CheckStep['step'], ok: boolean, told: string): boolean => {
    const taken = { step, ok, told };
    steps.push(taken);
    onStep(taken);
    return ok;
  };
  const end = (proven: boolean, left: string | null = null): CheckedVenue => ({
    venue: broker.name,
    pair,
    proven,
    steps,
    left,
  });

  const rules = await broker.rules(pair);
  if (!done('rules', rules !== null, rules === null ? `it has no spot market ${pair}` : describeRules(rules)))
    return end(false);
  const last = await price();
  done('price', true, last);
  const own = async (): Promise<string> => `${(await broker.openOrders(pair)).length} own open orders`;
  // A venue that can't be read can't be proven: nothing is placed there to find that out.
  if (!(await tried('read', own))) return end(false);
  const order = tinyOrder(rules!, last);
  const what = `${order.quantity} ${pair} at ${order.price}, client order id ${order.clientOrderId}`;
  const placed = await broker.place(order);
  if (placed.outcome === 'refused') {
    done('create', false, `${what}: ${placed.code}: ${placed.reason}`);
    return end(false);
  }
  const name: OrderName = { ...order, venueOrderId: null, since: order.sendBy - SEND_WITHIN_MS, until: null };
  try {
    const told = placed.outcome === 'accepted' ? `accepted as ${placed.venueOrderId ?? '?'}` : placed.reason;
    if (!done('create', placed.outcome === 'accepted', `${what}: ${told}`)) return await cleared();
    const open = await untilFound(broker, name, 'open', pauseMs);
    if (!done('find', isFound(open, 'open'), describeFound(open)) || open.outcome !== 'found') return await cleared();
    const venueOrderId = idAtVenue() ?? open.order.venueOrderId;
    const known = { ...name, venueOrderId };
    const byVenueId = await untilFound(broker, known, 'open', pauseMs);
    if (!done('find_by_venue_id', isFound(byVenueId, 'open'), describeFound(byVenueId))) return await cleared();
    if (!(await tried('open_orders', () => restingAt(known)))) return await cleared();
    const cancel = await broker.cancel(name);
    if (!done('cancel', cancel.outcome === 'asked', 'reason' in cancel ? cancel.reason : 'the venue took it'))
      return await cleared();
    const over = await untilFound(broker, name, 'cancelled', pauseMs);
    if (!done('find_again', isFound(over, 'cancelled'), describeFound(over))) return await cleared();
    if (!(await tried('trades', () => tradesOf(known)))) return await cleared();
    return end(true);
  } catch (error) {
    await cleared();
    throw error;
  }

  /** Throws where the order is not told among the open ones. */
  async function restingAt({ venueOrderId }: NamedOrder): Promise<string> {
    for (let n = 0; n < TRIES; n += 1) {
      if (n > 0) await sleep(pauseMs);
      const orders = await broker.openOrders(pair);
      if (orders.some((one) => one.venueOrderId === venueOrderId)) return `${venueOrderId} is one of ${orders.length}`;
    }
    throw new BrokerUnavailable(`${venueOrderId} is open, and not among the open orders`);
  }

  async function tradesOf(known: NamedOrder): Promise<string> {
    return `it has ${(await broker.trades(known)).length}`;
  }

  /** Takes a step that only reads. */
  async function tried(step: CheckStep['step'], read: () => Promise<string>): Promise<boolean> {
    try {
      return done(step, true, await read());
    } catch (error) {
      if (!(error instanceof BrokerUnavailable)) throw error;
      return done(step, false, error.message);
    }
  }

  function idAtVenue(): string | null {
    return placed.outcome === 'accepted' ? placed.venueOrderId : null;
  }

  /** Cancels the order by the venue's own id. */
  async function cleared(): Promise<CheckedVenue> {
    const venueOrderId = idAtVenue();
    await broker.cancel({ ...name, venueOrderId });
    const found = await untilFound(broker, { ...name, venueOrderId }, 'cancelled', pauseMs);
    return end(false, isFound(found, 'cancelled') ? null : order.clientOrderId);
  }
}

/** The smallest order that the rules allow, far below the price. */
export function tinyOrder(rules: PairRules, last: string): OrderRequest {
  const { pair, priceStep, quantityStep, leastCost, leastQuantity } = rules;
  const below = new Big(last).times(new Big(1).minus(BELOW));
  const price = priceStep === null ? below : below.minus(below.mod(priceStep));
  if (price.lte(0)) throw new CommandError('price_invalid', `${last} is too low a price for a check`, 'pair');
  const wanted = leastCost === null ? new Big(0) : new Big(leastCost).times(ABOVE).div(price);
  const step = new Big(quantityStep ?? leastQuantity ?? '0.00000001');
  const least = leastQuantity === null || new Big(leastQuantity).lt(step) ? step : new Big(leastQuantity);
  const rest = wanted.mod(step);
  const whole = rest.eq(0) ? wanted : wanted.minus(rest).plus(step);
  return {
    clientOrderId: compactId(newId(Date.now())),
    pair,
    side: 'buy',
    type: 'limit',
    quantity: (whole.gt(least) ? whole : least).toFixed(),
    price: price.toFixed(),
    sendBy: Date.now() + SEND_WITHIN_MS,
    postOnly: true,
  };
}

async function untilFound(
  broker: Broker,
  name: OrderName,
  status: 'open' | 'cancelled',
  pauseMs: number,
): Promise<Found> {
  let found = await broker.find(name);
  for (let n = 1; n < TRIES && !isFound(found, status); n += 1) {
    await sleep(pauseMs);
    found = await broker.find(name);
  }
  return found;
}

function isFound(found: Found, status: 'open' | 'cancelled'): boolean {
  return found.outcome === 'found' && found.order.status === status;
}

function describeFound(found: Found): string {
  switch (found.outcome) {
    case 'found':
      return `${found.order.venueOrderId} is ${found.order.status}`;
    case 'missing':
      return 'it is not found';
    case 'unknown':
      return found.reason;
    default:
      return found satisfies never;
  }
}

function describeRules({ quantityStep, priceStep, leastQuantity, leastCost }: PairRules): string {
  return `quantity in steps of ${quantityStep ?? '?'} from ${leastQuantity ?? '?'}, price in steps of ${priceStep ?? '?'}, value from ${leastCost ?? '?'}`;
}

export function describeStep({ step, ok, told }: CheckStep): string {
  return printable(`${ok ? 'ok  ' : 'FAIL'} ${step}: ${told}`);
}

export function describeCheck({ venue, proven, left }: CheckedVenue): string {
  const rest = left === null ? '' : `\nan order may rest there still: look for client order id ${left}`;
  return `${venue} ${proven ? 'finds orders by their client order id: it may be traded at' : 'is not proven: no order is sent to it'}${rest}`;
}
