/** The one route of the NEXT.exchange dialect that asks for no key. */
import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AgentRegistration } from '../../accounts/registration.ts';
import { checkDto } from '../../http/dto-check.ts';
import { sendRendered } from '../../http/send.ts';
import { accountMetadataOf } from '../../http/write-context.ts';
import * as docs from './docs-market.ts';
import { TAG } from './docs-parts.ts';
import { RegisterAgentDto } from './dto.ts';
import { Limits } from './limits.ts';
import { renderMade } from './render.ts';
import { wantedAgent } from './translate.ts';

@ApiTags(TAG)
@Controller('v1/agent')
export class AgentRegistrationController {
  readonly #registration: AgentRegistration;
  readonly #limits: Limits;

  constructor(@Inject(AgentRegistration) registration: AgentRegistration, @Inject(Limits) limits: Limits) {
    this.#registration = registration;
    this.#limits = limits;
  }

  /** An `Idempotency-Key` is not looked at: the secrets of the first answer are not there to be told again. */
  @Post('register')
  @docs.register()
  async register(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const wanted = wantedAgent(checkDto(RegisterAgentDto, request.body));
    await this.#limits.takeRegistration(request);
    const made = await this.#registration.register(wanted, request.receivedAt, accountMetadataOf(request));
    const agent = {
      id: made.agentId,
      apiKey: made.apiKey,
      apiSecret: made.apiSecret,
      permissions: wanted.permissions,
      mode: wanted.mode,
      rateLimit: this.#limits.told,
      ...(wanted.mode === 'live' && { status: 'pending' }),
    };
    void reply.header('cache-control', 'no-store');
    sendRendered(reply, renderMade({ agent }));
  }
}
