/** The routes of the Traderz dialect: a write translates, handles and renders; reads ask and render. */
import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { compactId, newId, parseId } from '#libs/sourcing';
import { violationsOf } from '../../http/dto-check.ts';
import { Fault } from '../../http/fault.ts';
import { sendRendered } from '../../http/send.ts';
import { headerKeyOf, metadataOf, waitPositionOf } from '../../http/write-context.ts';
import { Closes } from '../../signals/closes.ts';
import type { SignalOutcome } from '../../signals/handle-signal.ts';
import { GetRecord, GetSignal, ListSignals } from '../../signals/queries.ts';
import type { Scope } from '../../signals/reader.ts';
import { renderSignalRecord } from '../../signals/record-view.ts';
import { type Tracking, TRACKING } from '../../signals/tracking.ts';
import { SignalWriter } from '../../signals/writer.ts';
import * as docs from './docs.ts';
import { TraderzSignalDto } from './dto.ts';
import { clientKeyOf } from './idempotency.ts';
import { filterOf, recordOf } from './query.ts';
import { InvalidFields, renderDeduped, renderFound, renderRefusal, renderStored } from './render.ts';
import { renderSignal } from './signal-view.ts';
import { translateSignal } from './translate.ts';

const ROUTE = 'v1/signals';

@ApiTags('Traderz')
@docs.traderzSecurity()
@Controller(ROUTE)
export class TraderzController {
  readonly #writer: SignalWriter;
  readonly #queries: QueryBus;
  readonly #closes: Closes;
  readonly #tracking: Tracking;

  constructor(
    @Inject(SignalWriter) writer: SignalWriter,
    @Inject(QueryBus) queries: QueryBus,
    @Inject(Closes) closes: Closes,
    @Inject(TRACKING) tracking: Tracking,
  ) {
    this.#writer = writer;
    this.#queries = queries;
    this.#closes = closes;
    this.#tracking = tracking;
  }

  @Post()
  @docs.send()
  async send(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const dto = signalOf(request.body);
    const headerKey = headerKeyOf(request, ROUTE);
    const key = headerKey ?? clientKeyOf(dto, request.caller!.channelId!);
    const metadata = metadataOf(request);
    const { channelId, channel } = request.caller!;
    const write = (closesSignalId: string | null): Promise<SignalOutcome> => {
      const command = translateSignal(dto, {
        signalId: compactId(newId(request.receivedAt)),
        channelId: channelId!,
        sandbox: channel!.sandbox,
        now: metadata.receivedAt,
        closesSignalId,
      });
      return this.#writer.write(reply, command, metadata, key);
    };
    const close = async (): Promise<SignalOutcome> => {
      // What a repeat closes was found when it first came.
      const first = key === undefined ? null : await this.#writer.repeat(key);
      const place = { channelId: channelId!, dialect: 'traderz', venue: dto.source, symbol: dto.symbol } as const;
      return first ?? this.#closes.closing(place, write);
    };
    const outcome = await (dto.side === 'close' ? close() : write(null));
    if (!outcome.done) sendRendered(reply, renderRefusal(outcome.refusal));
    else if (outcome.repeated && headerKey === undefined)
      sendRendered(reply, renderDeduped(outcome.command, outcome.otherBody === true));
    else sendRendered(reply, renderStored(outcome.command, outcome.metadata));
  }

  @Get()
  @docs.list()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const filter = filterOf(request.query as Record<string, unknown>);
    const page = await this.#queries.execute(new ListSignals(filter, scopeOf(request), waitPositionOf(request)));
    const opened = page.signals.filter(({ side }) => side === 'open').map(({ id }) => id);
    const closers = await this.#closes.closersOf(opened);
    const signals = page.signals.map((document) =>
      renderSignal(document, closers.get(document.id) ?? null, this.#tracking),
    );
    sendRendered(reply, renderFound({ signals, next_cursor: page.next?.toString() ?? null }, page.stale));
  }

  /** Before the route of an id, which `record` is none of. */
  @Get('record')
  @docs.record()
  async record(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const wanted = recordOf(request.query as Record<string, unknown>, request.caller!);
    const found = await this.#queries.execute(new GetRecord(wanted, scopeOf(request), waitPositionOf(request)));
    sendRendered(reply, renderFound(renderSignalRecord(found, wanted.by), found.stale));
  }

  @Get(':id')
  @docs.get()
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const signalId = parseId((request.params as { id: string }).id);
    const document = signalId === null ? null : await this.#queries.execute(new GetSignal(signalId, scopeOf(request)));
    if (document === null) throw new Fault('not_found', 'there is no such signal');
    const { closedBy, stale } = document.side === 'open' ? await this.#closes.closerOf(document.id) : NEVER_CLOSED;
    sendRendered(reply, renderFound(renderSignal(document, closedBy, this.#tracking), stale));
  }
}

const NEVER_CLOSED = { closedBy: null, stale: false };

/** The body as a signal. Throws `InvalidFields` naming every wrong one, or `Fault` for what is no object. */
function signalOf(body: unknown): TraderzSignalDto {
  if (body === null || typeof body !== 'object' || Array.isArray(body))
    throw new Fault('invalid', 'the body must be a JSON object', { field: 'body' });
  const violations = violationsOf(TraderzSignalDto, body);
  if (violations !== null) throw new InvalidFields(violations);
  return body as TraderzSignalDto;
}

/** A desk sees what it made through this dialect; an auditor what anyone did. */
function scopeOf(request: FastifyRequest): Scope {
  return { caller: request.caller!, dialect: 'traderz' };
}
