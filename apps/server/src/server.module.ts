/** All wiring, in one file: stores, roles, dialects. Read it top to bottom. */
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { createHandle, type EventStore, type ViewStore } from '#libs/sourcing';
import { openEventStore, openViewStore } from '#libs/stores';
import { AnnyController } from './dialects/anny/controller.ts';
import { annyEdge } from './dialects/anny/edge.ts';
import type { Edge } from './http/edge.ts';
import { FaultFilter } from './http/fault-filter.ts';
import { installGate, requestIds } from './http/gate.ts';
import { BODY_LIMIT } from './http/json-body.ts';
import { KeyRing } from './http/keys.ts';
import { serveApiDocuments } from './http/openapi.ts';
import { HealthController } from './operations/health.ts';
import { Lifecycle } from './operations/lifecycle.ts';
import { nestLogger } from './operations/log.ts';
import { Projector } from './projector.ts';
import type { Settings } from './settings.ts';
import { HandleSignalHandler } from './signals/handle-signal.ts';
import { handledSignal } from './signals/handled-signal.ts';
import { GetHistoryHandler, GetSignalHandler, ListSignalsHandler } from './signals/queries.ts';
import { SignalReader } from './signals/reader.ts';
import { EVENT_STORE, SIGNAL_HANDLE, VIEW_STORE } from './signals/tokens.ts';

/** The dialects this server speaks; their paths do not collide. */
const EDGES: readonly Edge[] = [annyEdge];

const DIALECT_CONTROLLERS = [AnnyController];

@Module({})
export class ServerModule {
  /** Everything the process needs, on stores that are open. */
  static on(
    events: EventStore,
    views: ViewStore,
    settings: Settings,
    lifecycle: Lifecycle,
    log: Logger,
  ): DynamicModule {
    const handle = createHandle(handledSignal, events, {
      cacheSize: settings.STATE_CACHE_SIZE,
      maxInFlight: settings.MAX_IN_FLIGHT,
    });
    const providers: Provider[] = [
      { provide: EVENT_STORE, useValue: events },
      { provide: VIEW_STORE, useValue: views },
      { provide: SIGNAL_HANDLE, useValue: handle },
      { provide: SignalReader, useValue: new SignalReader(events, views) },
      { provide: Lifecycle, useValue: lifecycle },
      { provide: APP_FILTER, useValue: new FaultFilter(log) },
      HandleSignalHandler,
      GetSignalHandler,
      GetHistoryHandler,
      ListSignalsHandler,
    ];
    const controllers = settings.ROLES.includes('api')
      ? [HealthController, ...DIALECT_CONTROLLERS]
      : [HealthController];
    return { module: ServerModule, imports: [CqrsModule.forRoot()], controllers, providers };
  }
}

/** A server that is ready to listen. */
export interface Server {
  readonly app: NestFastifyApplication;
  readonly stop: () => Promise<void>;
}

/**
 * Opens the stores and builds the server; `listen` is the caller's. Throws one clear sentence when a store can't be
 * opened. Requests in work when it stops are finished first, then views, then stores.
 */
export async function createServer(settings: Settings, log: Logger): Promise<Server> {
  const events = await openEventStore(settings.EVENT_STORE_URL);
  const views = await openViewStore(settings.VIEW_STORE_URL);
  const keys = new KeyRing(events);
  await keys.start((error) => log.warn({ err: error }, 'the directory of keys could not be read'));
  const projector = settings.ROLES.includes('projector')
    ? new Projector({ eventStoreUrl: settings.EVENT_STORE_URL, viewStoreUrl: settings.VIEW_STORE_URL }, log)
    : null;
  const lifecycle = new Lifecycle();
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: 'idle',
    requestTimeout: 10_000,
    keepAliveTimeout: 72_000,
    routerOptions: { maxParamLength: 100 },
    genReqId: requestIds(),
  });
  installGate(adapter.getInstance(), EDGES, keys, log);
  const app = await NestFactory.create<NestFastifyApplication>(
    ServerModule.on(events, views, settings, lifecycle, log),
    adapter,
    {
      logger: nestLogger(log),
      bodyParser: false,
      abortOnError: false,
    },
  );
  serveApiDocuments(app);
  await app.init();
  projector?.start();

  const stop = async (): Promise<void> => {
    lifecycle.stop();
    await app.close();
    await projector?.stop();
    await keys.stop();
    await views.close();
    await events.close();
  };
  return { app, stop };
}
