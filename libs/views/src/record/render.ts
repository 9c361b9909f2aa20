/** A track record as JSON: the same names wherever one is told. Pure. */
import type { Decimal, Instant, SignalStatus, SignedDecimal } from '#libs/signal';
import type { CountsApart, TrackRecord } from './track-record.ts';

export interface RecordJson {
  /** Absent from a real record. */
  readonly simulated?: true;
  readonly signals: number;
  readonly counts: Readonly<Record<SignalStatus, number>>;
  readonly apart: CountsApart;
  readonly unresolved: number;
  readonly corrected: number;
  readonly by_operator: number;
  readonly win_rate: Decimal | null;
  readonly win_rate_ci95: readonly [low: Decimal, high: Decimal] | null;
  readonly with_r: number;
  readonly without_r: number;
  readonly average_r: SignedDecimal | null;
  readonly total_r: SignedDecimal;
  readonly profit_factor: Decimal | null;
  readonly expectancy_r: SignedDecimal | null;
  readonly max_drawdown_r: Decimal;
  readonly average_result_pct: SignedDecimal | null;
  readonly without_result_pct: number;
  readonly open: {
    readonly marked: number;
    readonly unmarked: number;
    readonly total_r: SignedDecimal;
    readonly without_r: number;
    readonly average_result_pct: SignedDecimal | null;
    readonly oldest_price_at: Instant | null;
  };
  readonly fee_pct: Decimal;
  readonly slippage_pct: Decimal;
}

export function renderRecord(record: TrackRecord): RecordJson {
  const { open } = record;
  return {
    ...(record.simulated && { simulated: true }),
    signals: record.signals,
    counts: record.counts,
    apart: record.apart,
    unresolved: record.unresolved,
    corrected: record.corrected,
    by_operator: record.byOperator,
    win_rate: record.winRate,
    win_rate_ci95: record.winRateCi95,
    with_r: record.withR,
    without_r: record.withoutR,
    average_r: record.averageR,
    total_r: record.totalR,
    profit_factor: record.profitFactor,
    expectancy_r: record.expectancyR,
    max_drawdown_r: record.maxDrawdownR,
    average_result_pct: record.averageResultPct,
    without_result_pct: record.withoutResultPct,
    open: {
      marked: open.marked,
      unmarked: open.unmarked,
      total_r: open.totalR,
      without_r: open.withoutR,
      average_result_pct: open.averageResultPct,
      oldest_price_at: open.oldestPriceAt,
    },
    fee_pct: record.feePct,
    slippage_pct: record.slippagePct,
  };
}
