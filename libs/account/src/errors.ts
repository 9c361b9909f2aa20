/**
 * Every refusal of the account domain: its code, its kind and what it says. `{…}` is filled in where it is made.
 * Codes that the NEXT.exchange dialect answers are its own.
 */
import type { Refusal, RefusalKind } from './decision.ts';

interface RefusalForm {
  readonly kind: RefusalKind;
  readonly message: string;
}

export const ACCOUNT_REFUSALS = {
  // the account
  account_not_found: { kind: 'not-found', message: 'There is no such agent.' },
  account_exists: { kind: 'conflict', message: 'This agent exists already.' },
  account_closed: { kind: 'forbidden', message: 'The agent was revoked.' },
  not_approved: { kind: 'forbidden', message: 'The agent waits for the approval of the operator.' },
  already_decided: {
    kind: 'conflict',
    message: 'Only a live agent that waits for it is approved; this one is {status}.',
  },
  permissions_invalid: { kind: 'invalid', message: 'Permissions are one or more of those published, each once.' },
  limits_missing: { kind: 'missing', message: 'A live agent has a daily loss limit and a largest position.' },
  reason_missing: { kind: 'missing', message: 'A reason is needed.' },
  paused: { kind: 'forbidden', message: 'The agent is paused ({reason}): only what reduces or cancels is allowed.' },
  paused_by_operator: { kind: 'forbidden', message: 'The operator paused the agent: only the operator resumes it.' },
  not_tripped: { kind: 'conflict', message: 'No circuit breaker has tripped.' },
  // holdings
  holding_not_found: { kind: 'not-found', message: 'The account holds no {symbol}.' },
  orders_open: { kind: 'conflict', message: 'Orders of {symbol} are open: they end first.' },
  // numbers
  number_invalid: { kind: 'invalid', message: 'This is a plain decimal above 0, of at most 40 characters.' },
  price_missing: { kind: 'missing', message: 'A limit order needs a price.' },
  price_unwanted: { kind: 'invalid', message: 'A market order has no price.' },
  // orders
  order_exists: { kind: 'conflict', message: 'This order exists already.' },
  order_not_found: { kind: 'not-found', message: 'There is no such order.' },
  order_finished: { kind: 'conflict', message: 'The order is {status}: it can no longer be changed.' },
  order_unresolved: {
    kind: 'conflict',
    message: 'It is not known whether the venue has this order: it can not be changed now.',
  },
  not_modifiable: { kind: 'conflict', message: 'Only a resting limit order on paper can be changed.' },
  nothing_to_modify: { kind: 'missing', message: 'A change names a price or a quantity.' },
  below_filled: { kind: 'invalid', message: 'The quantity must be above what is filled already, {filled}.' },
  above_remaining: { kind: 'invalid', message: 'Of the order {remaining} is left to be filled.' },
  insufficient_balance: { kind: 'unavailable', message: 'It needs {needed} USD and {free} USD are free.' },
  insufficient_holdings: { kind: 'unavailable', message: 'It needs {needed} {symbol} and {free} are free.' },
  quote_unavailable: { kind: 'unavailable', message: 'There is no price of {symbol} to go by.' },
  daily_loss: {
    kind: 'unavailable',
    message:
      "The day's loss is {loss} USD of {limit}: nothing opens or adds until the next UTC day or the operator's reset.",
  },
  position_cap: { kind: 'unavailable', message: 'The position would be worth {value} USD of at most {limit}.' },
  other_broker: {
    kind: 'unavailable',
    message: 'This account trades at {own}: its holdings are there, and no order of it goes to {asked}.',
  },
  other_prices: {
    kind: 'unavailable',
    message: 'What this account has rests on {own} prices: nothing of it is traded on {asked} ones.',
  },
  too_many_orders: { kind: 'unavailable', message: 'An account has at most {most} open orders.' },
  too_many_coins: { kind: 'unavailable', message: 'An account holds, or buys, at most {most} coins.' },
  // sending
  sent_before: { kind: 'conflict', message: 'The order was sent before: an order is sent once.' },
  too_late: { kind: 'conflict', message: 'The order is too old to be sent.' },
  on_paper: { kind: 'conflict', message: 'The order is on paper: no venue is asked.' },
  not_sent: { kind: 'conflict', message: 'The order was not sent to a venue.' },
} as const satisfies Record<string, RefusalForm>;

export type AccountRefusalCode = keyof typeof ACCOUNT_REFUSALS;

/** A refusal from the table. `values` fill the `{…}` of its message. */
export function refusal(
  code: AccountRefusalCode,
  field?: string,
  values: Readonly<Record<string, string>> = {},
): Refusal {
  const { kind, message: form } = ACCOUNT_REFUSALS[code];
  let message: string = form;
  for (const [name, value] of Object.entries(values)) message = message.replaceAll(`{${name}}`, () => value);
  return { code, kind, message, ...(field !== undefined && { field }) };
}

/** A decision that is a refusal. */
export function refuse(...told: Parameters<typeof refusal>): { readonly refused: Refusal } {
  return { refused: refusal(...told) };
}
