/** Whether the process lives, and whether it takes writes. */
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type EventStore, type ViewStore, messageOf } from '#libs/sourcing';
import { EVENT_STORE, VIEW_STORE } from '../signals/tokens.ts';
import { Lifecycle } from './lifecycle.ts';
import { type Lag, ViewLag } from './view-lag.ts';

/** A store that does not answer in this time is not ready. */
const CHECK_TIMEOUT_MS = 2_000;

/** What kind of store each of the two is. */
export class StoreKinds {
  readonly events: string;
  readonly views: string;

  /** From the URLs of the settings. */
  constructor(eventStoreUrl: string, viewStoreUrl: string) {
    this.events = kindOf(eventStoreUrl);
    this.views = kindOf(viewStoreUrl);
  }
}

const CAUGHT_UP = { events: 0, more: false, seconds: 0 };
const STORE = { events: 'sqlite', views: 'sqlite' };

@ApiTags('Operations')
@Controller('health')
export class HealthController {
  readonly #events: EventStore;
  readonly #views: ViewStore;
  readonly #lifecycle: Lifecycle;
  readonly #lag: ViewLag;
  readonly #kinds: StoreKinds;

  constructor(
    @Inject(EVENT_STORE) events: EventStore,
    @Inject(VIEW_STORE) views: ViewStore,
    @Inject(Lifecycle) lifecycle: Lifecycle,
    @Inject(ViewLag) lag: ViewLag,
    @Inject(StoreKinds) kinds: StoreKinds,
  ) {
    this.#events = events;
    this.#views = views;
    this.#lifecycle = lifecycle;
    this.#lag = lag;
    this.#kinds = kinds;
  }

  @Get('live')
  @ApiOperation({ summary: 'The process answers' })
  @ApiResponse({ status: 200, content: { 'application/json': { example: { status: 'live' } } } })
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'The server takes writes; which stores it has, and how far each view is behind' })
  @ApiResponse({
    status: 200,
    content: {
      'application/json': {
        example: {
          status: 'ready',
          checks: { events: 'ok', views: 'ok' },
          lag: { signals: CAUGHT_UP },
          store: STORE,
        },
      },
    },
  })
  @ApiResponse({
    status: 503,
    content: {
      'application/json': {
        example: {
          status: 'not_ready',
          checks: { events: 'the event log takes no writes: database or disk is full', views: 'ok' },
          lag: { signals: CAUGHT_UP },
          store: STORE,
        },
      },
    },
  })
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const [events, views, lag] = await Promise.all([
      check(() => this.#events.ready()),
      check(() => this.#views.ready()),
      this.#lag.lags(),
    ]);
    const stopping = this.#lifecycle.stopping ? { server: 'stopping' } : {};
    // A view that is behind takes no write away: it is told, and changes nothing here.
    const ready = events === 'ok' && views === 'ok' && !this.#lifecycle.stopping;
    await reply.code(ready ? 200 : 503).send({
      status: ready ? 'ready' : 'not_ready',
      checks: { events, views, ...stopping },
      lag: Object.fromEntries(lag) satisfies Record<string, Lag>,
      store: { events: this.#kinds.events, views: this.#kinds.views },
    });
  }
}

/** The scheme of a store's URL, in the name that people have for it. */
function kindOf(url: string): string {
  const scheme = url.slice(0, url.indexOf(':')).replace(/\+.*$/, '');
  return scheme === 'esdb' || scheme === 'kurrentdb' ? 'eventstoredb' : scheme;
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
