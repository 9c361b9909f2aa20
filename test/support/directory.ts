/** Channels and keys for tests, made by the functions of the command line. */
import type { KeyScope } from '#libs/channel';
import type { EventStore } from '#libs/sourcing';
import { addChannel } from '../../apps/cli/src/channel.ts';
import { issueKey, revokeKey } from '../../apps/cli/src/key.ts';
import { openEventsOf } from './stores.ts';

/** A key pair of the Anny dialect, as its holder sends it. */
export interface AnnyKey {
  readonly keyId: string;
  readonly key: string;
  readonly secret: string;
}

/** The directory of a data folder, written to by a store of its own: as another process would. */
export class TestDirectory {
  readonly #events: EventStore;

  private constructor(events: EventStore) {
    this.#events = events;
  }

  static async open(dataDir: string): Promise<TestDirectory> {
    return new TestDirectory(await openEventsOf(dataDir));
  }

  /** Adds a channel and tells its id. */
  async addChannel(name: string, sandbox = false): Promise<string> {
    return (await addChannel(this.#events, name, sandbox)).channel_id;
  }

  /** A key of a channel, or with `null` an auditor's. */
  async issueKey(channelId: string | null, scope: KeyScope = channelId === null ? 'read' : 'write'): Promise<AnnyKey> {
    const holder = channelId === null ? 'auditor' : { channelId };
    const issued = await issueKey(this.#events, holder, { dialect: 'anny', scope, label: null });
    return { keyId: issued.key_id, key: issued.anny_api_key, secret: issued.anny_api_secret };
  }

  async revokeKey(keyId: string): Promise<void> {
    await revokeKey(this.#events, keyId);
  }

  close(): Promise<void> {
    return this.#events.close();
  }
}
