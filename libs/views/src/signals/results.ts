/** What a document says of its result, in the words that readers ask for. Pure. */
import { averageEntry, openShare } from '#libs/signal';
import type { Decimal, SignedDecimal } from '#libs/signal';
import type { EvidenceView, SettlementView, SignalDocument } from './document.ts';
import { figure, shown } from '../figures.ts';

/** Whether a result of it would be no real one: a sandbox channel made it, or an invented price moved it. */
export function isSimulated({ sandbox, fills, exits, settlement }: SignalDocument): boolean {
  const invented = ({ evidence }: { readonly evidence: EvidenceView }): boolean => evidence.source === 'simulated';
  return sandbox || fills.some(invented) || exits.some(invented) || (settlement !== null && invented(settlement));
}

/** Average of everything bought, at most 8 decimals (outcome rules, rule 20); null before the match and of a close. */
export function entryPriceOf({ position, settlement }: SignalDocument): Decimal | null {
  if (settlement !== null) return settlement.entryPrice;
  return position === null ? null : averageEntry(position);
}

/**
 * Percent of the position that is still open, at most 8 decimals; null before the match and of a close. A settlement
 * closes all.
 */
export function openShareOf({ position, settlement }: SignalDocument): Decimal | null {
  if (position === null) return null;
  return settlement === null ? shown(openShare(position)) : '0';
}

/**
 * Profit in money, in dollars, without leverage: all money put in (the size, and what DCAs and rebuys added to it) times
 * `resultPct`. Null where the size is no money (a percentage of each follower's funds, pieces), or no result is told.
 */
export function resultMoney(
  { size, position }: Pick<SignalDocument, 'size' | 'position'>,
  { resultPct }: Pick<SettlementView, 'resultPct'>,
): SignedDecimal | null {
  if (size?.kind !== 'usd' || position === null || resultPct === null) return null;
  // The position counts in percent of the original investment.
  const putIn = figure(size.value).times(position.money).div(100);
  return shown(putIn.times(resultPct).div(100));
}
