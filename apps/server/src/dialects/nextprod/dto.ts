/** The bodies of the NextProd dialect, field by field as published. Unknown fields are accepted and not kept. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsDefined,
  IsIn,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  MinLength,
  ValidateBy,
} from 'class-validator';

export const MAX_BATCH = 50;

/** Longest `idempotency_key`. */
export const MAX_KEY = 255;

function IsProbability(): PropertyDecorator {
  return ValidateBy({
    name: 'isProbability',
    validator: {
      validate: (value): boolean => typeof value === 'number' && value > 0 && value < 1,
      defaultMessage: (args) => `${args?.property} must be a number strictly between 0 and 1`,
    },
  });
}

function IsAmount(): PropertyDecorator {
  return ValidateBy({
    name: 'isAmount',
    validator: {
      validate: (value): boolean => typeof value === 'number' && value > 0 && Number.isFinite(value),
      defaultMessage: (args) => `${args?.property} must be a number above 0`,
    },
  });
}

/** `POST /api/v1/signals`, and each element of a batch. */
export class RegisterSignalDto {
  @ApiProperty({ example: 'your_strategy_id', description: 'An active strategy of yours, from GET /me' })
  @IsDefined()
  @IsString()
  strategy_id!: string;

  @ApiProperty({
    example: 'KXMLBGAME-26APR041905MIANYY-NYY',
    description: 'Kalshi ticker, Polymarket conditionId, or the exact name of the market',
    minLength: 1,
    maxLength: 300,
  })
  @IsDefined()
  @IsString()
  @MaxLength(300)
  @Matches(/^[^\p{Cc}]*[^\p{Cc}\s][^\p{Cc}]*$/u, {
    message: ({ property }) => `${property} must name a market, without control characters`,
  })
  market!: string;

  @ApiProperty({ enum: ['YES', 'NO'], description: 'The side you take' })
  @IsDefined()
  @IsIn(['YES', 'NO'])
  direction!: 'YES' | 'NO';

  @ApiProperty({
    type: Number,
    example: 300,
    exclusiveMinimum: 0,
    description: 'Position size, in `size_type`',
  } as never)
  @IsDefined()
  @IsAmount()
  size!: number;

  @ApiPropertyOptional({ enum: ['dollars', 'contracts'], default: 'dollars', description: 'What `size` counts' })
  @IsOptional()
  @IsIn(['dollars', 'contracts'])
  size_type?: 'dollars' | 'contracts';

  @ApiPropertyOptional({
    type: Number,
    example: 0.45,
    exclusiveMinimum: 0,
    exclusiveMaximum: 1,
    description:
      'Price of the side you take. Omitted, it is fetched from the market; a real channel must give it where no venue is configured',
  } as never)
  @IsOptional()
  @IsProbability()
  entry_price?: number;

  @ApiPropertyOptional({ enum: ['kalshi', 'polymarket'], description: 'Required if the strategy supports both' })
  @IsOptional()
  @IsIn(['kalshi', 'polymarket'])
  exchange?: 'kalshi' | 'polymarket';

  @ApiPropertyOptional({
    example: 'Model triggered on momentum signal',
    maxLength: 4000,
    description: 'Why; kept as sent',
  })
  @IsOptional()
  @IsString()
  @MaxLength(4000)
  rationale?: string;

  @ApiPropertyOptional({
    example: 'mlb-2026-04-04-nyy-1',
    minLength: 1,
    maxLength: MAX_KEY,
    description: 'A repeat of it, with whatever body, answers `duplicate_signal` with the first `signal_id`',
  })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(MAX_KEY)
  idempotency_key?: string;
}

/** `POST /api/v1/signals/batch`. Its elements are checked each on its own. */
export class RegisterBatchDto {
  @ApiProperty({ type: [RegisterSignalDto], minItems: 1, maxItems: MAX_BATCH, description: 'Each as if sent alone' })
  @IsDefined()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_BATCH)
  signals!: unknown[];
}
