/** What the market did to a signal, as the Anny dialect shows it. Pure. */
import {
  type EvidenceView,
  type ExitView,
  type FillView,
  isSimulated,
  resultMoney,
  type SettlementView,
  shown,
  type SignalDocument,
} from '#libs/views';

/** Prices are as they were told; what was calculated has at most 8 decimals (outcome rules, rule 22). */
export function renderFill({ kind, part, place, price, share, at, evidence }: FillView): object {
  return { kind, part, place, price, share: percent(share), at, ...renderEvidence(evidence) };
}

export function renderExit({ kind, place, price, share, at, evidence }: ExitView): object {
  return { kind, place, price, share: percent(share), at, ...renderEvidence(evidence) };
}

/** The settlement in force, or one that was corrected since. `result_money` is profit in dollars, without leverage. */
export function renderSettlement(document: SignalDocument, settlement: SettlementView): object {
  const {
    result,
    by,
    price,
    share,
    entryPrice,
    resultPct,
    resultR,
    reason,
    closedBySignalId,
    evidenceText,
    at,
    evidence,
  } = settlement;
  return {
    result,
    by,
    price,
    share: percent(share),
    entry_price: entryPrice,
    result_pct: resultPct,
    result_r: resultR,
    result_money: resultMoney(document, settlement),
    reason,
    closed_by_signal_id: closedBySignalId,
    evidence_text: evidenceText,
    at,
    ...renderEvidence(evidence),
    ...(isSimulated(document) && { simulated: true }),
  };
}

function renderEvidence({ decidedBy, source, late }: EvidenceView): object {
  return { decided_by: decidedBy, source, late };
}

/** Percentages of a position are numbers on this wire. */
function percent(share: string): number {
  return Number(shown(share));
}
