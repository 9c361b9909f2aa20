/** The market role on stores in memory and a venue of the test's own, stopped and started again at will. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Price } from '#libs/market';
import type { MarketEvent, ProviderCommand, SignalCommand, SignalState } from '#libs/signal';
import {
  type Coordination,
  compactId,
  createHandle,
  type EventStore,
  type Handle,
  newId,
  type RecordedEvent,
} from '#libs/sourcing';
import { createMemoryCoordination, createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { type Follower, PriceFeed } from '../../apps/server/src/market/feed.ts';
import { Market } from '../../apps/server/src/market/market.ts';
import type { MarketNews } from '../../apps/server/src/market/news.ts';
import { together } from '../../apps/server/src/market/together.ts';
import { handledSignal, signalStream } from '../../apps/server/src/signals/handled-signal.ts';
import { createListedVenue, type ListedVenue } from './listed-venue.ts';
import { eventually } from './prices.ts';

const CHANNEL = '0'.repeat(31) + '1';

type Create = Extract<ProviderCommand, { type: 'CreateSignal' }>;
type Call = ProviderCommand extends infer Command
  ? Command extends Create
    ? never
    : Command extends ProviderCommand
      ? Omit<Command, 'signalId' | 'channelId' | 'dialect' | 'now'>
      : never
  : never;

/** What the market did, without what tells who decided it. */
export interface Told {
  readonly type: MarketEvent['type'];
  readonly price: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly late: boolean;
}

export class FollowedMarket {
  readonly venue: ListedVenue;
  readonly events: EventStore = createMemoryEventStore();
  readonly coordination: Coordination = createMemoryCoordination();
  readonly handle: Handle<SignalState, SignalCommand> = createHandle(handledSignal, this.events);
  readonly news: MarketNews[] = [];
  /** How long a desk is left after its last signal; null: as long as the role does. */
  idleMs: number | null = null;
  /** Who follows the same prices from the start. */
  beside: Follower | null = null;
  #last = 0;
  #run: { readonly abort: AbortController; readonly ended: Promise<void>; readonly life: { killed: boolean } } | null =
    null;

  constructor(venue: ListedVenue = createListedVenue('ccxt:binance', false)) {
    this.venue = venue;
  }

  start(): void {
    const abort = new AbortController();
    const life = { killed: false };
    const { coordination } = this;
    const venues = new Map([[this.venue.name, this.venue]]);
    const ended = together(abort.signal, (signal) => {
      const feed = new PriceFeed({ venues, signal, onTrouble: () => undefined });
      if (this.beside !== null) feed.follow(this.venue.name, this.beside);
      const market = new Market({
        events: this.events,
        views: createMemoryViewStore(),
        // A process that is killed keeps nothing more.
        coordination: {
          ...coordination,
          keep: async (name, text) => (life.killed ? undefined : coordination.keep(name, text)),
        },
        handle: this.handle,
        venues,
        feed,
        routes: { venues: ['binance', 'kalshi'], simulated: new Set() },
        signal,
        tell: (news) => void this.news.push(news),
        ...(this.idleMs !== null && { idleMs: this.idleMs }),
      });
      return [feed.run(), market.run()];
    });
    this.#run = { abort, life, ended: ended.catch(() => undefined) };
  }

  /** Waits until the role is told prices as they come. */
  async listening(): Promise<void> {
    await eventually('a stream', () => (this.venue.listeners() > 0 ? true : null));
  }

  /** Ends the role; `killed`: what it had not kept by now is lost. */
  async stop({ killed = false } = {}): Promise<void> {
    if (this.#run === null) return;
    const { abort, ended, life } = this.#run;
    life.killed = killed;
    this.#run = null;
    abort.abort();
    await ended;
  }

  /** A moment later than every one before it, milliseconds since 1970. */
  async later(): Promise<number> {
    while (Date.now() <= this.#last) await sleep(1);
    return (this.#last = Date.now());
  }

  /** Makes a price now, and tells when. */
  async tick(symbol: string, price: string): Promise<number> {
    const time = await this.later();
    this.venue.add(symbol, { kind: 'tick', time, price } satisfies Price);
    return time;
  }

  /** Creates a long of `BTC/USDT` on a real channel, or what `changes` say. */
  async create(changes: Partial<Create> = {}): Promise<string> {
    const now = await this.later();
    const signalId = compactId(newId(now));
    await this.#carryOut({
      type: 'CreateSignal',
      signalId,
      channelId: CHANNEL,
      dialect: 'anny',
      now: new Date(now).toISOString(),
      sandbox: false,
      instrument: { class: 'crypto', venue: 'binance', symbol: 'BTC/USDT', base: 'BTC', quote: 'USDT' },
      side: 'open',
      direction: 'long',
      entry: { max: '100' },
      targets: ['200'],
      stop: '50',
      size: null,
      ...changes,
    });
    return signalId;
  }

  /** Tells when the call was received. */
  async call(signalId: string, call: Call): Promise<number> {
    const now = await this.later();
    await this.#carryOut({
      ...call,
      signalId,
      channelId: CHANNEL,
      dialect: 'anny',
      now: new Date(now).toISOString(),
    } as ProviderCommand);
    return now;
  }

  async #carryOut(command: ProviderCommand): Promise<void> {
    const metadata = {
      commandId: newId(Date.now()),
      requestId: '',
      dialect: 'anny',
      actor: 'channel',
      keyId: null,
      receivedAt: command.now,
      schemaVersion: 1,
    } as const;
    const outcome = await this.handle(command, metadata);
    if (!outcome.done) throw new Error(`refused: ${outcome.refusal.message}`);
  }

  recorded(signalId: string): Promise<readonly RecordedEvent[]> {
    return this.events.readStream(signalStream(signalId));
  }

  /** The steps of a signal so far. */
  async steps(signalId: string): Promise<readonly Told[]> {
    return (await this.recorded(signalId)).flatMap(({ type, data }) => {
      const { at, price = null, evidence } = data as Partial<Extract<MarketEvent, { type: 'SignalMatched' }>['data']>;
      if (at === undefined) return [];
      return [{ type: type as Told['type'], price, at: Date.parse(at), late: evidence!.late === true }];
    });
  }

  /** Waits for a step, and tells all that there are by then. */
  async until(signalId: string, type: Told['type']): Promise<readonly Told[]> {
    return eventually(`${type} of ${signalId}`, async () => {
      const steps = await this.steps(signalId);
      return steps.some((step) => step.type === type) ? steps : null;
    });
  }

  /** Waits until the role has judged a price of `BTC/USDT` at this level, and so all before it. */
  async settledDown(price: string): Promise<void> {
    const probe = await this.create({ entry: null, targets: [], stop: null });
    await this.tick('BTC/USDT', price);
    await this.until(probe, 'SignalMatched');
  }
}
