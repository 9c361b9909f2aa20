/** What the market does to a signal, written as another process would. */
import { type MarketEvent, SIGNAL_SCHEMA_VERSION } from '#libs/signal';
import { type EventStore, newId } from '#libs/sourcing';
import { openEventsOf } from './stores.ts';

/** Settings of a server on which nothing but the test moves a signal. */
export const NO_MARKET = { ROLES: 'api,projector', SIM_PRICES: 'none' } as const;

export class TestMarket {
  readonly #events: EventStore;

  private constructor(events: EventStore) {
    this.#events = events;
  }

  static async open(dataDir: string): Promise<TestMarket> {
    return new TestMarket(await openEventsOf(dataDir));
  }

  /** Appends events to a signal's stream, whatever its domain would say of them. Tells the position of the last. */
  async did(signalId: string, events: readonly MarketEvent[]): Promise<bigint> {
    const stream = `signal-${signalId.replaceAll('-', '')}`;
    const before = await this.#events.readStream(stream);
    const last = before.at(-1);
    if (last === undefined) throw new Error(`there is no ${stream}`);
    const now = new Date().toISOString();
    const time = now > last.time ? now : last.time;
    const { dialect } = last.metadata;
    const appended = await this.#events.append({
      stream,
      expected: last.revision,
      events: events.map(({ type, data }) => ({
        id: newId(Date.now()),
        type,
        time,
        channelId: last.channelId,
        data,
        metadata: {
          commandId: newId(Date.now()),
          requestId: 'market',
          dialect,
          actor: 'market',
          keyId: null,
          receivedAt: time,
          schemaVersion: SIGNAL_SCHEMA_VERSION,
        },
      })),
    });
    return appended.position;
  }

  close(): Promise<void> {
    return this.#events.close();
  }
}
