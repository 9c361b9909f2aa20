/** From the body to a command. Pure: who calls, when, and the new id come in. */
import { type Direction, decimalFrom, type Instrument, type SignalCommand } from '#libs/signal';
import type { TraderzSignalDto } from './dto.ts';

/** What a command needs beside the body. */
export interface Context {
  readonly signalId: string;
  readonly channelId: string;
  readonly sandbox: boolean;
  /** When the request was received, ISO 8601. */
  readonly now: string;
  /** The signal that a close ends, where there is one. */
  readonly closesSignalId: string | null;
}

const CLASSES = { prediction_market: 'prediction', crypto: 'crypto', stock: 'stock' } as const;

const DIRECTIONS = { long: 'long', short: 'short', buy: 'long', sell: 'short' } as const satisfies Record<
  string,
  Direction
>;

/** A Traderz signal has no targets and no stop of its own: what a desk puts into `metadata` is kept, not interpreted. */
export function translateSignal(dto: TraderzSignalDto, context: Context): SignalCommand {
  const { price, quantity, direction } = dto;
  return {
    type: 'CreateSignal',
    signalId: context.signalId,
    channelId: context.channelId,
    dialect: 'traderz',
    now: context.now,
    sandbox: context.sandbox,
    instrument: instrumentOf(dto),
    side: dto.side,
    direction: isGiven(direction) ? DIRECTIONS[direction] : null,
    entry: isGiven(price) ? { max: decimalFrom(price) } : null,
    targets: [],
    stop: null,
    size: isGiven(quantity) ? { kind: 'quantity', value: decimalFrom(quantity) } : null,
    ...(context.closesSignalId !== null && { closesSignalId: context.closesSignalId }),
    ...(isGiven(dto.signal_time) && { signalTime: new Date(dto.signal_time).toISOString() }),
    ...(isGiven(dto.client_signal_id) && { clientSignalId: dto.client_signal_id }),
    ...(isGiven(dto.metadata) && { metadata: dto.metadata }),
  };
}

/** A crypto symbol such as `ETH/USDT` names its two assets. */
function instrumentOf({ type, source, symbol }: TraderzSignalDto): Instrument {
  const instrument = { class: CLASSES[type], venue: source, symbol };
  const [base, quote, ...more] = symbol.split('/');
  return type === 'crypto' && base && quote && more.length === 0 ? { ...instrument, base, quote } : instrument;
}

/** Many clients write null for what they leave out. */
function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== undefined && value !== null;
}
