/** Folding what the market did into a signal's document. Pure. */
import { decreased, increased, opened, tradeSignOf } from '#libs/signal';
import type { Evidence, MarketEvent, SignalEvent, SignalSettled } from '#libs/signal';
import type { EvidenceView, ExitView, FillView, SettlementView, SignalDocument } from './document.ts';

export function moved(document: SignalDocument, event: MarketEvent): SignalDocument {
  switch (event.type) {
    case 'SignalMatched': {
      const { part, price, share, stop, at, evidence } = event.data;
      const sign = tradeSignOf(document);
      const fill: FillView = { kind: 'entry', part, place: null, price, share, at, evidence: evidenceView(evidence) };
      const { position } = document;
      return {
        ...document,
        status: 'matched',
        fills: [...document.fills, fill],
        position:
          sign === null
            ? null
            : position === null
              ? opened(price, share, stop, sign)
              : increased(position, price, share),
        matchedAt: document.matchedAt ?? at,
      };
    }
    case 'DcaFilled':
    case 'RebuyFilled': {
      const { place, price, share, at, evidence } = event.data;
      const kind = event.type === 'DcaFilled' ? 'dca' : 'rebuy';
      const fill: FillView = { kind, part: null, place, price, share, at, evidence: evidenceView(evidence) };
      return {
        ...document,
        fills: [...document.fills, fill],
        position: increased(positionOf(document), price, share),
      };
    }
    case 'TakeProfitHit': {
      const { kind, place, price, share, at, evidence } = event.data;
      return exited(document, { kind, place, price, share, at, evidence: evidenceView(evidence) });
    }
    case 'StopHit': {
      const { kind, price, share, at, evidence } = event.data;
      return exited(document, { kind, place: null, price, share, at, evidence: evidenceView(evidence) });
    }
    case 'SignalExpired':
      return { ...document, status: 'expired', expiredAt: event.data.at };
    case 'SignalSettled':
      return { ...document, status: event.data.result, settlement: settlementView(event.data) };
    case 'SettlementCorrected': {
      const { settlement, corrected } = document;
      return {
        ...document,
        status: event.data.result,
        settlement: settlementView(event.data),
        corrected: settlement === null ? corrected : [...corrected, settlement],
      };
    }
    default:
      return unknownEvent(event);
  }
}

function exited(document: SignalDocument, exit: ExitView): SignalDocument {
  return {
    ...document,
    exits: [...document.exits, exit],
    position: decreased(positionOf(document), exit.price, exit.share),
  };
}

function positionOf({ position }: SignalDocument): NonNullable<SignalDocument['position']> {
  if (position === null) throw new Error('an order of the position was filled before the match');
  return position;
}

function settlementView({
  result,
  by,
  price,
  share,
  entryPrice,
  resultPct,
  resultR,
  reason,
  closedBySignalId,
  at,
  evidence,
}: SignalSettled['data']): SettlementView {
  return {
    result,
    by,
    price,
    share,
    entryPrice,
    resultPct,
    resultR,
    reason: reason ?? null,
    closedBySignalId: closedBySignalId ?? null,
    evidenceText: evidence.text ?? null,
    at,
    evidence: evidenceView(evidence),
  };
}

/** In a fixed order of keys, whatever order a store gave them in. */
function evidenceView({ decidedBy, source, hash, late }: Evidence): EvidenceView {
  return { decidedBy, source, hash, late: late === true };
}

function unknownEvent(event: never): never {
  throw new Error(`unknown event ${(event as SignalEvent).type}`);
}
