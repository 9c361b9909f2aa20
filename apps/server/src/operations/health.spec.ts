/** When a process says that it is ready. */
import type { FastifyReply } from 'fastify';
import { describe, expect, it } from '@jest/globals';
import { StoreUnavailable } from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { views as allViews } from '#libs/views';
import { HealthController, StoreKinds } from './health.ts';
import { Lifecycle } from './lifecycle.ts';
import { ViewLag } from './view-lag.ts';

interface Away {
  readonly events?: boolean;
  readonly views?: boolean;
}

/** What a process of these roles answers on stores of which some are away. */
async function answer(roles: readonly string[], away: Away, lifecycle = new Lifecycle()) {
  const gone = (): Promise<never> => Promise.reject(new StoreUnavailable('it is away'));
  const events = { ...createMemoryEventStore(), ...(away.events && { ready: gone, head: gone }) };
  const views = { ...createMemoryViewStore(), ...(away.views && { ready: gone, live: gone }) };
  const kinds = new StoreKinds('esdb://host', 'mongodb+srv://host', roles);
  const health = new HealthController(events, views, lifecycle, new ViewLag(allViews, events, views), kinds);
  let status = 0;
  let body: unknown;
  const reply = {
    code(told: number) {
      status = told;
      return reply;
    },
    async send(sent: unknown) {
      body = sent;
    },
  };
  await health.ready(reply as unknown as FastifyReply);
  return { status, body };
}

const READY = { status: 'ready', checks: { events: 'ok', views: 'ok' } };

describe('ready', () => {
  it.each([[['api']], [['projector']], [['market']], [['api', 'projector', 'market']]])(
    'is a process of the roles %j on stores that answer, and not once it stops',
    async (roles) => {
      expect(await answer(roles, {})).toMatchObject({ status: 200, body: READY });
      const stopping = new Lifecycle();
      stopping.stop();
      expect(await answer(roles, {}, stopping)).toMatchObject({
        status: 503,
        body: { status: 'not_ready', checks: { events: 'ok', views: 'ok', server: 'stopping' } },
      });
    },
  );

  it.each([[['api']], [['api', 'projector', 'market']]])(
    'is a process of the roles %j while views are away, and says so',
    async (roles) => {
      const { status, body } = await answer(roles, { views: true });
      expect({ status, body }).toMatchObject({
        status: 200,
        body: {
          status: 'ready',
          checks: { events: 'ok', views: 'it is away' },
          store: { events: 'eventstoredb', views: 'mongodb' },
        },
      });
      const { lag } = body as { readonly lag: Readonly<Record<string, unknown>> };
      expect(lag['signals']).toEqual({ events: null, more: false, seconds: null });
    },
  );

  it.each([[['projector']], [['market']], [['projector', 'market']]])(
    'is no process of the roles %j while views are away',
    async (roles) => {
      expect(await answer(roles, { views: true })).toMatchObject({
        status: 503,
        body: { status: 'not_ready', checks: { events: 'ok', views: 'it is away' } },
      });
    },
  );

  it('is no process while events are away', async () => {
    for (const roles of [['api'], ['projector'], ['market']])
      expect(await answer(roles, { events: true })).toMatchObject({
        status: 503,
        body: { status: 'not_ready', checks: { events: 'it is away', views: 'ok' } },
      });
  });
});
