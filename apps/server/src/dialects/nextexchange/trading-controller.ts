/** The routes of the NEXT.exchange dialect by which an agent trades. */
import { Controller, Delete, Get, HttpCode, Inject, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseId } from '#libs/sourcing';
import type { OrderDocument } from '#libs/views';
import { AccountWriter } from '../../accounts/account-writer.ts';
import type { Asked, Placed } from '../../accounts/asked.ts';
import { Orders } from '../../accounts/orders.ts';
import { portfolioOf } from '../../accounts/portfolio.ts';
import type { Quotes } from '../../accounts/quotes.ts';
import { AccountReader } from '../../accounts/reader.ts';
import type { TradeTerms } from '../../accounts/terms.ts';
import { QUOTES, TRADE_TERMS } from '../../accounts/tokens.ts';
import { checkDto } from '../../http/dto-check.ts';
import { sendRendered } from '../../http/send.ts';
import { accountMetadataOf, headerKeyOf, waitPositionOf } from '../../http/write-context.ts';
import * as docs from './docs-trading.ts';
import { agentSecurity, TAG } from './docs-parts.ts';
import { ModifyOrderDto, PlaceOrderDto, ReasonDto } from './dto.ts';
import { AgentFault, faultOfRefusal } from './errors.ts';
import { queryOf } from './market-controller.ts';
import { marksOf, renderEquity, renderOrder, renderPortfolio } from './order-view.ts';
import { PublicSignals } from './public-signals.ts';
import { coinNamed, orderStatusOf, pageOf } from './query.ts';
import { renderFound, renderMade } from './render.ts';
import { wantedChange, wantedOrder } from './translate.ts';

const ORDERS = 'v1/agent/orders';

@ApiTags(TAG)
@agentSecurity()
@Controller('v1/agent')
export class AgentTradingController {
  readonly #orders: Orders;
  readonly #writer: AccountWriter;
  readonly #reader: AccountReader;
  readonly #quotes: Quotes;
  readonly #terms: TradeTerms;
  readonly #signals: PublicSignals;

  constructor(
    @Inject(Orders) orders: Orders,
    @Inject(AccountWriter) writer: AccountWriter,
    @Inject(AccountReader) reader: AccountReader,
    @Inject(QUOTES) quotes: Quotes,
    @Inject(TRADE_TERMS) terms: TradeTerms,
    @Inject(PublicSignals) signals: PublicSignals,
  ) {
    this.#orders = orders;
    this.#writer = writer;
    this.#reader = reader;
    this.#quotes = quotes;
    this.#terms = terms;
    this.#signals = signals;
  }

  @Get('portfolio')
  @docs.portfolio()
  async portfolio(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const account = await this.#reader.get(request.agent!.id);
    if (account === null) throw new AgentFault('invalid_key');
    const marks = await this.#quotes.marks(account.holdings.map(({ symbol }) => symbol));
    const invented = this.#terms.simulatedPrices || account.simulated;
    const simulated = invented || Object.values(marks).some(({ source }) => source === 'simulated');
    const data = renderPortfolio(portfolioOf(account, marks));
    sendRendered(reply, renderFound({ data, ...(simulated && { simulated }) }));
  }

  @Get('equity')
  @docs.equity()
  async equity(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const account = await this.#reader.get(request.agent!.id);
    if (account === null) throw new AgentFault('invalid_key');
    const simulated = this.#terms.simulatedPrices || account.simulated;
    sendRendered(reply, renderFound({ data: renderEquity(account.equity), ...(simulated && { simulated }) }));
  }

  @Get('orders')
  @docs.list()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = queryOf(request);
    const { cursor, limit } = pageOf(query);
    const status = orderStatusOf(query);
    const filter = { limit, ...(status !== undefined && { status }), ...(cursor !== null && { before: cursor }) };
    const page = await this.#reader.orders(request.agent!.id, filter, waitPositionOf(request));
    const body = {
      data: page.orders.map(renderOrder),
      next_cursor: page.next?.toString() ?? null,
      ...marksOf(page.orders, this.#terms),
    };
    sendRendered(reply, renderFound(body, page.stale));
  }

  @Get('orders/:id')
  @docs.get()
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const order = await this.#named(request);
    sendRendered(reply, renderFound({ order: renderOrder(order), ...marksOf([order], this.#terms) }));
  }

  @Post('orders')
  @docs.place()
  async place(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const dto = checkDto(PlaceOrderDto, request.body);
    const asked = askedBy(request, ORDERS);
    const wanted = wantedOrder(dto);
    const placing = async (): Promise<Placed> => {
      const coin = await coinNamed(dto.symbol, this.#quotes, 'symbol');
      const signalId = await this.#signalOf(request, dto.signalId ?? null);
      return this.#orders.place(asked, { ...wanted, coin, signalId });
    };
    const order = this.#done(reply, await this.#orFirst(asked, placing));
    sendRendered(reply, renderMade({ order: renderOrder(order), ...marksOf([order], this.#terms) }));
  }

  @Patch('orders/:id')
  @docs.modify()
  async modify(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const change = wantedChange(checkDto(ModifyOrderDto, request.body));
    const asked = askedBy(request, `${ORDERS}/${idIn(request)}`);
    const named = await this.#named(request);
    const order = this.#done(reply, await this.#orders.modify(asked, named, change));
    sendRendered(reply, renderFound({ order: renderOrder(order), ...marksOf([order], this.#terms) }));
  }

  @Delete('orders/:id')
  @docs.cancel()
  async cancel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const asked = askedBy(request, `${ORDERS}/${idIn(request)}`);
    const named = await this.#named(request);
    const order = this.#done(reply, await this.#orders.cancel(asked, named));
    sendRendered(reply, renderFound({ order: renderOrder(order), ...marksOf([order], this.#terms) }));
  }

  @Post('pause')
  @HttpCode(200)
  @docs.pause()
  async pause(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#change(request, reply, 'PauseAccount', 'v1/agent/pause');
  }

  @Post('resume')
  @HttpCode(200)
  @docs.resume()
  async resume(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#change(request, reply, 'ResumeAccount', 'v1/agent/resume');
  }

  @Post('close-all')
  @HttpCode(200)
  @docs.closeAll()
  async closeAll(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { reason } = checkDto(ReasonDto, request.body);
    const closed = await this.#orders.closeAll(askedBy(request, 'v1/agent/close-all'), reason);
    if (!('orders' in closed)) throw faultOf(closed);
    if (closed.position !== null) void reply.header('x-position', closed.position.toString());
    const { orders, cancelled, cancelledCount } = closed;
    const body = {
      orders: orders.map(renderOrder),
      cancelled: cancelled.map(renderOrder),
      cancelledCount,
      ...marksOf([...orders, ...cancelled], this.#terms),
    };
    sendRendered(reply, renderFound(body));
  }

  async #change(
    request: FastifyRequest,
    reply: FastifyReply,
    type: 'PauseAccount' | 'ResumeAccount',
    route: string,
  ): Promise<void> {
    const { reason } = checkDto(ReasonDto, request.body);
    const { agent, metadata, key } = askedBy(request, route);
    const command = { type, accountId: agent.id, now: metadata.receivedAt, by: 'agent', reason } as const;
    const outcome = await this.#writer.write(command, metadata, key);
    if (!outcome.done) throw faultOfRefusal(outcome.refusal);
    if (outcome.position !== null) void reply.header('x-position', outcome.position.toString());
    const paused = outcome.state.status === 'none' ? null : outcome.state.paused;
    const state = paused === null ? { paused: false } : { paused: true, by: paused.by, reason: paused.reason };
    sendRendered(reply, renderFound({ agent: { id: agent.id, ...state } }));
  }

  /** Whoever repeats an order is told of it, though its coin or its signal can't be found today. */
  async #orFirst(asked: Asked, place: () => Promise<Placed>): Promise<Placed> {
    try {
      return await place();
    } catch (error) {
      const first = error instanceof AgentFault ? await this.#orders.repeated(asked) : null;
      if (first === null) throw error;
      return first;
    }
  }

  /** The order that a path names; another agent's does not exist. */
  async #named(request: FastifyRequest): Promise<OrderDocument> {
    const orderId = parseId(idIn(request));
    const order = orderId === null ? null : await this.#reader.order(request.agent!.id, orderId);
    if (order === null) throw new AgentFault('order_not_found');
    return order;
  }

  /** A signal that is to be followed has to be one that the agent may read. */
  async #signalOf(request: FastifyRequest, text: string | null): Promise<string | null> {
    if (text === null) return null;
    const signalId = parseId(text);
    if (signalId === null || !(await this.#signals.isReadable(signalId, request.agent!)))
      throw new AgentFault('signal_not_found', { field: 'signalId' });
    return signalId;
  }

  #done(reply: FastifyReply, placed: Placed): OrderDocument {
    if (!('order' in placed)) throw faultOf(placed);
    if (placed.position !== null) void reply.header('x-position', placed.position.toString());
    return placed.order;
  }
}

function idIn(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}

function askedBy(request: FastifyRequest, route: string): Asked {
  return {
    agent: request.agent!,
    metadata: accountMetadataOf(request),
    receivedAt: request.receivedAt,
    key: headerKeyOf(request, route),
  };
}

/** Every order here was found before its command was decided: one that the account no longer knows is long over. */
function faultOf(failed: Exclude<Placed, { readonly order: unknown }>): AgentFault {
  if ('unavailable' in failed) {
    const message =
      failed.unavailable === 'no_broker'
        ? undefined
        : 'no broker took the order in time; it was not sent and will not be, send it as a new one';
    return new AgentFault('broker_unavailable', { retryAfter: 5, ...(message !== undefined && { message }) });
  }
  return failed.refused.code === 'order_not_found' ? new AgentFault('order_finished') : faultOfRefusal(failed.refused);
}
