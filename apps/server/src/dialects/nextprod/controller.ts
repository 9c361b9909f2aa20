/** The routes of the NextProd dialect: writes translate, handle and render; reads ask and render. */
import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { dashedId, parseId } from '#libs/sourcing';
import { checkDto } from '../../http/dto-check.ts';
import { Fault } from '../../http/fault.ts';
import { sendRendered } from '../../http/send.ts';
import { headerKeyOf, waitPositionOf } from '../../http/write-context.ts';
import { CountSignals, GetRecord, GetSignal, ListSignals } from '../../signals/queries.ts';
import type { Scope } from '../../signals/reader.ts';
import { recordRequestOf } from '../../signals/record-query.ts';
import { renderSignalRecord } from '../../signals/record-view.ts';
import { type Tracking, TRACKING } from '../../signals/tracking.ts';
import { registerAll } from './batch.ts';
import * as docs from './docs.ts';
import { RegisterBatchDto } from './dto.ts';
import { errorOf } from './errors.ts';
import { filterOf } from './query.ts';
import { Quota } from './quota.ts';
import { SignalRegistration } from './registration.ts';
import { renderBatch, renderError, renderFound, renderRegistered } from './render.ts';
import { renderSignal } from './signal-view.ts';

@ApiTags('NextProd')
@docs.nextprodSecurity()
@Controller('api/v1')
export class NextprodController {
  readonly #registration: SignalRegistration;
  readonly #quota: Quota;
  readonly #queries: QueryBus;
  readonly #tracking: Tracking;

  constructor(
    @Inject(SignalRegistration) registration: SignalRegistration,
    @Inject(Quota) quota: Quota,
    @Inject(QueryBus) queries: QueryBus,
    @Inject(TRACKING) tracking: Tracking,
  ) {
    this.#registration = registration;
    this.#quota = quota;
    this.#queries = queries;
    this.#tracking = tracking;
  }

  @Get('me')
  @docs.me()
  async me(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { channel } = request.caller!;
    if (channel === null) throw new Fault('unauthorized', "an auditor's key speaks for no manager");
    const scope = scopeOf(request);
    const atLeast = waitPositionOf(request);
    const active = [...channel.strategies.values()].filter((strategy) => strategy.active);
    const counts = await Promise.all(
      active.map(({ strategyId }) => this.#queries.execute(new CountSignals({ strategyId }, scope, atLeast))),
    );
    const strategies = active.map(({ strategyId, name, exchange }, index) => ({
      strategy_id: strategyId,
      name,
      exchange,
      signal_count: counts[index]!.total,
      // Nobody can subscribe to a strategy yet.
      subscriber_count: 0,
    }));
    const stale = counts.some((count) => count.stale);
    const profile = { pm_id: dashedId(channel.channelId), name: channel.name, strategies };
    sendRendered(reply, renderFound(channel.sandbox ? { ...profile, sandbox: true } : profile, stale));
  }

  @Post('signals')
  @docs.register()
  async register(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const headerKey = headerKeyOf(request, 'api/v1/signals');
    const registered = await this.#registration.register(request, reply, request.body, headerKey);
    sendRendered(reply, 'refused' in registered ? renderError(registered.refused) : renderRegistered(registered));
  }

  @Post('signals/batch')
  @HttpCode(200)
  @docs.batch()
  async batch(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { signals } = checkDto(RegisterBatchDto, request.body);
    const headerKey = headerKeyOf(request, 'api/v1/signals/batch');
    const caller = request.caller!;
    await this.#quota.takeBatch(request, reply, caller, signals.length);
    const registrations = await registerAll(this.#registration, request, reply, signals, headerKey);
    sendRendered(reply, renderBatch(registrations, caller.channel!.sandbox));
  }

  @Get('signals')
  @docs.list()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { limit, ...filter } = filterOf(request.query as Record<string, unknown>);
    const scope = scopeOf(request);
    const atLeast = waitPositionOf(request);
    const [page, count] = await Promise.all([
      this.#queries.execute(new ListSignals({ ...filter, limit }, scope, atLeast)),
      this.#queries.execute(new CountSignals(filter, scope, atLeast)),
    ]);
    const { total } = count;
    const signals = page.signals.map((document) => renderSignal(document, this.#tracking));
    const body = { signals, total, limit, offset: filter.offset };
    sendRendered(reply, renderFound(body, page.stale || count.stale));
  }

  @Get('signals/:signal_id')
  @docs.get()
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const signalId = parseId((request.params as { signal_id: string }).signal_id);
    const document = signalId && (await this.#queries.execute(new GetSignal(signalId, scopeOf(request))));
    if (!document) throw new Fault('not_found', 'There is no such signal', { field: 'signal_id' });
    sendRendered(reply, renderFound(renderSignal(document, this.#tracking)));
  }

  @Get('strategies/:strategy_id/record')
  @docs.record()
  async record(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { strategy_id: strategyId } = request.params as { strategy_id: string };
    const caller = request.caller!;
    // An auditor reads the strategies of this id of all channels; whether one has it, no signal of theirs tells.
    if (caller.channel !== null && !caller.channel.strategies.has(strategyId)) {
      return sendRendered(reply, renderError(errorOf('strategy_not_found', { field: 'strategy_id' })));
    }
    const wanted = recordRequestOf(request.query as Record<string, unknown>, caller, { strategyId });
    const found = await this.#queries.execute(new GetRecord(wanted, scopeOf(request), waitPositionOf(request)));
    sendRendered(reply, renderFound(renderSignalRecord(found, wanted.by, dashedId), found.stale));
  }
}

/** A manager sees the signals it made here, an auditor those of all; what another dialect made has no form here. */
function scopeOf(request: FastifyRequest): Scope {
  return { caller: request.caller!, dialect: 'nextprod' };
}
