/**
 * Every refusal of the signal domain: its code, its kind and what it says. Codes are what dialects map; a message
 * never names a field, because each dialect has its own names. `{…}` is filled in where the refusal is made.
 *
 * `missing` and `invalid` speak of the request, `conflict` of what was called before.
 */
import type { Refusal, RefusalKind } from './decision.ts';

interface RefusalForm {
  readonly kind: RefusalKind;
  readonly message: string;
}

export const SIGNAL_REFUSALS = {
  // the signal
  signal_not_found: { kind: 'not-found', message: 'There is no such signal.' },
  signal_exists: { kind: 'conflict', message: 'This signal exists already.' },
  signal_cancelled: { kind: 'conflict', message: 'The signal was cancelled: it takes no more calls.' },
  signal_ended: { kind: 'conflict', message: 'The signal has ended as {status}: it takes no more calls.' },
  call_not_applicable: {
    kind: 'conflict',
    message: 'The signal opens no position with a direction: this call has no meaning on it.',
  },
  not_matched: {
    kind: 'conflict',
    message: 'The signal has no position yet: there is nothing to sell at the market.',
  },
  too_many_orders: { kind: 'conflict', message: 'A signal has at most {most} rebuys and DCAs.' },
  // the market and the operator
  judged_before: { kind: 'conflict', message: 'The signal has changed since: the price must be judged anew.' },
  not_unmatched: { kind: 'conflict', message: 'Only a signal that was never entered expires; this one is {status}.' },
  outcome_differs: { kind: 'invalid', message: 'At this price the signal is a {result}.' },
  payout_invalid: { kind: 'invalid', message: 'A payout lies between 0 and 1.' },
  // numbers
  price_invalid: { kind: 'invalid', message: 'A price is a plain decimal above 0, of at most 40 characters.' },
  price_not_a_probability: { kind: 'invalid', message: 'A price of a prediction market lies between 0 and 1.' },
  number_invalid: { kind: 'invalid', message: 'This is a plain decimal above 0, of at most 40 characters.' },
  percent_invalid: { kind: 'invalid', message: 'A percentage is above 0 and at most 100.' },
  // entry
  entry_price_missing: { kind: 'missing', message: 'An entry needs a price.' },
  entry_order: { kind: 'invalid', message: 'The prices of an entry rise: {lower} must not be above {upper}.' },
  split_without_price: { kind: 'invalid', message: 'A share of the entry needs the price that it is placed at.' },
  split_sum: { kind: 'invalid', message: 'The shares of the entry sum to 100, not to {sum}.' },
  expiry_passed: { kind: 'invalid', message: 'The entry must stay open until a moment still to come.' },
  // exits
  too_many_targets: { kind: 'invalid', message: 'A signal has at most {most} targets, in the places 1 to {most}.' },
  target_gap: {
    kind: 'invalid',
    message: 'A new target follows directly after the last one: the next place is {next}.',
  },
  target_side: { kind: 'invalid', message: 'Targets lie on the profit side of the whole entry: {side} {bound}.' },
  target_order: {
    kind: 'invalid',
    message: 'Each target lies further from the entry than the one before: {side} {bound}.',
  },
  stop_side: { kind: 'invalid', message: 'The stop lies on the losing side of the whole entry: {side} {bound}.' },
  stop_beyond_target: {
    kind: 'invalid',
    message: 'The stop lies on the losing side of the next target: {side} {bound}.',
  },
  // size and leverage
  leverage_too_low: { kind: 'invalid', message: 'Leverage is at least 1.' },
  leverage_on_spot: { kind: 'invalid', message: 'There is no leverage above 1 on SPOT.' },
  margin_on_spot: { kind: 'invalid', message: 'There is no CROSS margin on SPOT.' },
  // take profit
  price_missing: { kind: 'missing', message: 'A limit order needs a price.' },
  take_profit_side: {
    kind: 'invalid',
    message: 'A take profit lies on the profit side of the whole entry: {side} {bound}.',
  },
  share_out_of_range: { kind: 'invalid', message: 'The share of a take profit is between 1 and 100 percent.' },
  shares_over_100: {
    kind: 'conflict',
    message: 'The shares of all take profits sum to at most 100 percent: {left} is left.',
  },
  // trailing stops
  trailing_missing: { kind: 'missing', message: 'A trailing stop needs a trigger and a limit.' },
  trailing_limit_side: {
    kind: 'invalid',
    message: 'The limit is the worst price after the trigger: not {side} {bound}.',
  },
  trailing_side: {
    kind: 'invalid',
    message: 'This trailing stop begins at the take profit and lies on its losing side: {side} {bound}.',
  },
  trailing_loosened: { kind: 'conflict', message: 'A trailing stop only ever tightens: not {side} {bound}.' },
  trailing_beyond_target: {
    kind: 'invalid',
    message: 'A trailing stop lies on the losing side of the next target: {side} {bound}.',
  },
  // rebuy, DCA, update
  rebuy_order: { kind: 'invalid', message: 'The lower bound of a rebuy must not be above its upper bound, {upper}.' },
  dca_side: { kind: 'invalid', message: 'A DCA buys on the losing side of the whole entry: {side} {bound}.' },
  prices_missing: { kind: 'missing', message: 'An update names at least one price.' },
} as const satisfies Record<string, RefusalForm>;

export type SignalRefusalCode = keyof typeof SIGNAL_REFUSALS;

/** A refusal from the table. `values` fill the `{…}` of its message. */
export function refusal(code: SignalRefusalCode, field: string, values?: Readonly<Record<string, string>>): Refusal {
  const { kind, message } = SIGNAL_REFUSALS[code];
  return { code, kind, message: values === undefined ? message : filled(message, values), field };
}

function filled(message: string, values: Readonly<Record<string, string>>): string {
  let text = message;
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{${name}}`, () => value);
  return text;
}
