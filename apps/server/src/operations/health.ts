/** Whether the process lives, and whether it takes writes. */
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type EventStore, type ViewStore, messageOf } from '#libs/sourcing';
import { EVENT_STORE, VIEW_STORE } from '../signals/tokens.ts';
import { Lifecycle } from './lifecycle.ts';

/** A store that does not answer in this time is not ready. */
const CHECK_TIMEOUT_MS = 2_000;

@ApiTags('Operations')
@Controller('health')
export class HealthController {
  readonly #events: EventStore;
  readonly #views: ViewStore;
  readonly #lifecycle: Lifecycle;

  constructor(
    @Inject(EVENT_STORE) events: EventStore,
    @Inject(VIEW_STORE) views: ViewStore,
    @Inject(Lifecycle) lifecycle: Lifecycle,
  ) {
    this.#events = events;
    this.#views = views;
    this.#lifecycle = lifecycle;
  }

  @Get('live')
  @ApiOperation({ summary: 'The process answers' })
  @ApiResponse({ status: 200, content: { 'application/json': { example: { status: 'live' } } } })
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'The server takes writes' })
  @ApiResponse({
    status: 200,
    content: { 'application/json': { example: { status: 'ready', checks: { events: 'ok', views: 'ok' } } } },
  })
  @ApiResponse({
    status: 503,
    content: {
      'application/json': {
        example: {
          status: 'not_ready',
          checks: { events: 'the event log takes no writes: database or disk is full', views: 'ok' },
        },
      },
    },
  })
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const [events, views] = await Promise.all([check(() => this.#events.ready()), check(() => this.#views.ready())]);
    const stopping = this.#lifecycle.stopping ? { server: 'stopping' } : {};
    const ready = events === 'ok' && views === 'ok' && !this.#lifecycle.stopping;
    await reply
      .code(ready ? 200 : 503)
      .send({ status: ready ? 'ready' : 'not_ready', checks: { events, views, ...stopping } });
  }
}

async function check(ready: () => Promise<void>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([ready(), late]);
    return 'ok';
  } catch (error) {
    return messageOf(error);
  } finally {
    clearTimeout(timer);
  }
}
