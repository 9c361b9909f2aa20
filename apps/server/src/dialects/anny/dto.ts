/**
 * The bodies of the Anny Signal API, field by field as published. Names are the wire's.
 * Prices are decimal strings, shares and multipliers numbers. Fields not named here are accepted and not kept.
 */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  IsDefined,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  type ValidationOptions,
} from 'class-validator';
import { isDecimal } from '#libs/signal';

/** Largest time to live: a hundred years. */
const MAX_TTL_MS = 100 * 365.25 * 24 * 3_600_000;

const SYMBOL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;

function IsPrice(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isPrice',
      validator: {
        validate: (value): boolean => isDecimal(value),
        defaultMessage: (args) => `${args?.property} must be a string holding a decimal above 0, such as "65000.5"`,
      },
    },
    options,
  );
}

function IsShare(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isShare',
      validator: {
        validate: (value): boolean => typeof value === 'number' && value > 0 && value <= 100,
        defaultMessage: (args) => `${args?.property} must be a number above 0 and at most 100`,
      },
    },
    options,
  );
}

function IsSymbol(options?: ValidationOptions): PropertyDecorator {
  return Matches(SYMBOL, {
    message: ({ property }) => `${property} must be 1 to 32 letters, digits, dots, dashes or underscores`,
    ...options,
  });
}

function IsWebAddress(): PropertyDecorator {
  return Matches(/^https?:\/\/[^\s]+$/, { message: ({ property }) => `${property} must be an http or https address` });
}

/** What both versions of a new signal share. */
abstract class CreateSignalDto {
  @ApiProperty({ example: 'BTC', description: 'Asset' })
  @IsDefined()
  @IsSymbol()
  coin!: string;

  @ApiProperty({ example: 'USDT', description: 'Quote currency' })
  @IsDefined()
  @IsSymbol()
  trade_market!: string;

  @ApiProperty({ example: 'BINANCE', description: 'Exchange' })
  @IsDefined()
  @IsSymbol()
  exchange!: string;

  @ApiPropertyOptional({ example: '62000', description: 'Stop-loss price, on the losing side of the entry' })
  @IsOptional()
  @IsPrice()
  stop_loss?: string;

  @ApiPropertyOptional({ enum: ['long', 'short'], default: 'long', description: 'Direction' })
  @IsOptional()
  @IsIn(['long', 'short'])
  type?: 'long' | 'short';

  @ApiPropertyOptional({ example: 86_400_000, description: 'How long the buy order lives, in milliseconds' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_TTL_MS)
  ttl_buy_order?: number;

  @ApiPropertyOptional({ example: 'https://example.com/chart.png', description: 'First picture, http or https' })
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  @IsWebAddress()
  attachment_image1_url?: string;

  @ApiPropertyOptional({ example: 'https://example.com/detail.png', description: 'Second picture, http or https' })
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  @IsWebAddress()
  attachment_image2_url?: string;

  @ApiPropertyOptional({
    example: 'ETH breaking out of resistance',
    maxLength: 1000,
    description: 'A note on the signal',
  })
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  attachment_description?: string;
}

export class CreateSignalV1Dto extends CreateSignalDto {
  @ApiProperty({ example: '3800', description: 'Entry range, lower bound' })
  @IsDefined()
  @IsPrice()
  buy_price_min!: string;

  @ApiProperty({ example: '3850', description: 'Entry range, upper bound' })
  @IsDefined()
  @IsPrice()
  buy_price_max!: string;

  @ApiProperty({ example: '4000', description: 'Take-profit target 1, on the profit side of the entry' })
  @IsDefined()
  @IsPrice()
  sell_price_1!: string;

  @ApiPropertyOptional({ example: '4200', description: 'Take-profit target 2, beyond the one before' })
  @IsOptional()
  @IsPrice()
  sell_price_2?: string;

  @ApiPropertyOptional({ example: '4500', description: 'Take-profit target 3, beyond the one before' })
  @IsOptional()
  @IsPrice()
  sell_price_3?: string;

  @ApiPropertyOptional({ description: 'Take-profit target 4, beyond the one before' })
  @IsOptional()
  @IsPrice()
  sell_price_4?: string;

  @ApiPropertyOptional({ description: 'Take-profit target 5, beyond the one before' })
  @IsOptional()
  @IsPrice()
  sell_price_5?: string;

  @ApiPropertyOptional({ description: 'Take-profit target 6, beyond the one before' })
  @IsOptional()
  @IsPrice()
  sell_price_6?: string;

  @ApiPropertyOptional({ example: 10, description: "Percent of each user's funds, above 0 and at most 100" })
  @IsOptional()
  @IsShare()
  invest?: number;
}

export class CreateSignalV2Dto extends CreateSignalDto {
  @ApiProperty({ example: 10, description: "Percent of each user's funds, above 0 and at most 100" })
  @IsDefined()
  @IsShare()
  invest!: number;

  @ApiProperty({ example: '66000', description: 'Entry range, upper bound; alone, the entry price' })
  @IsDefined()
  @IsPrice()
  entry_price_max!: string;

  @ApiPropertyOptional({ example: '65000', description: 'Entry range, lower bound' })
  @IsOptional()
  @IsPrice()
  entry_price_min?: string;

  @ApiPropertyOptional({ example: '65500', description: 'Middle of the entry range' })
  @IsOptional()
  @IsPrice()
  entry_price_mid?: string;

  @ApiProperty({ example: '70000', description: 'Take-profit target 1, on the profit side of the entry' })
  @IsDefined()
  @IsPrice()
  exit_price_1!: string;

  @ApiPropertyOptional({ example: '75000', description: 'Take-profit target 2, beyond the one before' })
  @IsOptional()
  @IsPrice()
  exit_price_2?: string;

  @ApiPropertyOptional({ description: 'Take-profit target 3, beyond the one before' })
  @IsOptional()
  @IsPrice()
  exit_price_3?: string;

  @ApiPropertyOptional({ description: 'Take-profit target 4, beyond the one before' })
  @IsOptional()
  @IsPrice()
  exit_price_4?: string;

  @ApiPropertyOptional({ description: 'Take-profit target 5, beyond the one before' })
  @IsOptional()
  @IsPrice()
  exit_price_5?: string;

  @ApiPropertyOptional({ description: 'Not in the published table of V2, but taken by updateprice, and so here too' })
  @IsOptional()
  @IsPrice()
  exit_price_6?: string;

  @ApiPropertyOptional({ enum: ['SPOT', 'MARGIN', 'FUTURES'], default: 'SPOT', description: 'Where it is traded' })
  @IsOptional()
  @IsIn(['SPOT', 'MARGIN', 'FUTURES'])
  account?: 'SPOT' | 'MARGIN' | 'FUTURES';

  @ApiPropertyOptional({ example: 10, default: 1, description: 'At least 1; on SPOT not above 1' })
  @IsOptional()
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Min(1)
  @Max(1_000)
  leverage?: number;

  @ApiPropertyOptional({
    enum: ['ISOLATED', 'CROSS'],
    default: 'ISOLATED',
    description: 'Margin of a leveraged position',
  })
  @IsOptional()
  @IsIn(['ISOLATED', 'CROSS'])
  margin_type?: 'ISOLATED' | 'CROSS';

  @ApiPropertyOptional({ example: 'range', default: 'range', description: 'Another mode is kept and treated as range' })
  @IsOptional()
  @IsSymbol()
  entry_mode?: string;

  @ApiPropertyOptional({
    example: 50,
    description: 'Percent of the investment placed at the lower bound; the three sum to 100',
  })
  @IsOptional()
  @IsShare()
  invest_entry_min?: number;

  @ApiPropertyOptional({ description: 'Percent placed at the middle' })
  @IsOptional()
  @IsShare()
  invest_entry_mid?: number;

  @ApiPropertyOptional({ example: 50, description: 'Percent placed at the upper bound' })
  @IsOptional()
  @IsShare()
  invest_entry_max?: number;
}

/** A call names its signal in the path and in the body; the two must agree. */
abstract class CallDto {
  @ApiProperty({ example: '019ebac868e47b0d9db93cc0daccca63', description: 'The id in the path, again' })
  @IsDefined()
  @IsString()
  parent_signal_id!: string;
}

export class TakeProfitDto extends CallDto {
  @ApiProperty({ enum: ['limit', 'market'], description: 'How the exit is placed' })
  @IsDefined()
  @IsIn(['limit', 'market'])
  order_type!: 'limit' | 'market';

  @ApiPropertyOptional({ example: '72000', description: 'Required with `limit`' })
  @IsOptional()
  @IsPrice()
  sell_price?: string;

  @ApiProperty({ example: 50, description: 'Percent of the position to sell, 1 to 100' })
  @IsDefined()
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Min(1)
  @Max(100)
  sell_amount_relative!: number;

  @ApiPropertyOptional({ example: 'BTCUSDT', description: 'Kept as sent' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  symbol?: string;

  @ApiPropertyOptional({ example: '68000', description: 'Required below 100 percent' })
  @IsOptional()
  @IsPrice()
  trailing_stop_price?: string;

  @ApiPropertyOptional({ example: '67500', description: 'Required below 100 percent' })
  @IsOptional()
  @IsPrice()
  trailing_stop_limit_price?: string;
}

export class TrailingStopDto extends CallDto {
  @ApiProperty({ example: '64000', description: 'Trigger; it only ever tightens' })
  @IsDefined()
  @IsPrice()
  trailing_stop_price!: string;

  @ApiProperty({ example: '63500', description: 'Worst price at which the stop order may execute' })
  @IsDefined()
  @IsPrice()
  trailing_stop_limit_price!: string;
}

export class RebuyDto extends CallDto {
  @ApiProperty({ example: '60000', description: 'Zone of the rebuy, lower bound' })
  @IsDefined()
  @IsPrice()
  buy_price_min!: string;

  @ApiProperty({ example: '61000', description: 'Zone of the rebuy, upper bound' })
  @IsDefined()
  @IsPrice()
  buy_price_max!: string;

  @ApiPropertyOptional({ example: 5, description: 'Percent; as much as the original where it is not given' })
  @IsOptional()
  @IsShare()
  invest?: number;

  @ApiPropertyOptional({ example: '58000', description: 'Trailing stop of the combined position' })
  @IsOptional()
  @IsPrice()
  trailing_stop_price?: string;

  @ApiPropertyOptional({ example: '57500', description: 'Required with trailing_stop_price' })
  @IsOptional()
  @IsPrice()
  trailing_stop_limit_price?: string;
}

export class DcaDto extends CallDto {
  @ApiProperty({ example: '58000', description: 'On the losing side of the entry' })
  @IsDefined()
  @IsPrice()
  buy_price!: string;

  @ApiProperty({ example: 1.5, description: 'Size relative to the original investment' })
  @IsDefined()
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Min(Number.MIN_VALUE, { message: 'multiplier must be above 0' })
  @Max(1_000_000)
  multiplier!: number;
}

export class UpdatePriceDto {
  @ApiPropertyOptional({ example: '019ebac868e47b0d9db93cc0daccca63', description: 'The id in the path, again' })
  @IsOptional()
  @IsString()
  parent_signal_id?: string;

  @ApiPropertyOptional({ description: 'Entry range, lower bound' })
  @IsOptional()
  @IsPrice()
  entry_price_min?: string;

  @ApiPropertyOptional({ description: 'Entry range, upper bound' })
  @IsOptional()
  @IsPrice()
  entry_price_max?: string;

  @ApiPropertyOptional({ example: '73000', description: 'Take-profit target 1' })
  @IsOptional()
  @IsPrice()
  exit_price_1?: string;

  @ApiPropertyOptional({ description: 'Take-profit target 2' })
  @IsOptional()
  @IsPrice()
  exit_price_2?: string;

  @ApiPropertyOptional({ description: 'Take-profit target 3' })
  @IsOptional()
  @IsPrice()
  exit_price_3?: string;

  @ApiPropertyOptional({ description: 'Take-profit target 4' })
  @IsOptional()
  @IsPrice()
  exit_price_4?: string;

  @ApiPropertyOptional({ description: 'Take-profit target 5' })
  @IsOptional()
  @IsPrice()
  exit_price_5?: string;

  @ApiPropertyOptional({ description: 'Take-profit target 6' })
  @IsOptional()
  @IsPrice()
  exit_price_6?: string;

  @ApiPropertyOptional({ example: '63000', description: 'On the losing side of the next open target' })
  @IsOptional()
  @IsPrice()
  stop_loss?: string;
}

export class CancelDto extends CallDto {}
