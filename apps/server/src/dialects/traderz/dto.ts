/**
 * The body of the Traderz Signals API, field by field as published (traderz.txt, "POST /v1/signals"). The document gives
 * no bounds; those here are the ledger's. Messages are worded as its 422 example has them: they follow the field's name.
 * Fields not named here are accepted and not kept.
 */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsDefined, IsIn, IsOptional, ValidateBy } from 'class-validator';
import { decimalFrom, isDecimal } from '#libs/signal';

export const SOURCES = ['polymarket', 'binance', 'ibkr'] as const;
export const TYPES = ['prediction_market', 'crypto', 'stock'] as const;
export const SIDES = ['open', 'close'] as const;
export const DIRECTIONS = ['long', 'short', 'buy', 'sell'] as const;

/** A Polymarket token id has 78 digits, and markets are also named by their question. */
export const MAX_SYMBOL = 200;
const MAX_CLIENT_ID = 255;

/** The last millisecond that ISO 8601 writes with four digits of a year. */
const MAX_TIME = 253_402_300_799_999;

/** Deepest nesting of metadata, which is itself the first level; and its largest size as JSON, in bytes. */
const METADATA_DEPTH = 8;
const METADATA_BYTES = 16 * 1024;

/** In OpenAPI 3.1 a number; the types of the decorators still say true or false. */
const ABOVE_ZERO = { exclusiveMinimum: 0 } as object;

/** A rule told by what is wrong with a value; null is nothing. */
function Rule(name: string, wrong: (value: unknown, body: object) => string | null): PropertyDecorator {
  return ValidateBy({
    name,
    validator: {
      validate: (value, args): boolean => wrong(value, args!.object) === null,
      defaultMessage: (args): string => wrong(args!.value, args!.object)!,
    },
  });
}

function OneOf(allowed: readonly string[]): PropertyDecorator {
  return IsIn(allowed, { message: `must be one of: ${allowed.join(', ')}` });
}

function Text(most: number): PropertyDecorator {
  return Rule('text', (value) => {
    if (typeof value !== 'string') return 'must be a string';
    if (value.trim() === '') return 'must not be empty';
    return value.length <= most ? null : `must be at most ${most} characters`;
  });
}

function Amount(): PropertyDecorator {
  return Rule('amount', wrongWithAmount);
}

/** Above 0, and writable as a decimal of the ledger. */
function wrongWithAmount(value: unknown): string | null {
  if (typeof value !== 'number') return 'must be a number';
  if (!(value > 0)) return 'must be a number above 0';
  return isDecimal(decimalFrom(value)) ? null : 'must be a number of at most 40 digits';
}

/** The price of a prediction market is a probability. */
function Price(): PropertyDecorator {
  return Rule('price', (value, body) => {
    const wrong = wrongWithAmount(value);
    if (wrong !== null) return wrong;
    const isBet = (body as { type?: unknown }).type === 'prediction_market';
    return isBet && (value as number) >= 1 ? 'must be below 1 for a prediction_market' : null;
  });
}

function Milliseconds(): PropertyDecorator {
  return Rule('milliseconds', (value) => {
    if (!Number.isInteger(value)) return 'must be an integer';
    return (value as number) >= 0 && (value as number) <= MAX_TIME ? null : `must be from 0 to ${MAX_TIME}`;
  });
}

function Metadata(): PropertyDecorator {
  return Rule('metadata', (value) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return 'must be an object';
    if (deeperThan(value, METADATA_DEPTH)) return `must not be nested deeper than ${METADATA_DEPTH} levels`;
    return Buffer.byteLength(JSON.stringify(value)) <= METADATA_BYTES
      ? null
      : `must be at most ${METADATA_BYTES} bytes as JSON`;
  });
}

function deeperThan(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  return levels === 0 || Object.values(value).some((inner) => deeperThan(inner, levels - 1));
}

export class TraderzSignalDto {
  @ApiProperty({ enum: SOURCES, description: 'Origin venue' })
  @IsDefined({ message: 'is required' })
  @OneOf(SOURCES)
  source!: (typeof SOURCES)[number];

  @ApiProperty({ enum: TYPES, description: 'Instrument class' })
  @IsDefined({ message: 'is required' })
  @OneOf(TYPES)
  type!: (typeof TYPES)[number];

  @ApiProperty({ description: 'Instrument symbol', example: 'ETH/USDT', minLength: 1, maxLength: MAX_SYMBOL })
  @IsDefined({ message: 'is required' })
  @Text(MAX_SYMBOL)
  symbol!: string;

  @ApiProperty({
    enum: SIDES,
    description: '`close` ends the last open signal of the same source and symbol, where there is one',
  })
  @IsDefined({ message: 'is required' })
  @OneOf(SIDES)
  side!: (typeof SIDES)[number];

  @ApiPropertyOptional({ type: 'string', enum: DIRECTIONS, description: '`buy` is kept as `long`, `sell` as `short`' })
  @IsOptional()
  @OneOf(DIRECTIONS)
  direction?: (typeof DIRECTIONS)[number] | null;

  @ApiPropertyOptional({
    type: 'number',
    description: 'Execution or limit price; below 1 for a prediction_market',
    example: 3450.5,
    ...ABOVE_ZERO,
  })
  @IsOptional()
  @Price()
  price?: number | null;

  @ApiPropertyOptional({ type: 'number', description: 'Size', example: 1.5, ...ABOVE_ZERO })
  @IsOptional()
  @Amount()
  quantity?: number | null;

  @ApiPropertyOptional({
    type: 'integer',
    nullable: true,
    description: 'Your event time, epoch milliseconds; kept and shown, never used in place of `received_at`',
    example: 1_716_500_000_000,
    minimum: 0,
    maximum: MAX_TIME,
  })
  @IsOptional()
  @Milliseconds()
  signal_time?: number | null;

  @ApiPropertyOptional({
    type: 'string',
    description: 'Idempotency key, unique within your desk',
    example: 'trade-8842-open',
    minLength: 1,
    maxLength: MAX_CLIENT_ID,
  })
  @IsOptional()
  @Text(MAX_CLIENT_ID)
  client_signal_id?: string | null;

  @ApiPropertyOptional({
    type: 'object',
    nullable: true,
    additionalProperties: true,
    description: `Arbitrary JSON, kept as given: at most ${METADATA_DEPTH} levels and ${METADATA_BYTES} bytes`,
    example: { tp: 3600, sl: 3300 },
  })
  @IsOptional()
  @Metadata()
  metadata?: Readonly<Record<string, unknown>> | null;
}
