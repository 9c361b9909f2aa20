/** From the body of one signal to its command. Pure: who calls, when, the new id and the market come in. */
import type { Channel, Strategy } from '#libs/channel';
import type { Exchange, FoundMarket } from '#libs/market';
import { decimalFrom, type SignalCommand } from '#libs/signal';
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

/** Whether a body names its entry price itself. */
export function isPriced({ entry_price: price }: RegisterSignalDto): boolean {
  return price !== undefined && price !== null;
}

/** A market that nobody was asked about. */
export function asWritten({ market }: RegisterSignalDto): FoundMarket {
  return { market, price: null };
}

/** The command of a signal whose market is known. Its entry price is the one given, else that of the market. */
export function translate(
  dto: RegisterSignalDto,
  exchange: Exchange,
  market: FoundMarket,
  { signalId, channel, now }: Context,
): Found<{ readonly command: CreateSignal }> {
  const price = isPriced(dto) ? decimalFrom(dto.entry_price!) : market.price;
  if (price === null) return { refused: errorOf('missing_required_field', { field: 'entry_price' }) };
  return {
    command: {
      type: 'CreateSignal',
      signalId,
      channelId: channel.channelId,
      dialect: 'nextprod',
      now,
      sandbox: channel.sandbox,
      instrument: { class: 'prediction', venue: exchange, symbol: market.market },
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
