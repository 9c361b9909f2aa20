/** The bodies of the NEXT.exchange dialect, field by field. Unknown fields are accepted and not kept. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMinSize,
  IsArray,
  IsDefined,
  IsIn,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  ValidateBy,
} from 'class-validator';
import { type Mode, type OrderSide, type OrderType, type Permission, PERMISSIONS } from '#libs/account';
import { decimalFrom } from '#libs/signal';
import { LONGEST_REASON, SAYS_SOMETHING } from './texts.ts';

/** Characters that an amount takes at most as a plain decimal. */
const MAX_DECIMAL = 40;

/** A number above 0 that a ledger can write down. */
function IsAmount(): PropertyDecorator {
  return ValidateBy({
    name: 'isAmount',
    validator: {
      validate: (value): boolean =>
        typeof value === 'number' && value > 0 && Number.isFinite(value) && decimalFrom(value).length <= MAX_DECIMAL,
      defaultMessage: (args) => `${args?.property} must be a number above 0 of at most ${MAX_DECIMAL} characters`,
    },
  });
}

function IsPermissions(): PropertyDecorator {
  return ValidateBy({
    name: 'isPermissions',
    validator: {
      validate: (value): boolean =>
        Array.isArray(value) &&
        value.every((one) => PERMISSIONS.includes(one as Permission)) &&
        new Set(value).size === value.length,
      defaultMessage: (args) => `${args?.property} must be one or more of ${PERMISSIONS.join(', ')}, each once`,
    },
  });
}

const AMOUNT = { type: Number, exclusiveMinimum: 0 } as const;

/** `POST /v1/agent/register`. */
export class RegisterAgentDto {
  @ApiProperty({ example: 'My Alpha Bot', minLength: 1, maxLength: 100, description: 'What you call it' })
  @IsDefined()
  @IsString()
  @MaxLength(100)
  @Matches(SAYS_SOMETHING, { message: ({ property }) => `${property} must not be blank nor have control characters` })
  name!: string;

  @ApiProperty({
    enum: PERMISSIONS,
    isArray: true,
    minItems: 1,
    example: ['read:market', 'read:portfolio', 'write:orders'],
    description: 'What it may do, each once; the routes of `write:webhook` are not there yet',
  })
  @IsDefined()
  @IsArray()
  @ArrayMinSize(1)
  @IsPermissions()
  permissions!: Permission[];

  @ApiPropertyOptional({
    enum: ['sandbox', 'live'],
    default: 'sandbox',
    description: '`live` signs its requests, has both limits, and waits for the approval of the operator',
  })
  @IsOptional()
  @IsIn(['sandbox', 'live'])
  mode?: Mode;

  @ApiPropertyOptional({
    ...AMOUNT,
    example: 500,
    description: 'Largest loss of a UTC day, US dollars; required with `live`',
  } as never)
  @IsOptional()
  @IsAmount()
  dailyLossLimit?: number;

  @ApiPropertyOptional({
    ...AMOUNT,
    example: 10_000,
    description: 'Largest value of a position, open orders included, US dollars; required with `live`',
  } as never)
  @IsOptional()
  @IsAmount()
  maxPositionSize?: number;
}

/** `POST /v1/agent/orders`. */
export class PlaceOrderDto {
  @ApiProperty({ example: 'BTC', maxLength: 64, description: 'A coin by its symbol or by its id, such as `bitcoin`' })
  @IsDefined()
  @IsString()
  @MaxLength(64)
  symbol!: string;

  @ApiProperty({ enum: ['buy', 'sell'], description: 'A sell needs what it sells to be held and free' })
  @IsDefined()
  @IsIn(['buy', 'sell'])
  side!: OrderSide;

  @ApiProperty({ enum: ['market', 'limit'], description: '`limit` needs a price, `market` has none' })
  @IsDefined()
  @IsIn(['market', 'limit'])
  type!: OrderType;

  @ApiProperty({ ...AMOUNT, example: 0.01, description: 'Pieces of the coin' } as never)
  @IsDefined()
  @IsAmount()
  quantity!: number;

  @ApiPropertyOptional({
    ...AMOUNT,
    nullable: true,
    example: 60_000,
    description: 'US dollars a piece; null or left out for a market order',
  } as never)
  @IsOptional()
  @IsAmount()
  price?: number | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '0198c5f0a3b47c11a9f2000000000001',
    maxLength: 64,
    description: 'The signal that it follows: one of a public channel',
  } as never)
  @IsOptional()
  @IsString()
  @MaxLength(64)
  signalId?: string | null;
}

/** `PATCH /v1/agent/orders/{id}`. */
export class ModifyOrderDto {
  @ApiPropertyOptional({ ...AMOUNT, example: 59_000, description: 'The new limit, US dollars a piece' } as never)
  @IsOptional()
  @IsAmount()
  price?: number;

  @ApiPropertyOptional({
    ...AMOUNT,
    example: 0.02,
    description: 'The new total, what is filled included; pieces of the coin',
  } as never)
  @IsOptional()
  @IsAmount()
  quantity?: number;
}

/** `POST /v1/agent/pause`, `/resume` and `/close-all`. */
export class ReasonDto {
  @ApiProperty({
    example: 'The model is retrained',
    minLength: 1,
    maxLength: LONGEST_REASON,
    description: 'Why; it is recorded',
  })
  @IsDefined()
  @IsString()
  @MaxLength(LONGEST_REASON)
  @Matches(SAYS_SOMETHING, { message: ({ property }) => `${property} must not be blank nor have control characters` })
  reason!: string;
}
