/** Results that are told, not reached by prices: a market that resolved, an operator, a provider's own close. */
import { compare, isDecimal } from '../decimal.ts';
import { decided, NOTHING_NEW, type Refusal, type SignalDecision } from '../decision.ts';
import { refusal } from '../errors.ts';
import type { Decimal } from '../events.ts';
import type { MarketEvent, Result, SettledBy, SignalSettled } from '../market-events.ts';
import { entryOrdersOf, evolve, leftOf, tradeSignOf, type ExistingSignal } from '../state.ts';
import { averageEntry, decreased, measured, type TradeSign } from './position.ts';
import type { ReportClose, ResolveSignal, SettleSignal } from '../commands.ts';

/**
 * A prediction market was resolved. One that was never entered has expired; else it pays what its side pays, and where
 * positions are returned at cost it is a push at the average entry. A resolution told otherwise later corrects the
 * result; one told again adds nothing.
 */
export function resolveSignal(command: ResolveSignal, signal: ExistingSignal): SignalDecision {
  const { payout, reason, at, evidence } = command;
  const sign = tradeSignOf(signal);
  if (sign === null) return NOTHING_NEW;
  if (signal.position === null) {
    return signal.status === 'registered' ? decided({ type: 'SignalExpired', data: { at, evidence } }) : NOTHING_NEW;
  }
  const price = payout ?? averageEntry(signal.position);
  const by: SettledBy = payout === null ? 'void' : 'resolved';
  if (signal.settled === null)
    return decided({ type: 'SignalSettled', data: { ...settlement(signal, sign, price, by), reason, at, evidence } });
  const { settled } = signal;
  // What the operator settled by hand stands, also against the venue.
  if (settled.evidence.decidedBy === 'operator' || (settled.by !== 'resolved' && settled.by !== 'void'))
    return NOTHING_NEW;
  if (settled.by === by && settled.price !== null && compare(settled.price, price) === 0) return NOTHING_NEW;
  return decided({
    type: 'SettlementCorrected',
    data: { ...corrected(signal, sign, price, by), reason, at, evidence },
  });
}

/**
 * The operator settles a signal by hand, for a venue that nothing tells of. With a price the result follows from it and
 * must be the one named; without, nothing is known but the result. A signal that was not matched is taken as entered at
 * its own price. A settled one is corrected.
 */
export function settleSignal(command: SettleSignal, signal: ExistingSignal): SignalDecision {
  const { outcome, price, reason, at, evidence } = command;
  const sign = tradeSignOf(signal);
  if (sign === null) return { refused: refusal('call_not_applicable', 'signalId') };
  if (outcome === 'expired') {
    if (signal.status === 'expired') return NOTHING_NEW;
    if (signal.position !== null || signal.status !== 'registered')
      return { refused: refusal('not_unmatched', 'outcome', { status: signal.status }) };
    return decided({ type: 'SignalExpired', data: { reason, at, evidence } });
  }
  const refused = exitRefusal(price, signal);
  if (refused !== null) return { refused };
  if (signal.position === null && signal.status !== 'registered')
    return { refused: refusal('signal_ended', 'signalId', { status: signal.status }) };
  const entered = enteredAsGiven(signal, { at, evidence });
  if (entered === null) return { refused: refusal('entry_price_missing', 'entry') };
  const { events, signal: current } = entered;
  const exit = price ?? (outcome === 'void' ? averageEntry(current.position!) : null);
  const result: Result = outcome === 'void' ? 'push' : outcome;
  const figures =
    exit === null
      ? unpriced(current, result)
      : current.settled === null
        ? settlement(current, sign, exit, 'operator')
        : corrected(current, sign, exit, 'operator');
  if (figures.result !== result) return { refused: refusal('outcome_differs', 'outcome', { result: figures.result }) };
  const data = { ...figures, by: outcome === 'void' ? ('void' as const) : figures.by, reason, at, evidence };
  if (current.settled === null) return { events: [...events, { type: 'SignalSettled', data }] };
  return sameSettlement(current.settled, data) ? NOTHING_NEW : decided({ type: 'SettlementCorrected', data });
}

/**
 * A close whose instrument no venue knows: the position is entered and left at the prices that its provider gave, and
 * so it is marked. Without both prices nothing can be said, and it stays as it is.
 */
export function reportClose(command: ReportClose, signal: ExistingSignal): SignalDecision {
  const { price, closedBySignalId, at, evidence } = command;
  const sign = tradeSignOf(signal);
  if (sign === null || signal.settled !== null || (signal.position === null && signal.status !== 'registered'))
    return NOTHING_NEW;
  const entered = enteredAsGiven(signal, { at, evidence });
  if (entered === null) return { refused: refusal('entry_price_missing', 'entry') };
  const figures = settlement(entered.signal, sign, price, 'closed');
  return {
    events: [...entered.events, { type: 'SignalSettled', data: { ...figures, closedBySignalId, at, evidence } }],
  };
}

type Figures = Pick<
  SignalSettled['data'],
  'result' | 'by' | 'price' | 'share' | 'entryPrice' | 'resultPct' | 'resultR'
>;

/** All that is left closed at a price. */
function settlement(signal: ExistingSignal, sign: TradeSign, price: Decimal, by: SettledBy): Figures {
  const share = leftOf(signal);
  const position = decreased(signal.position!, price, share);
  return { by, price, share, entryPrice: averageEntry(position), ...measured(position, sign) };
}

/** The same close at another price: what exits had brought before stays, the last one is taken back. */
function corrected(signal: ExistingSignal, sign: TradeSign, price: Decimal, by: SettledBy): Figures {
  const after = decreased(signal.position!, price, signal.settled!.share);
  return { by, price, share: signal.settled!.share, entryPrice: averageEntry(after), ...measured(after, sign) };
}

function unpriced(signal: ExistingSignal, result: Result): Figures {
  const share = leftOf(signal);
  const entryPrice = averageEntry(signal.position!);
  return { by: 'operator', result, price: null, share, entryPrice, resultPct: null, resultR: null };
}

function sameSettlement(before: SignalSettled['data'], after: Figures): boolean {
  return before.result === after.result && before.by === after.by && samePrice(before.price, after.price);
}

function samePrice(left: Decimal | null, right: Decimal | null): boolean {
  return left === null || right === null ? left === right : compare(left, right) === 0;
}

const NOTHING_PAID = /^0(\.0{1,38})?$/;

/** A prediction market may also pay nothing, or all. */
function exitRefusal(price: Decimal | null, { instrument }: ExistingSignal): Refusal | null {
  if (price === null) return null;
  if (instrument.class !== 'prediction') return isDecimal(price) ? null : refusal('price_invalid', 'price');
  const isPayout = NOTHING_PAID.test(price) || (isDecimal(price) && compare(price, '1') <= 0);
  return isPayout ? null : refusal('payout_invalid', 'price');
}

/**
 * The signal with its position. One that was not matched is entered at the price that its entry named for itself: that
 * of its one order, or of the first part of a split one. Null where it named none.
 */
function enteredAsGiven(
  signal: ExistingSignal,
  told: Pick<SignalSettled['data'], 'at' | 'evidence'>,
): { readonly events: readonly MarketEvent[]; readonly signal: ExistingSignal } | null {
  if (signal.position !== null) return { events: [], signal };
  const price = entryOrdersOf(signal)[0]?.price ?? null;
  if (price === null) return null;
  const matched: MarketEvent = {
    type: 'SignalMatched',
    data: { part: null, price, share: '100', stop: signal.stop, ...told },
  };
  return { events: [matched], signal: evolve(signal, matched) as ExistingSignal };
}
