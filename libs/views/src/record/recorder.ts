/** Adding up a track record, one document at a time. Pure. */
import { measured, SIGNAL_STATUSES, tradeSignOf } from '#libs/signal';
import type { Decimal, SignalStatus } from '#libs/signal';
import { type Figure, figure, told } from '../figures.ts';
import type { SettlementView, SignalDocument } from '../signals/document.ts';
import { isSimulated } from '../signals/results.ts';
import { lessCosts } from './costs.ts';
import { createEquityCurve } from './drawdown.ts';
import type { CountsApart, OpenPositions, RecordOptions, TrackRecord } from './track-record.ts';
import { wilsonInterval } from './wilson.ts';

export interface Recorder {
  add(document: SignalDocument): void;
  /** The record of all that was added so far, in steps: of many signals it takes long, and nothing waits for it meanwhile. */
  steps(): Generator<void, TrackRecord>;
}

/** The record of these signals. One pass; what is kept of each settled signal is its time, its id and its R. */
export function recordOf(documents: Iterable<SignalDocument>, options: RecordOptions = {}): TrackRecord {
  const recorder = createRecorder(options);
  for (const document of documents) recorder.add(document);
  return inOneGo(recorder.steps());
}

/** All steps, one after the other. */
export function inOneGo<Result>(steps: Generator<void, Result>): Result {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** The same for documents that come in parts. */
export function createRecorder(options: RecordOptions = {}): Recorder {
  const { simulated = false, lastPrice = () => null } = options;
  const rates = { feePct: options.feePct ?? '0', slippagePct: options.slippagePct ?? '0' };
  const counts = Object.fromEntries(SIGNAL_STATUSES.map((status) => [status, 0])) as Record<SignalStatus, number>;
  const apart: { -readonly [Kind in keyof CountsApart]: number } = { simulated: 0, real: 0, closing: 0, reported: 0 };
  const settled = createMean();
  const settledPct = createMean();
  const curve = createEquityCurve();
  let gained = figure(0);
  let lost = figure(0);
  let unresolved = 0;
  let corrected = 0;
  let byOperator = 0;
  const openR = createMean();
  const openPct = createMean();
  let marked = 0;
  let unmarked = 0;
  let oldestPriceAt: string | null = null;

  function addSettled(document: SignalDocument, settlement: SettlementView): void {
    const { resultPct, resultR } = lessCosts(settlement, document, rates);
    settledPct.add(resultPct);
    settled.add(resultR);
    if (resultR === null) return;
    curve.add({ at: settlement.at, id: document.id, r: resultR });
    const r = figure(resultR);
    if (r.gt(0)) gained = gained.plus(r);
    else lost = lost.minus(r);
  }

  function addOpen(document: SignalDocument): void {
    const { position } = document;
    const sign = tradeSignOf(document);
    const last = position === null || sign === null ? null : lastPrice(document);
    if (position === null || sign === null || last === null) {
      unmarked += 1;
      return;
    }
    marked += 1;
    const { resultPct, resultR } = lessCosts(measured(position, sign, last.price), document, rates);
    openPct.add(resultPct);
    openR.add(resultR);
    if (oldestPriceAt === null || last.at < oldestPriceAt) oldestPriceAt = last.at;
  }

  function openPositions(): OpenPositions {
    return {
      marked,
      unmarked,
      totalR: told(openR.total()),
      withoutR: openR.without(),
      averageResultPct: openPct.mean(),
      oldestPriceAt,
    };
  }

  return {
    add: (document) => {
      const { settlement, status } = document;
      if (isSimulated(document) !== simulated) apart[simulated ? 'real' : 'simulated'] += 1;
      else if (document.side === 'close') apart.closing += 1;
      else if (settlement?.evidence.decidedBy === 'reported') apart.reported += 1;
      else {
        counts[status] += 1;
        if (document.corrected.length > 0) corrected += 1;
        if (document.settlement?.evidence.decidedBy === 'operator') byOperator += 1;
        if (settlement !== null) addSettled(document, settlement);
        else if (status === 'matched') {
          if (document.instrument.class === 'prediction') unresolved += 1;
          addOpen(document);
        }
      }
    },
    steps: function* steps() {
      const { win, loss } = counts;
      const decided = win + loss;
      const expectancyR = settled.mean();
      return {
        simulated,
        signals: sumOf(counts) + sumOf(apart),
        counts: { ...counts },
        apart: { ...apart },
        unresolved,
        corrected,
        byOperator,
        winRate: decided === 0 ? null : told(figure(win).div(decided)),
        winRateCi95: decided === 0 ? null : toldPair(wilsonInterval(win, decided)),
        withR: curve.length(),
        withoutR: settled.without(),
        totalR: told(settled.total()),
        averageR: expectancyR,
        expectancyR,
        profitFactor: lost.eq(0) ? null : told(gained.div(lost)),
        maxDrawdownR: told(yield* curve.maxDrawdown()),
        averageResultPct: settledPct.mean(),
        withoutResultPct: settledPct.without(),
        open: openPositions(),
        feePct: told(figure(rates.feePct)),
        slippagePct: told(figure(rates.slippagePct)),
      };
    },
  };
}

interface Mean {
  add(value: string | null): void;
  total(): Figure;
  /** Null of nothing. */
  mean(): string | null;
  /** How many had none. */
  without(): number;
}

function createMean(): Mean {
  let total = figure(0);
  let count = 0;
  let without = 0;
  return {
    add: (value) => {
      if (value === null) {
        without += 1;
        return;
      }
      total = total.plus(value);
      count += 1;
    },
    total: () => total,
    mean: () => (count === 0 ? null : told(total.div(count))),
    without: () => without,
  };
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function toldPair([low, high]: readonly [Figure, Figure]): readonly [Decimal, Decimal] {
  return [told(low), told(high)];
}
