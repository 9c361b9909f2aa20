/** Whether the process lives, and whether it can do its work. */
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type EventStore, type ViewStore, messageOf } from '#libs/sourcing';
import { EVENT_STORE, VIEW_STORE } from '../signals/tokens.ts';
import { inTime } from './in-time.ts';
import { Lifecycle } from './lifecycle.ts';
import { type Lag, ViewLag } from './view-lag.ts';

/** A store that does not answer in this time is not ready. */
const CHECK_TIMEOUT_MS = 2_000;

/** What kind of store each of the two is, and which of them this process can't do without. */
export class StoreKinds {
  readonly events: string;
  readonly views: string;
  /**
   * Writes and single signals need no view: a process that answers requests is ready while views are away. One that only
   * keeps them, or begins from them to follow prices, is not.
   */
  readonly needsViews: boolean;

  /** From the URLs and the roles of the settings. */
  constructor(eventStoreUrl: string, viewStoreUrl: string, roles: readonly string[]) {
    this.events = kindOf(eventStoreUrl);
    this.views = kindOf(viewStoreUrl);
    this.needsViews = !roles.includes('api');
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
  @ApiOperation({
    summary: 'The server can do its work; which stores it has, and how far each view is behind',
    description:
      'A process that answers requests is ready while it takes writes, also where `checks.views` says that views are away: its lists are then 503. One without the role `api` needs both stores.',
  })
  @ApiResponse({
    status: 200,
    content: {
      'application/json': {
        example: {
          status: 'ready',
          checks: { events: 'ok', views: 'ok' },
          lag: { signals: CAUGHT_UP, accounts: CAUGHT_UP, orders: CAUGHT_UP },
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
          lag: { signals: CAUGHT_UP, accounts: CAUGHT_UP, orders: CAUGHT_UP },
          store: STORE,
        },
      },
    },
  })
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const [events, views, lag] = await Promise.all([
      check(this.#events.ready()),
      check(this.#views.ready()),
      this.#lag.lags(),
    ]);
    const stopping = this.#lifecycle.stopping ? { server: 'stopping' } : {};
    // A view that is behind takes no write away: it is told, and changes nothing here.
    const viewsDo = views === 'ok' || !this.#kinds.needsViews;
    const ready = events === 'ok' && viewsDo && !this.#lifecycle.stopping;
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

async function check(ready: Promise<void>): Promise<string> {
  try {
    await inTime(ready, CHECK_TIMEOUT_MS);
    return 'ok';
  } catch (error) {
    return messageOf(error);
  }
}
