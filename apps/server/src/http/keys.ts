/**
 * Who is calling: API keys, looked up in memory.
 *
 * The directory's stream is read on from its last revision several times a second, so that a key revoked by any
 * process stops working within a second in all of them. A process that could not read for a second asks per request.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ApiKey,
  type Channel,
  type Directory,
  DIRECTORY_STREAM,
  type DirectoryEvent,
  emptyDirectory,
  foldDirectory,
  keysByHash,
  type KeyDialect,
} from '#libs/channel';
import { type EventStore, StoreUnavailable } from '#libs/sourcing';
import { inTime } from '../operations/in-time.ts';

const POLL_MS = 250;
const STALE_MS = 1_000;

/** Longest pause between two polls that fail. Meanwhile each request asks for itself. */
const MOST_POLL_MS = 2_000;

/** How long a start waits for the first read. */
const FIRST_READ_MS = 2_000;

/** Whoever a key speaks for. */
export interface Caller {
  readonly role: 'channel' | 'auditor' | 'agent';
  /** Of an agent its own id: it has one key. */
  readonly keyId: string;
  /** Whose idempotency keys and last writes they are: of an agent its own id. Null for an auditor. */
  readonly channelId: string | null;
  /** As it stood when the request came in; null for an auditor and for an agent. */
  readonly channel: Channel | null;
  readonly scope: 'write' | 'read';
}

export class KeyRing {
  readonly #events: EventStore;
  readonly #stopping = new AbortController();
  #directory: Directory = emptyDirectory;
  #byHash: ReadonlyMap<string, ApiKey> = new Map();
  #revision = -1;
  #readAt = 0;
  #reading: Promise<void> | null = null;

  constructor(events: EventStore) {
    this.#events = events;
  }

  /**
   * Reads the directory once, then keeps reading on, and tells of each read. An event store that is away is waited for
   * while reading on: until then it lets nobody in.
   * @throws what reading throws, where that is no outage.
   */
  async start(onError: (error: unknown) => void, onRead: () => void = () => undefined): Promise<void> {
    try {
      await inTime(this.#read(), FIRST_READ_MS);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      onError(error);
    }
    void this.#follow(onError, onRead);
  }

  /** A read on its way ends with the store. */
  async stop(): Promise<void> {
    this.#stopping.abort();
  }

  /** True when what is known is older than a revocation may be. */
  get stale(): boolean {
    return Date.now() - this.#readAt > STALE_MS;
  }

  /** Reads on now. Throws `StoreUnavailable` when the directory can't be read: nobody is let in on old knowledge. */
  async refresh(): Promise<void> {
    try {
      await this.#read();
      // That may have been one on its way already, which knows nothing of the time since it began.
      if (this.stale) await this.#read();
    } catch (error) {
      throw new StoreUnavailable('the directory of keys cannot be read', 1, { cause: error });
    }
  }

  /** The caller that a key and, where the dialect has one, a secret belong to. Null: unknown, wrong or revoked. */
  find(dialect: KeyDialect, key: string, secret: string | null): Caller | null {
    const found = this.#byHash.get(hash('sha256', key));
    const secretHash = secret === null ? null : hash('sha256', secret, 'buffer');
    if (found === undefined || found.dialect !== dialect) return null;
    if (
      found.secretHash !== null &&
      (secretHash === null || !timingSafeEqual(secretHash, Buffer.from(found.secretHash, 'hex')))
    )
      return null;
    if (found.expiresAt !== null && found.expiresAt <= new Date().toISOString()) return null;
    const channel = found.channelId === null ? null : (this.#directory.channels.get(found.channelId) ?? null);
    return { role: found.role, keyId: found.keyId, channelId: found.channelId, channel, scope: found.scope };
  }

  /** The channels whose signals may be shown to anyone. */
  publicChannels(): readonly Channel[] {
    return [...this.#directory.channels.values()].filter((channel) => channel.public);
  }

  async #follow(onError: (error: unknown) => void, onRead: () => void): Promise<void> {
    const { signal } = this.#stopping;
    let pause = POLL_MS;
    for (;;) {
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.#read();
        pause = POLL_MS;
        onRead();
      } catch (error) {
        if (signal.aborted) return;
        pause = Math.min(2 * pause, MOST_POLL_MS);
        onError(error);
      }
    }
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readOn(): Promise<void> {
    const startedAt = Date.now();
    const events = await this.#events.readStream(DIRECTORY_STREAM, this.#revision + 1);
    if (events.length > 0) this.#directory = foldDirectory(this.#directory, events as unknown as DirectoryEvent[]);
    this.#revision += events.length;
    this.#readAt = startedAt;
    if (events.length > 0) this.#byHash = keysByHash(this.#directory);
  }
}
