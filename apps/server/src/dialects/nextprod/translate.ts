/** From the body of one signal to its command. Pure: who calls, when, the new id and the market come in. */
import type { Channel, Strategy } from '#libs/channel';
import type { Exchange, Market } from '#libs/market';
import { decimalFrom, type Decimal, type SignalCommand, subtract } from '#libs/signal';
import type { RegisterSignalDto } from './dto.ts';
import { errorOf, type SignalError } from './errors.ts';

export type CreateSignal = Extract<SignalCommand, { type: 'CreateSignal' }>;

/** What a command needs beside the body. */
export interface Context {
  readonly signalId: string;
  readonly channel: Channel;
  /** When the request was received, ISO 8601. */
  readonly now: string;
}

export type Found<Value> = Value | { readonly refused: SignalError };

/**
 * Where a signal is traded: its strategy's exchange, or for one that supports both the exchange it names itself.
 * A strategy that is another channel's, or not active, does not exist.
 */
export function placeOf(
  dto: RegisterSignalDto,
  channel: Channel,
): Found<{ readonly strategy: Strategy; readonly exchange: Exchange }> {
  const strategy = channel.strategies.get(dto.strategy_id);
  if (strategy === undefined || !strategy.active)
    return { refused: errorOf('strategy_not_found', { field: 'strategy_id' }) };
  const exchange = dto.exchange ?? undefined;
  if (strategy.exchange === 'both') {
    if (exchange === undefined) return { refused: errorOf('missing_required_field', { field: 'exchange' }) };
    return { strategy, exchange };
  }
  if (exchange !== undefined && exchange !== strategy.exchange)
    return { refused: errorOf('strategy_exchange_mismatch', { field: 'exchange' }) };
  return { strategy, exchange: strategy.exchange };
}

/**
 * The command of a signal whose place is known. A sandbox channel's `market` is what its source knows, null if nothing;
 * a real channel has none until a venue is configured, and its market is taken as written.
 */
export function translate(
  dto: RegisterSignalDto,
  exchange: Exchange,
  market: Market | null,
  { signalId, channel, now }: Context,
): Found<{ readonly command: CreateSignal }> {
  if (channel.sandbox && market === null) return { refused: errorOf('market_not_found', { field: 'market' }) };
  const price = priceOf(dto, market);
  if (price === null) return { refused: errorOf('missing_required_field', { field: 'entry_price' }) };
  return {
    command: {
      type: 'CreateSignal',
      signalId,
      channelId: channel.channelId,
      dialect: 'nextprod',
      now,
      sandbox: channel.sandbox,
      instrument: { class: 'prediction', venue: exchange, symbol: market?.market ?? dto.market },
      side: 'open',
      direction: dto.direction === 'YES' ? 'yes' : 'no',
      entry: { max: price },
      targets: [],
      stop: null,
      size: { kind: dto.size_type === 'contracts' ? 'contracts' : 'usd', value: decimalFrom(dto.size) },
      strategyId: dto.strategy_id,
      ...(typeof dto.rationale === 'string' && { note: dto.rationale }),
    },
  };
}

/** The price of the side taken, as given or as the market has it; null where neither tells one. */
function priceOf(dto: RegisterSignalDto, market: Market | null): Decimal | null {
  if (dto.entry_price !== undefined && dto.entry_price !== null) return decimalFrom(dto.entry_price);
  if (market === null) return null;
  return dto.direction === 'YES' ? market.yesPrice : subtract('1', market.yesPrice);
}
