/** The track record of a replay: the very one that the server would show, and what was refused. */
import { type RecordJson, recordOf, renderRecord, type SignalDocument } from '#libs/views';

type Figures = Pick<
  RecordJson,
  'win_rate' | 'win_rate_ci95' | 'average_r' | 'total_r' | 'profit_factor' | 'expectancy_r' | 'max_drawdown_r'
>;

export interface ReplayRecord extends Figures {
  /** Every status, and `refused`: signals that the API would not have taken. */
  readonly counts: RecordJson['counts'] & { readonly refused: number };
}

/** A document is null where its signal was refused. */
export function replayRecord(documents: readonly (SignalDocument | null)[]): ReplayRecord {
  const taken = documents.filter((document) => document !== null);
  const record = renderRecord(recordOf(taken));
  return {
    counts: { ...record.counts, refused: documents.length - taken.length },
    win_rate: record.win_rate,
    win_rate_ci95: record.win_rate_ci95,
    average_r: record.average_r,
    total_r: record.total_r,
    profit_factor: record.profit_factor,
    expectancy_r: record.expectancy_r,
    max_drawdown_r: record.max_drawdown_r,
  };
}
