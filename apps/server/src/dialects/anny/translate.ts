/** From Anny's bodies to commands. Pure: who calls, when, and the new id come in. */
import { decimalFrom, type ProviderCommand, type UpdatePrices } from '#libs/signal';
import { Fault } from '../../http/fault.ts';
import type {
  CreateSignalV1Dto,
  CreateSignalV2Dto,
  DcaDto,
  RebuyDto,
  TakeProfitDto,
  TrailingStopDto,
  UpdatePriceDto,
} from './dto.ts';

/** What a command needs beside the body. */
export interface Context {
  readonly signalId: string;
  readonly channelId: string;
  readonly sandbox: boolean;
  /** When the request was received, milliseconds since 1970. */
  readonly receivedAt: number;
  /** The same moment, ISO 8601. */
  readonly now: string;
}

type Create = Extract<ProviderCommand, { type: 'CreateSignal' }>;

export function translateCreateV1(dto: CreateSignalV1Dto, context: Context): ProviderCommand {
  return {
    ...created(dto, context, 'sell_price_'),
    entry: { min: dto.buy_price_min, max: dto.buy_price_max },
  };
}

/** Defaults are the published ones: SPOT, leverage 1, ISOLATED, range. */
export function translateCreateV2(dto: CreateSignalV2Dto, context: Context): ProviderCommand {
  const base = created(dto, context, 'exit_price_');
  const split = {
    ...number('min', dto.invest_entry_min),
    ...number('mid', dto.invest_entry_mid),
    ...number('max', dto.invest_entry_max),
  };
  return {
    ...base,
    instrument: { ...base.instrument, account: dto.account ?? 'SPOT' },
    entry: {
      ...text('min', dto.entry_price_min),
      ...text('mid', dto.entry_price_mid),
      max: dto.entry_price_max,
      mode: dto.entry_mode ?? 'range',
      ...(Object.keys(split).length > 0 && { split }),
    },
    leverage: decimalFrom(dto.leverage ?? 1),
    marginType: dto.margin_type ?? 'ISOLATED',
  };
}

/** What is known of a signal's market when a call comes. */
export interface MarketAtReceipt {
  /** A venue follows the signal. */
  readonly tracked: boolean;
  /** The last price; null where none is known. */
  readonly reference: string | null;
}

export function translateTakeProfit(
  dto: TakeProfitDto,
  context: Context,
  { tracked, reference }: MarketAtReceipt,
): ProviderCommand {
  return {
    type: 'AddTakeProfit',
    ...addressed(context),
    orderType: dto.order_type,
    ...text('price', dto.sell_price),
    share: decimalFrom(dto.sell_amount_relative),
    ...trailing(dto),
    ...text('symbol', dto.symbol),
    tracked,
    ...text('reference', reference),
  };
}

/** The trail's distance follows from the last price at receipt; where none is known it stays at its trigger. */
export function translateTrailingStop(
  dto: TrailingStopDto,
  context: Context,
  reference: string | null,
): ProviderCommand {
  return {
    type: 'AddTrailingStop',
    ...addressed(context),
    trigger: dto.trailing_stop_price,
    limit: dto.trailing_stop_limit_price,
    reference,
  };
}

export function translateRebuy(dto: RebuyDto, context: Context): ProviderCommand {
  return {
    type: 'AddRebuy',
    ...addressed(context),
    min: dto.buy_price_min,
    max: dto.buy_price_max,
    ...number('invest', dto.invest),
    ...trailing(dto),
  };
}

export function translateDca(dto: DcaDto, context: Context): ProviderCommand {
  return { type: 'AddDca', ...addressed(context), price: dto.buy_price, multiplier: decimalFrom(dto.multiplier) };
}

export function translateUpdatePrice(dto: UpdatePriceDto, context: Context): ProviderCommand {
  const targets: Record<string, string> = {};
  for (let place = 1; place <= MAX_TARGETS; place += 1) {
    const price = dto[`exit_price_${place}` as 'exit_price_1'];
    if (given(price)) targets[place] = price;
  }
  const command: UpdatePrices = {
    type: 'UpdatePrices',
    ...addressed(context),
    ...text('entryMin', dto.entry_price_min),
    ...text('entryMax', dto.entry_price_max),
    ...(Object.keys(targets).length > 0 && { targets }),
    ...text('stop', dto.stop_loss),
  };
  return command;
}

export function translateCancel(context: Context): ProviderCommand {
  return { type: 'CancelSignal', ...addressed(context) };
}

const MAX_TARGETS = 6;

function created(
  dto: CreateSignalV1Dto | CreateSignalV2Dto,
  context: Context,
  targetPrefix: 'sell_price_' | 'exit_price_',
): Create {
  const attachments = {
    ...text('attachment_image1_url', dto.attachment_image1_url),
    ...text('attachment_image2_url', dto.attachment_image2_url),
  };
  return {
    type: 'CreateSignal',
    ...addressed(context),
    sandbox: context.sandbox,
    instrument: {
      class: 'crypto',
      venue: dto.exchange,
      symbol: `${dto.coin}/${dto.trade_market}`,
      base: dto.coin,
      quote: dto.trade_market,
    },
    side: 'open',
    direction: dto.type ?? 'long',
    entry: null,
    targets: targetsOf(dto as unknown as Record<string, string | null | undefined>, targetPrefix),
    stop: dto.stop_loss ?? null,
    size: given(dto.invest) ? { kind: 'percent', value: decimalFrom(dto.invest) } : null,
    ...(given(dto.ttl_buy_order) && { expiresAt: new Date(context.receivedAt + dto.ttl_buy_order).toISOString() }),
    ...text('note', dto.attachment_description),
    ...(Object.keys(attachments).length > 0 && { metadata: attachments }),
  };
}

/** Targets are numbered without holes: a missing number is more likely a slip than a wish. */
function targetsOf(dto: Record<string, string | null | undefined>, prefix: string): string[] {
  const targets: string[] = [];
  for (let place = 1; place <= MAX_TARGETS; place += 1) {
    const price = dto[prefix + place];
    if (!given(price)) continue;
    if (targets.length !== place - 1) {
      throw new Fault('invalid', `${prefix}${place} is given, ${prefix}${targets.length + 1} is not`, {
        field: prefix + place,
      });
    }
    targets.push(price);
  }
  return targets;
}

/** The document takes no new middle of the range; ignored in silence, it would leave an entry nobody asked for. */
export function refuseEntryMid(body: unknown): void {
  if (body !== null && typeof body === 'object' && given((body as Record<string, unknown>)['entry_price_mid'])) {
    throw new Fault('invalid', 'entry_price_mid can not be updated; send entry_price_min and entry_price_max', {
      field: 'entry_price_mid',
    });
  }
}

/** Option B of the documents has no public inner form, so nothing can be read from it. */
export function refuseFormattedText(body: unknown): void {
  if (body !== null && typeof body === 'object' && given((body as Record<string, unknown>)['formatted_text'])) {
    throw new Fault(
      'invalid',
      'formatted_text has no published form and is not supported; send the structured fields',
      { field: 'formatted_text' },
    );
  }
}

function addressed({ signalId, channelId, now }: Context): {
  signalId: string;
  channelId: string;
  dialect: 'anny';
  now: string;
} {
  return { signalId, channelId, dialect: 'anny', now };
}

function trailing(dto: { trailing_stop_price?: string; trailing_stop_limit_price?: string }): {
  trailing?: { trigger?: string; limit?: string };
} {
  if (!given(dto.trailing_stop_price) && !given(dto.trailing_stop_limit_price)) return {};
  return { trailing: { ...text('trigger', dto.trailing_stop_price), ...text('limit', dto.trailing_stop_limit_price) } };
}

/** JSON null means the same as absent. */
function given<Value>(value: Value | null | undefined): value is Value {
  return value !== undefined && value !== null;
}

function text<Name extends string>(name: Name, value: string | null | undefined): { readonly [key in Name]?: string } {
  return (given(value) ? { [name]: value } : {}) as { readonly [key in Name]?: string };
}

function number<Name extends string>(
  name: Name,
  value: number | null | undefined,
): { readonly [key in Name]?: string } {
  return (given(value) ? { [name]: decimalFrom(value) } : {}) as { readonly [key in Name]?: string };
}
