/** The one route of the NEXT.exchange dialect that asks for no key. */
import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OutcomeUnknown } from '#libs/sourcing';
import { AgentRegistration } from '../../accounts/registration.ts';
import { checkDto } from '../../http/dto-check.ts';
import { Fault } from '../../http/fault.ts';
import { sendRendered } from '../../http/send.ts';
import { accountMetadataOf } from '../../http/write-context.ts';
import * as docs from './docs-market.ts';
import { TAG } from './docs-parts.ts';
import { RegisterAgentDto } from './dto.ts';
import { Limits } from './limits.ts';
import { renderMade } from './render.ts';
import { wantedAgent } from './translate.ts';

/** No repeat finds what was made: its secrets are told once, and were not. */
const MAYBE_MADE = new Fault(
  'unavailable',
  'the outcome is unknown: an agent may have been made, whose key nobody has; register again',
  { retryAfter: 1 },
);

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
    const made = await this.#registration
      .register(wanted, request.receivedAt, accountMetadataOf(request))
      .catch((error: unknown) => {
        throw error instanceof OutcomeUnknown ? MAYBE_MADE : error;
      });
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
