/**
 * The signals of public channels, as agents may read them. A live agent sees those of real channels alone: an invented
 * price never moves real money.
 */
import { Inject } from '@nestjs/common';
import type { Channel } from '#libs/channel';
import type { StoredDocument, ViewStore } from '#libs/sourcing';
import { type SignalDocument, signalsView } from '#libs/views';
import type { Agent } from '../../accounts/agents.ts';
import { type Caller, KeyRing } from '../../http/keys.ts';
import { SignalReader } from '../../signals/reader.ts';
import { VIEW_STORE } from '../../signals/tokens.ts';

export interface PublicSignal {
  readonly signal: SignalDocument;
  readonly channel: Channel;
}

export class PublicSignals {
  readonly #keys: KeyRing;
  readonly #views: ViewStore;
  readonly #reader: SignalReader;

  constructor(
    @Inject(KeyRing) keys: KeyRing,
    @Inject(VIEW_STORE) views: ViewStore,
    @Inject(SignalReader) reader: SignalReader,
  ) {
    this.#keys = keys;
    this.#views = views;
    this.#reader = reader;
  }

  /** Whether an agent may read a signal, whatever process stored it and however lately. */
  async isReadable(signalId: string, agent: Agent): Promise<boolean> {
    const signal = await this.#reader.get(signalId, { caller: ANY_CHANNEL, dialect: null });
    return signal !== null && this.channelsFor(agent).some(({ channelId }) => channelId === signal.channelId);
  }

  channelsFor({ mode }: Pick<Agent, 'mode'>): readonly Channel[] {
    return this.#keys.publicChannels().filter(({ sandbox }) => mode === 'sandbox' || !sandbox);
  }

  /**
   * In the order in which they were stored, those after a place in the log: each channel's are found along an index of
   * its own, and put together here. Up to where the view stands: beyond, a document may be there before an earlier one
   * is, which who goes on after it would never be told.
   */
  async page(agent: Agent, after: bigint | null, limit: number): Promise<{ signals: PublicSignal[]; more: boolean }> {
    const live = await this.#views.live(signalsView.name);
    // Before the first build there is no view.
    if (live === null) return { signals: [], more: false };
    const between = { after, upTo: live.checkpoint };
    const channels = this.channelsFor(agent);
    const found = await Promise.all(channels.map(async (channel) => this.#ofChannel(channel, between, limit + 1)));
    const all = found
      .flat()
      .sort((left, right) => (BigInt(left.signal.created) < BigInt(right.signal.created) ? -1 : 1));
    return { signals: all.slice(0, limit), more: all.length > limit };
  }

  async #ofChannel(
    channel: Channel,
    { after, upTo }: { readonly after: bigint | null; readonly upTo: bigint },
    limit: number,
  ): Promise<PublicSignal[]> {
    const { channelId } = channel;
    const found = await this.#views.find(signalsView.name, {
      where: [
        { field: 'channelId', is: 'eq', value: channelId },
        { field: 'created', is: 'lte', value: upTo },
        ...(after === null ? [] : [{ field: 'created', is: 'gt', value: after } as const]),
      ],
      orderBy: { field: 'created', direction: 'asc' },
      limit,
    });
    return found.map((stored) => ({ signal: signalIn(stored), channel }));
  }
}

export function signalIn({ json }: StoredDocument): SignalDocument {
  return JSON.parse(json) as SignalDocument;
}

/** Reads whatever there is; what an agent gets to see of it is judged above. */
const ANY_CHANNEL: Caller = { role: 'auditor', keyId: '', channelId: null, channel: null, scope: 'read' };
