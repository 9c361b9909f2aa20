/** The routes of the Anny dialect: writes translate, handle and render; reads ask and render. */
import { Controller, Delete, Get, Inject, Post, Put, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { compactId, newId, parseId } from '#libs/sourcing';
import type { SignalCommand } from '#libs/signal';
import { checkDto } from '../../http/dto-check.ts';
import { Fault, type Rendered } from '../../http/fault.ts';
import { sendPieces, sendRendered } from '../../http/send.ts';
import { headerKeyOf, metadataOf, waitPositionOf } from '../../http/write-context.ts';
import { GetHistory, GetRecord, GetSignal, ListSignals } from '../../signals/queries.ts';
import { type HistoryEntry, type Scope, statesAfter } from '../../signals/reader.ts';
import { renderSignalRecord } from '../../signals/record-view.ts';
import { PRICES, type PricesAtReceipt, TRACKING, type Tracking } from '../../signals/tracking.ts';
import { SignalWriter } from '../../signals/writer.ts';
import * as docs from './docs.ts';
import {
  CancelDto,
  CreateSignalV1Dto,
  CreateSignalV2Dto,
  DcaDto,
  RebuyDto,
  TakeProfitDto,
  TrailingStopDto,
  UpdatePriceDto,
} from './dto.ts';
import { type AsOf, asOf, dialectOf, filterOf, recordOf } from './query.ts';
import { FIELDS, type FieldNames, renderCancelled, renderDone, renderFound, renderRefusal } from './render.ts';
import { renderEntry, renderHistory, renderSignal } from './signal-view.ts';
import {
  type Context,
  type MarketAtReceipt,
  refuseEntryMid,
  refuseFormattedText,
  translateCancel,
  translateCreateV1,
  translateCreateV2,
  translateDca,
  translateRebuy,
  translateTakeProfit,
  translateTrailingStop,
  translateUpdatePrice,
} from './translate.ts';

/** A call's body and path name the same signal. */
type CallBody = { readonly parent_signal_id?: string };

/** Where no venue follows a signal. */
const UNKNOWN_MARKET: MarketAtReceipt = { tracked: false, reference: null };

type CallRoute = 'takeProfit' | 'trailingStop' | 'rebuy' | 'dca' | 'updatePrice' | 'cancel';

@ApiTags('Anny')
@docs.annySecurity()
@Controller()
export class AnnyController {
  readonly #writer: SignalWriter;
  readonly #queries: QueryBus;
  readonly #tracking: Tracking;
  readonly #prices: PricesAtReceipt;

  constructor(
    @Inject(SignalWriter) writer: SignalWriter,
    @Inject(QueryBus) queries: QueryBus,
    @Inject(TRACKING) tracking: Tracking,
    @Inject(PRICES) prices: PricesAtReceipt,
  ) {
    this.#writer = writer;
    this.#queries = queries;
    this.#tracking = tracking;
    this.#prices = prices;
  }

  @Post('v1/signal')
  @docs.createV1()
  createV1(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    refuseFormattedText(request.body);
    const dto = checkDto(CreateSignalV1Dto, request.body);
    return this.#create(request, reply, 'v1/signal', FIELDS.createV1, (context) => translateCreateV1(dto, context));
  }

  @Post('v2/signal')
  @docs.createV2()
  createV2(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    refuseFormattedText(request.body);
    const dto = checkDto(CreateSignalV2Dto, request.body);
    return this.#create(request, reply, 'v2/signal', FIELDS.createV2, (context) => translateCreateV2(dto, context));
  }

  @Post('v1/signal/:parent_signal_id/call/takeprofit')
  @docs.takeProfit()
  async takeProfit(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const dto = checkDto(TakeProfitDto, request.body);
    const market = dto.order_type === 'market' ? await this.#marketOf(request) : UNKNOWN_MARKET;
    await this.#call(request, reply, 'takeProfit', dto, (context) => translateTakeProfit(dto, context, market));
  }

  @Post('v1/signal/:parent_signal_id/call/trailingstop')
  @docs.trailingStop()
  async trailingStop(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const dto = checkDto(TrailingStopDto, request.body);
    const { reference } = await this.#marketOf(request);
    await this.#call(request, reply, 'trailingStop', dto, (context) => translateTrailingStop(dto, context, reference));
  }

  @Post('v1/signal/:parent_signal_id/call/rebuy')
  @docs.rebuy()
  rebuy(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const dto = checkDto(RebuyDto, request.body);
    return this.#call(request, reply, 'rebuy', dto, (context) => translateRebuy(dto, context));
  }

  @Post('v1/signal/:parent_signal_id/call/dca')
  @docs.dca()
  dca(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const dto = checkDto(DcaDto, request.body);
    return this.#call(request, reply, 'dca', dto, (context) => translateDca(dto, context));
  }

  @Put('v1/signal/:parent_signal_id/updateprice')
  @docs.updatePrice()
  updatePrice(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    refuseEntryMid(request.body);
    const dto = checkDto(UpdatePriceDto, request.body);
    return this.#call(request, reply, 'updatePrice', dto, (context) => translateUpdatePrice(dto, context));
  }

  @Delete('v1/signal/:parent_signal_id/cancel')
  @docs.cancel()
  cancel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const dto = checkDto(CancelDto, request.body);
    return this.#call(request, reply, 'cancel', dto, translateCancel);
  }

  @Get('v1/signal')
  @docs.list()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = request.query as Record<string, unknown>;
    const page = await this.#queries.execute(
      new ListSignals(filterOf(query), scopeOf(request), waitPositionOf(request)),
    );
    const signals = page.signals.map((document) => renderSignal(document, this.#tracking));
    const payload = { signals, next_cursor: page.next?.toString() ?? null };
    sendRendered(reply, renderFound(payload, staleness(page)));
  }

  @Get('v1/signal/record')
  @docs.record()
  async record(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const wanted = recordOf(request.query as Record<string, unknown>, request.caller!);
    const found = await this.#queries.execute(new GetRecord(wanted, scopeOf(request), waitPositionOf(request)));
    sendRendered(reply, renderFound(renderSignalRecord(found, wanted.by), staleness(found)));
  }

  @Get('v1/signal/:parent_signal_id')
  @docs.get()
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const document = await this.#queries.execute(new GetSignal(pathId(request), scopeOf(request)));
    if (document === null) throw unknownSignal();
    sendRendered(reply, renderFound(renderSignal(document, this.#tracking)));
  }

  @Get('v1/signal/:parent_signal_id/history')
  @docs.history()
  async history(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const wanted = asOf(request.query as Record<string, unknown>);
    const signalId = pathId(request);
    const events = await this.#queries.execute(new GetHistory(signalId, scopeOf(request)));
    if (events === null) throw unknownSignal();
    let entry: HistoryEntry | null = null;
    // Where the whole is asked for, this makes sure that it can be folded before its first byte is sent.
    for (const one of statesAfter(events)) if (wanted !== null && isAsOf(one, wanted)) entry = one;
    if (wanted === null) sendPieces(reply, renderHistory(signalId, statesAfter(events), this.#tracking));
    else if (entry === null) throw new Fault('invalid', 'the signal has no state as of then', { field: 'as_of' });
    else sendRendered(reply, renderFound({ parent_signal_id: signalId, ...renderEntry(entry, this.#tracking) }));
  }

  #create(
    request: FastifyRequest,
    reply: FastifyReply,
    route: string,
    names: FieldNames,
    translate: (context: Context) => SignalCommand,
  ): Promise<void> {
    return this.#write(request, reply, route, names, compactId(newId(request.receivedAt)), translate);
  }

  async #call(
    request: FastifyRequest,
    reply: FastifyReply,
    route: CallRoute,
    dto: CallBody,
    translate: (context: Context) => SignalCommand,
  ): Promise<void> {
    const signalId = pathId(request);
    if (
      dto.parent_signal_id !== undefined &&
      dto.parent_signal_id !== null &&
      parseId(dto.parent_signal_id) !== signalId
    ) {
      throw new Fault('invalid', 'parent_signal_id in the body is not the one in the path', {
        field: 'parent_signal_id',
      });
    }
    await this.#write(request, reply, `${route}/${signalId}`, FIELDS[route], signalId, translate);
  }

  /** What is known of the market of the signal that a call names. */
  async #marketOf(request: FastifyRequest): Promise<MarketAtReceipt> {
    const signal = await this.#queries.execute(
      new GetSignal(pathId(request), { caller: request.caller!, dialect: 'anny' }),
    );
    if (signal === null) return UNKNOWN_MARKET;
    return {
      tracked: this.#prices.isFollowed(signal),
      reference: this.#prices.reference(signal, request.receivedAt),
    };
  }

  async #write(
    request: FastifyRequest,
    reply: FastifyReply,
    route: string,
    names: FieldNames,
    signalId: string,
    translate: (context: Context) => SignalCommand,
  ): Promise<void> {
    const metadata = metadataOf(request);
    const { channelId, channel } = request.caller!;
    const sandbox = channel!.sandbox;
    const command = translate({
      signalId,
      channelId: channelId!,
      sandbox,
      receivedAt: request.receivedAt,
      now: metadata.receivedAt,
    });
    const outcome = await this.#writer.write(reply, command, metadata, headerKeyOf(request, route));
    sendRendered(reply, outcome.done ? renderWritten(outcome.command) : renderRefusal(outcome.refusal, names));
  }
}

function staleness({ stale }: { readonly stale: boolean }): Rendered['headers'] {
  return stale ? { 'x-stale': 'true' } : undefined;
}

function renderWritten(command: SignalCommand): Rendered {
  return command.type === 'CancelSignal' ? renderCancelled() : renderDone(command.signalId);
}

/** Of the moments, the last such entry is meant. */
function isAsOf({ event }: HistoryEntry, wanted: AsOf): boolean {
  return 'revision' in wanted ? event.revision === wanted.revision : event.time <= wanted.time;
}

/** An auditor sees every dialect unless it asks for one; a channel sees what it made through this one. */
function scopeOf(request: FastifyRequest): Scope {
  const caller = request.caller!;
  return {
    caller,
    dialect: dialectOf(request.query as Record<string, unknown>, caller.role === 'auditor' ? null : 'anny'),
  };
}

/** What is no id of ours names no signal. */
function pathId(request: FastifyRequest): string {
  const signalId = parseId((request.params as { parent_signal_id: string }).parent_signal_id);
  if (signalId === null) throw unknownSignal();
  return signalId;
}

function unknownSignal(): Fault {
  return new Fault('invalid', 'There is no such signal.', { field: 'parent_signal_id' });
}
