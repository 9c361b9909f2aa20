/** All wiring, in one file: stores, roles, dialects. Read it top to bottom. */
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { createMarketTable, SANDBOX_MARKETS } from '#libs/market';
import { type Coordination, createHandle, type EventStore, type ViewStore } from '#libs/sourcing';
import { openCoordination, openEventStore, openViewStore } from '#libs/stores';
import { AnnyController } from './dialects/anny/controller.ts';
import { annyEdge } from './dialects/anny/edge.ts';
import { NextprodController } from './dialects/nextprod/controller.ts';
import { nextprodEdge } from './dialects/nextprod/edge.ts';
import { Quota } from './dialects/nextprod/quota.ts';
import { SANDBOX_MARKET_SOURCE, SignalRegistration } from './dialects/nextprod/registration.ts';
import { TraderzController } from './dialects/traderz/controller.ts';
import { traderzEdge } from './dialects/traderz/edge.ts';
import type { Edge } from './http/edge.ts';
import { FaultFilter } from './http/fault-filter.ts';
import { installGate, requestIds } from './http/gate.ts';
import { BODY_LIMIT } from './http/json-body.ts';
import { KeyUses } from './http/key-uses.ts';
import { KeyRing } from './http/keys.ts';
import { serveApiDocuments } from './http/openapi.ts';
import { onUnreadablePath } from './http/unreadable-path.ts';
import { HealthController } from './operations/health.ts';
import { Lifecycle } from './operations/lifecycle.ts';
import { nestLogger, redacting } from './operations/log.ts';
import { Projector } from './projector.ts';
import type { Settings } from './settings.ts';
import { Closes } from './signals/closes.ts';
import { HandleSignalHandler } from './signals/handle-signal.ts';
import { handledSignal } from './signals/handled-signal.ts';
import { CountSignalsHandler, GetHistoryHandler, GetSignalHandler, ListSignalsHandler } from './signals/queries.ts';
import { SignalReader } from './signals/reader.ts';
import { SignalWriter } from './signals/writer.ts';
import { EVENT_STORE, SIGNAL_HANDLE, VIEW_STORE } from './signals/tokens.ts';

/** The dialects this server speaks; their paths do not collide. */
function edgesOn(quota: Quota): readonly Edge[] {
  return [annyEdge, nextprodEdge(quota), traderzEdge];
}

const DIALECT_CONTROLLERS = [AnnyController, NextprodController, TraderzController];

@Module({})
class ServerModule {
  /** Everything the process needs, on stores that are open. */
  static on(
    events: EventStore,
    views: ViewStore,
    settings: Settings,
    lifecycle: Lifecycle,
    quota: Quota,
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
      { provide: Closes, useValue: new Closes(events, views) },
      SignalWriter,
      { provide: Quota, useValue: quota },
      { provide: SANDBOX_MARKET_SOURCE, useValue: createMarketTable(settings.MARKETS_FILE ?? SANDBOX_MARKETS) },
      SignalRegistration,
      { provide: Lifecycle, useValue: lifecycle },
      { provide: APP_FILTER, useValue: new FaultFilter(log) },
      HandleSignalHandler,
      GetSignalHandler,
      GetHistoryHandler,
      ListSignalsHandler,
      CountSignalsHandler,
    ];
    const controllers = settings.ROLES.includes('api')
      ? [HealthController, ...DIALECT_CONTROLLERS]
      : [HealthController];
    return { module: ServerModule, imports: [CqrsModule.forRoot()], controllers, providers };
  }
}

export interface Stores {
  readonly events: EventStore;
  readonly views: ViewStore;
  readonly coordination: Coordination;
}

/** Opens the stores that the settings name. Throws one clear sentence when one can't be opened. */
export async function openStores(settings: Settings): Promise<Stores> {
  const events = await openEventStore(settings.EVENT_STORE_URL);
  const views = await openViewStore(settings.VIEW_STORE_URL);
  return { events, views, coordination: await openCoordination(settings.DATA_DIR) };
}

/** A server that is ready to listen. */
export interface Server {
  readonly app: NestFastifyApplication;
  readonly stop: () => Promise<void>;
}

/**
 * Builds the server on stores that are open, or opens those of the settings; `listen` is the caller's. It owns the
 * stores from then on. Requests in work when it stops are finished first, then views, then stores.
 */
export async function createServer(settings: Settings, requestLog: Logger, stores?: Stores): Promise<Server> {
  const log = redacting(requestLog);
  const { events, views, coordination } = stores ?? (await openStores(settings));
  const keys = new KeyRing(events);
  await keys.start((error) => log.warn({ err: error }, 'the directory of keys could not be read'));
  const projector = settings.ROLES.includes('projector')
    ? new Projector({ eventStoreUrl: settings.EVENT_STORE_URL, viewStoreUrl: settings.VIEW_STORE_URL }, log)
    : null;
  const uses = new KeyUses(coordination, (error) => log.warn({ err: error }, 'last-used times could not be written'));
  uses.start();
  const lifecycle = new Lifecycle();
  const quota = new Quota(coordination, settings.NEXTPROD_RATE_LIMIT);
  const edges = edgesOn(quota);
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: 'idle',
    requestTimeout: 10_000,
    keepAliveTimeout: 72_000,
    routerOptions: { maxParamLength: 100 },
    genReqId: requestIds(),
    // What still arrives on a busy connection while the server stops is answered, and the connection closed behind it.
    return503OnClosing: false,
    frameworkErrors: onUnreadablePath(edges, keys, requestLog),
  });
  installGate(adapter.getInstance(), edges, keys, uses, requestLog);
  const app = await NestFactory.create<NestFastifyApplication>(
    ServerModule.on(events, views, settings, lifecycle, quota, log),
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
    await uses.stop();
    await coordination.close();
    await views.close();
    await events.close();
  };
  return { app, stop };
}
