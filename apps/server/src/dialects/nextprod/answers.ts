/** What the NextProd dialect answers, as classes for its API document: nothing here is ever made. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { SIGNAL_STATUSES } from '#libs/signal';
import { ERROR_CODES } from './errors.ts';

const ID = { type: String, format: 'uuid' } as const;
const MOMENT = { type: String, format: 'date-time', example: '2026-04-04T19:12:07.572Z' } as const;

/** Which prices stand behind an answer: exactly one of the two is there. */
const SANDBOX = { enum: [true], description: 'On every answer to a sandbox channel: prices may be invented' };
const TRACKING = {
  enum: ['kalshi', 'polymarket', 'no_venue'],
  description: 'On a real channel: the venue that tells this market’s prices',
};

class SignalTerms {
  @ApiProperty(ID)
  signal_id!: string;

  @ApiProperty({ ...MOMENT, description: 'When the server received the request' })
  timestamp!: string;

  @ApiProperty({ description: 'What `market` was resolved to: ticker or conditionId' })
  market_resolved!: string;

  @ApiProperty({ type: Number, description: 'Price of the side taken' })
  entry_price!: number;

  @ApiProperty({ type: Number, description: 'In dollars; contracts count at the price of their side' })
  size_usd!: number;

  @ApiProperty({ enum: ['YES', 'NO'] })
  direction!: string;

  @ApiProperty({ enum: ['KALSHI', 'POLYMARKET'] })
  exchange!: string;
}

export class NextprodRegistered extends SignalTerms {
  @ApiProperty({ enum: ['registered'] })
  status!: string;

  @ApiPropertyOptional(SANDBOX)
  sandbox?: true;

  @ApiPropertyOptional(TRACKING)
  tracking?: string;
}

export class NextprodSignal extends SignalTerms {
  @ApiProperty({
    enum: SIGNAL_STATUSES,
    description:
      'Beyond the published ones: `expired` was not entered before its market closed, `cancelled` was ended before it was entered',
  })
  status!: string;

  @ApiProperty()
  strategy_id!: string;

  @ApiProperty({ type: Number, description: 'As sent, in `size_type`' })
  size!: number;

  @ApiProperty({ enum: ['dollars', 'contracts'] })
  size_type!: string;

  @ApiProperty({ type: String, nullable: true })
  rationale!: string | null;

  @ApiProperty({ ...MOMENT, nullable: true, description: 'When the market met the entry price' })
  matched_at!: string | null;

  @ApiProperty({ ...MOMENT, nullable: true, description: 'When its market was decided' })
  settled_at!: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'What the side taken paid out, 0 to 1; null where no price was told',
  })
  settlement_price!: number | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Profit over what was put in, percent' })
  result_pct!: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'What the result rests on: `settlement` of the market, `operator` by hand, or a price',
  })
  settled_by!: string | null;

  @ApiProperty(MOMENT)
  updated_at!: string;

  @ApiPropertyOptional(SANDBOX)
  sandbox?: true;

  @ApiPropertyOptional({
    type: String,
    description: 'On a real channel: the venue that tells this market’s prices, such as `kalshi`, or `no_venue`',
  })
  tracking?: string;

  @ApiPropertyOptional({ enum: [true], description: 'With a result that rests on invented prices' })
  simulated?: true;
}

export class NextprodSignalPage {
  @ApiProperty({ type: [NextprodSignal] })
  signals!: NextprodSignal[];

  @ApiProperty({ type: 'integer', description: 'Signals that the filters find, on all pages' })
  total!: number;

  @ApiProperty({ type: 'integer' })
  limit!: number;

  @ApiProperty({ type: 'integer' })
  offset!: number;
}

class NextprodErrorDetail {
  @ApiProperty({ enum: ERROR_CODES as string[] })
  code!: string;

  @ApiProperty()
  message!: string;

  @ApiPropertyOptional({ description: 'The field at fault' })
  field?: string;

  @ApiPropertyOptional({ ...ID, description: 'With duplicate_signal: the signal that the key made first' })
  signal_id?: string;
}

export class NextprodError {
  @ApiProperty({ type: NextprodErrorDetail })
  error!: NextprodErrorDetail;
}

class NextprodBatchResult {
  @ApiProperty({ type: 'integer', description: 'Its place in the request, from 0' })
  index!: number;

  @ApiProperty({ enum: ['registered', 'failed'] })
  status!: string;

  @ApiPropertyOptional(ID)
  signal_id?: string;

  @ApiPropertyOptional(MOMENT)
  timestamp?: string;

  @ApiPropertyOptional({ ...TRACKING, description: 'In a batch of a real channel on several venues' })
  tracking?: string;

  @ApiPropertyOptional({ type: NextprodErrorDetail })
  error?: NextprodErrorDetail;
}

class NextprodBatchSummary {
  @ApiProperty({ type: 'integer' })
  registered!: number;

  @ApiProperty({ type: 'integer' })
  failed!: number;
}

export class NextprodBatch {
  @ApiProperty({ type: [NextprodBatchResult] })
  results!: NextprodBatchResult[];

  @ApiProperty({ type: NextprodBatchSummary })
  summary!: NextprodBatchSummary;

  @ApiPropertyOptional(SANDBOX)
  sandbox?: true;

  @ApiPropertyOptional({
    ...TRACKING,
    description: 'On a real channel, where it is one answer for all that were registered; else with each',
  })
  tracking?: string;
}

class NextprodStrategy {
  @ApiProperty()
  strategy_id!: string;

  @ApiProperty()
  name!: string;

  @ApiProperty({ enum: ['kalshi', 'polymarket', 'both'] })
  exchange!: string;

  @ApiProperty({ type: 'integer' })
  signal_count!: number;

  @ApiProperty({ type: 'integer', description: 'Always 0: nobody can subscribe yet' })
  subscriber_count!: number;
}

export class NextprodProfile {
  @ApiProperty(ID)
  pm_id!: string;

  @ApiProperty()
  name!: string;

  @ApiProperty({ type: [NextprodStrategy], description: 'The active ones' })
  strategies!: NextprodStrategy[];

  @ApiPropertyOptional({ enum: [true], description: 'On a sandbox channel' })
  sandbox?: true;
}
