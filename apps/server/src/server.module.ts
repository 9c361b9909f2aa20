/** All wiring, in one file: stores, roles, dialects. Read it top to bottom. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { createMarketTable, createVenueMarkets } from '#libs/market';
import { type Coordination, createHandle, type EventStore, type ViewStore } from '#libs/sourcing';
import { type CoordinationPlace, firstLook, openCoordination, openEventStore, openViewStore } from '#libs/stores';
import { signalsView, views as allViews } from '#libs/views';
import { AccountWriter } from './accounts/account-writer.ts';
import { Agents } from './accounts/agents.ts';
import { BrokerWait } from './accounts/broker-wait.ts';
import type { LiveSettings } from './accounts/engine/live-orders.ts';
import { HandleAccountHandler } from './accounts/handle-account.ts';
import { handledAccount } from './accounts/handled-account.ts';
import { Orders } from './accounts/orders.ts';
import { openQuotes, type Quotes } from './accounts/quotes.ts';
import { AccountReader } from './accounts/reader.ts';
import { AgentRegistration } from './accounts/registration.ts';
import { openSecrets, Secrets } from './accounts/secrets.ts';
import { tradeTerms, type TradeTerms } from './accounts/terms.ts';
import { ACCOUNT_HANDLE, QUOTES, TRADE_TERMS } from './accounts/tokens.ts';
import { AnnyController } from './dialects/anny/controller.ts';
import { annyEdge } from './dialects/anny/edge.ts';
import { NextprodController } from './dialects/nextprod/controller.ts';
import { nextexchangeEdge } from './dialects/nextexchange/edge.ts';
import { Limits } from './dialects/nextexchange/limits.ts';
import { AgentMarketController } from './dialects/nextexchange/market-controller.ts';
import { PublicSignals } from './dialects/nextexchange/public-signals.ts';
import { AgentRegistrationController } from './dialects/nextexchange/registration-controller.ts';
import { Sentiment } from './dialects/nextexchange/sentiment.ts';
import { AgentTradingController } from './dialects/nextexchange/trading-controller.ts';
import { nextprodEdge } from './dialects/nextprod/edge.ts';
import { Quota } from './dialects/nextprod/quota.ts';
import { MARKET_SOURCES, type MarketSources, SignalRegistration } from './dialects/nextprod/registration.ts';
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
import { Windows } from './http/windows.ts';
import { HealthController, StoreKinds } from './operations/health.ts';
import { inTime } from './operations/in-time.ts';
import { Lifecycle } from './operations/lifecycle.ts';
import { measuredDirectory } from './operations/measured-directory.ts';
import { measuredEventStore } from './operations/measured-event-store.ts';
import { measuredHandle } from './operations/measured-handle.ts';
import { createMeters, type Meters } from './operations/meters.ts';
import { Metrics } from './operations/metrics.ts';
import { MetricsController } from './operations/metrics-controller.ts';
import { outageLog } from './operations/outage-log.ts';
import { measuredAnswering, measureRequests } from './operations/request-durations.ts';
import { ViewLag } from './operations/view-lag.ts';
import { MarketRole } from './market/market-role.ts';
import { marks, Prices } from './market/prices.ts';
import {
  checkVenues,
  openPredictionVenues,
  routeSettings,
  type VenueSettings,
  venueSettings,
} from './market/venues.ts';
import { nestLogger, redacting } from './operations/log.ts';
import { Projector } from './projector.ts';
import type { Settings } from './settings.ts';
import { Closes } from './signals/closes.ts';
import { HandleSignalHandler } from './signals/handle-signal.ts';
import { handledSignal } from './signals/handled-signal.ts';
import {
  CountSignalsHandler,
  GetHistoryHandler,
  GetRecordHandler,
  GetSignalHandler,
  ListSignalsHandler,
} from './signals/queries.ts';
import { SignalReader } from './signals/reader.ts';
import { LAST_PRICE, SignalRecords } from './signals/record.ts';
import { PRICES, TRACKING } from './signals/tracking.ts';
import { SignalWriter } from './signals/writer.ts';
import { EVENT_STORE, SIGNAL_HANDLE, VIEW_STORE } from './signals/tokens.ts';

/** The dialects this server speaks; their paths do not collide. Without the role `api` none has a route. */
function edgesOn(quota: Quota, trading: Trading | null, settings: Settings): readonly Edge[] {
  const open = settings.REGISTRATION === 'open';
  const agents = trading === null ? [] : [nextexchangeEdge({ ...trading, open })];
  return [annyEdge, nextprodEdge(quota), traderzEdge, ...agents];
}

const DIALECT_CONTROLLERS = [
  AnnyController,
  NextprodController,
  TraderzController,
  AgentRegistrationController,
  AgentMarketController,
  AgentTradingController,
];

/** What agents trade with, where the process has the role `api`. */
interface Trading {
  readonly reader: AccountReader;
  readonly agents: Agents;
  readonly secrets: Secrets;
  readonly limits: Limits;
  readonly quotes: Quotes;
  readonly terms: TradeTerms;
}

/** Throws one clear sentence for a file of the secrets' key, or of simulated prices, that can't be used. */
async function openTrading(
  settings: Settings,
  { events, views, coordination }: Stores,
  venues: VenueSettings,
): Promise<Trading> {
  const reader = new AccountReader(events, views);
  const limits = { requests: settings.AGENT_RATE_LIMIT, registrations: settings.REGISTER_LIMIT };
  return {
    reader,
    agents: new Agents(reader),
    secrets: await openSecrets(settings.DATA_DIR, settings.SECRETS_KEY),
    limits: new Limits(coordination, limits),
    quotes: await openQuotes(venues, coordination),
    terms: tradeTerms(settings, venues),
  };
}

function tradingProviders(
  { reader, secrets, limits, quotes, terms }: Trading,
  events: EventStore,
  keys: KeyRing,
  settings: Settings,
  meters: Meters,
): readonly Provider[] {
  const handle = createHandle(handledAccount, events, {
    cacheSize: settings.STATE_CACHE_SIZE,
    maxInFlight: settings.MAX_IN_FLIGHT,
  });
  return [
    { provide: ACCOUNT_HANDLE, useValue: measuredHandle(handle, meters.commands) },
    { provide: AccountReader, useValue: reader },
    { provide: Secrets, useValue: secrets },
    { provide: Limits, useValue: limits },
    { provide: QUOTES, useValue: quotes },
    { provide: TRADE_TERMS, useValue: terms },
    { provide: KeyRing, useValue: keys },
    HandleAccountHandler,
    AccountWriter,
    AgentRegistration,
    BrokerWait,
    Orders,
    PublicSignals,
    Sentiment,
  ];
}

/** How long a start waits for a store that does not answer. */
const FIRST_LOOK_MS = 2_000;

/** How often connections are closed that have become idle while the server stops. */
const CLOSE_IDLE_MS = 50;

@Module({})
class ServerModule {
  /** Everything the process needs, on stores that are open. */
  static on(
    events: EventStore,
    views: ViewStore,
    settings: Settings,
    lifecycle: Lifecycle,
    quota: Quota,
    prices: Prices,
    markets: MarketSources,
    trading: readonly Provider[],
    meters: Meters,
    log: Logger,
  ): DynamicModule {
    const handle = createHandle(handledSignal, events, {
      cacheSize: settings.STATE_CACHE_SIZE,
      maxInFlight: settings.MAX_IN_FLIGHT,
    });
    const lag = new ViewLag(allViews, events, views);
    const providers: Provider[] = [
      { provide: EVENT_STORE, useValue: events },
      { provide: VIEW_STORE, useValue: views },
      { provide: SIGNAL_HANDLE, useValue: measuredHandle(handle, meters.commands) },
      { provide: SignalReader, useValue: new SignalReader(events, views) },
      { provide: Closes, useValue: new Closes(events, views) },
      SignalWriter,
      { provide: TRACKING, useValue: prices },
      { provide: PRICES, useValue: prices },
      { provide: LAST_PRICE, useValue: marks(prices) },
      SignalRecords,
      { provide: Quota, useValue: quota },
      { provide: MARKET_SOURCES, useValue: markets },
      SignalRegistration,
      { provide: Lifecycle, useValue: lifecycle },
      { provide: ViewLag, useValue: lag },
      {
        provide: StoreKinds,
        useValue: new StoreKinds(settings.EVENT_STORE_URL, settings.VIEW_STORE_URL, settings.ROLES),
      },
      { provide: Metrics, useValue: new Metrics(meters, lag, settings.MAX_IN_FLIGHT) },
      { provide: APP_FILTER, useValue: new FaultFilter(log) },
      HandleSignalHandler,
      GetSignalHandler,
      GetHistoryHandler,
      ListSignalsHandler,
      CountSignalsHandler,
      GetRecordHandler,
      ...trading,
    ];
    const controllers = [
      HealthController,
      ...(settings.METRICS === 'on' ? [MetricsController] : []),
      ...(settings.ROLES.includes('api') ? DIALECT_CONTROLLERS : []),
    ];
    return { module: ServerModule, imports: [CqrsModule.forRoot()], controllers, providers };
  }
}

export interface Stores {
  readonly events: EventStore;
  readonly views: ViewStore;
  readonly coordination: Coordination;
}

/** Where the processes of the ledger share what nobody audits. */
function coordinationOf({ VIEW_STORE_URL, DATA_DIR }: Settings): CoordinationPlace {
  return { viewStoreUrl: VIEW_STORE_URL, dataDir: DATA_DIR };
}

/** Opens the stores that the settings name. Throws one clear sentence when one can't be opened. */
export async function openStores(settings: Settings): Promise<Stores> {
  const events = await openEventStore(settings.EVENT_STORE_URL);
  const views = await openViewStore(settings.VIEW_STORE_URL);
  return { events, views, coordination: await openCoordination(coordinationOf(settings)) };
}

/**
 * Opens the stores and looks whether they are there. One that is away is no reason not to start: the server says that
 * it is not ready, or has no views, until it is there. Throws one clear sentence where a store turns its user away.
 */
async function findStores(settings: Settings, log: Logger): Promise<Stores> {
  const stores = await openStores(settings);
  const { events, views, coordination } = stores;
  const look = async (setting: string, asked: Promise<unknown>): Promise<void> => {
    const away = await firstLook(setting, inTime(asked, FIRST_LOOK_MS));
    if (away !== null) log.warn({ err: away, setting }, 'a store is away; the server starts and waits for it');
  };
  try {
    await Promise.all([look('EVENT_STORE_URL', events.head()), look('VIEW_STORE_URL', views.live(signalsView.name))]);
  } catch (error) {
    await Promise.allSettled([coordination.close(), views.close(), events.close()]);
    throw error;
  }
  return stores;
}

/** Throws one clear sentence for a venue that nobody knows. */
async function marketRole(
  settings: Settings,
  venues: VenueSettings,
  prices: Prices,
  meters: Meters,
  log: Logger,
): Promise<MarketRole> {
  await checkVenues(venues);
  const { EVENT_STORE_URL, VIEW_STORE_URL, DATA_DIR } = settings;
  const stores = { eventStoreUrl: EVENT_STORE_URL, viewStoreUrl: VIEW_STORE_URL, dataDir: DATA_DIR };
  const thread = { ...stores, venues, live: liveSettings(settings) };
  return new MarketRole(thread, prices, log, (news) => meters.market.note(news, Date.now()));
}

/** Where live orders go, if to an exchange; settings name all of it then. */
function liveSettings({ LIVE_BROKER, ...settings }: Settings): LiveSettings | null {
  if (LIVE_BROKER !== 'ccxt') return null;
  const {
    BROKER_EXCHANGE: exchange,
    BROKER_API_KEY: apiKey,
    BROKER_API_SECRET: secret,
    BROKER_URL: baseUrl,
  } = settings;
  return {
    exchange: exchange!,
    credentials: { apiKey: apiKey!, secret: secret! },
    ...(baseUrl !== undefined && { baseUrl }),
  };
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
  const meters = createMeters();
  const { events: unmeasured, views, coordination } = stores ?? (await findStores(settings, log));
  const events = measuredEventStore(unmeasured, meters.appends);
  const keys = new KeyRing(measuredDirectory(events, meters.directory));
  const told = outageLog(log, 'the directory of keys could not be read', 'the directory of keys is read again');
  await keys.start(told.failed, told.answered);
  const projector = settings.ROLES.includes('projector')
    ? new Projector(
        {
          eventStoreUrl: settings.EVENT_STORE_URL,
          viewStoreUrl: settings.VIEW_STORE_URL,
          dataDir: settings.DATA_DIR,
        },
        log,
      )
    : null;
  const venues = venueSettings(settings);
  const prices = new Prices(await routeSettings(venues));
  // Of the api alone: who registers a signal waits for what its market costs.
  const asked = settings.ROLES.includes('api') ? openPredictionVenues(venues) : new Map<never, never>();
  const markets: MarketSources = {
    sandbox: createMarketTable(venues.markets),
    real: createVenueMarkets(asked, {
      onTrouble: (venue, reason) => log.warn({ venue, reason }, 'a venue could not be asked about a market'),
    }),
  };
  const market = settings.ROLES.includes('market') ? await marketRole(settings, venues, prices, meters, log) : null;
  const uses = new KeyUses(coordination, (error) => log.warn({ err: error }, 'last-used times could not be written'));
  uses.start();
  const lifecycle = new Lifecycle();
  const windows = new Windows(coordination, {
    onAlone: (error) => log.warn({ err: error }, 'rate limits are counted by this process alone'),
    onTogether: () => log.info('rate limits are counted together with the other processes again'),
  });
  const quota = new Quota(windows, settings.NEXTPROD_RATE_LIMIT);
  const trading = settings.ROLES.includes('api')
    ? await openTrading(settings, { events, views, coordination }, venues)
    : null;
  const edges = edgesOn(quota, trading, settings);
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: 'idle',
    requestTimeout: 10_000,
    keepAliveTimeout: 72_000,
    routerOptions: { maxParamLength: 100 },
    genReqId: requestIds(),
    // What still arrives on a busy connection while the server stops is answered, and the connection closed behind it.
    return503OnClosing: false,
    frameworkErrors: measuredAnswering(onUnreadablePath(edges, keys, requestLog), meters.requests),
  });
  installGate(adapter.getInstance(), edges, keys, uses, requestLog);
  measureRequests(adapter.getInstance(), meters.requests);
  adapter.getInstance().addHook('onSend', async (_request, reply) => {
    // A connection kept open would be cut between two requests.
    if (lifecycle.stopping) reply.header('connection', 'close');
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    ServerModule.on(
      events,
      views,
      settings,
      lifecycle,
      quota,
      prices,
      markets,
      trading === null ? [] : tradingProviders(trading, events, keys, settings, meters),
      meters,
      log,
    ),
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
  market?.start();

  const stop = async (): Promise<void> => {
    lifecycle.stop();
    await sleep(settings.STOP_DELAY_MS);
    // A client may keep a connection open whose last request was answered only now.
    const idle = setInterval(() => app.getHttpServer().closeIdleConnections(), CLOSE_IDLE_MS);
    await app.close().finally(() => clearInterval(idle));
    for (const venue of asked.values()) await venue.close();
    await trading?.quotes.close();
    await market?.stop();
    await projector?.stop();
    await keys.stop();
    await windows.stop();
    await uses.stop();
    await coordination.close();
    await views.close();
    await events.close();
  };
  return { app, stop };
}
