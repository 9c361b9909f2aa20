/** The signals of public channels while they are being saved: who follows them from cursor to cursor misses none. */
import { describe, expect, it } from '@jest/globals';
import type { Channel } from '#libs/channel';
import type { SavedDocument, View, ViewStore } from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { signalsView } from '#libs/views';
import type { Agent } from '../../accounts/agents.ts';
import type { KeyRing } from '../../http/keys.ts';
import { SignalReader } from '../../signals/reader.ts';
import { PublicSignals } from './public-signals.ts';

const AGENT = { mode: 'live' } as Agent;
const AT = { view: signalsView.name, version: '1' };

/** A signal of channel `a` or `b`, as little of it as a page looks at. */
function signal(channelId: string, created: bigint): SavedDocument {
  const id = `${channelId}-${created}`;
  const json = JSON.stringify({ id, channelId, created: created.toString() });
  return { id, position: created, json, fields: { channelId, created } };
}

function fixture() {
  const views = createMemoryViewStore();
  const channels = ['a', 'b'].map((channelId) => ({ channelId, sandbox: false }) as Channel);
  const keys = { publicChannels: () => channels } as unknown as KeyRing;
  /** A follower that asks for `limit` at a time, of views as it sees them. */
  const follower = (seen: ViewStore, limit = 10): (() => Promise<string[]>) => {
    const signals = new PublicSignals(keys, seen, new SignalReader(createMemoryEventStore(), seen));
    let cursor: bigint | null = null;
    return async () => {
      const page = await signals.page(AGENT, cursor, limit);
      const last = page.signals.at(-1);
      if (last !== undefined) cursor = BigInt(last.signal.created);
      return page.signals.map((one) => one.signal.id);
    };
  };
  const build = async (): Promise<void> => {
    await views.open(signalsView as View, AT.version, 'log');
    await views.promote(AT);
  };
  return { views, follower, build };
}

describe('a page of public signals', () => {
  it('has nothing before the view is built', async () => {
    const { views, follower } = fixture();
    expect(await follower(views)()).toEqual([]);
  });

  it('lacks what is saved while one channel was read and another was not: the next has it, in order', async () => {
    const { views, follower, build } = fixture();
    await build();
    await views.save(AT, [signal('a', 100n)], 100n);
    let reads = 0;
    const seen: ViewStore = Object.assign(Object.create(views) as ViewStore, {
      find: async (...args: Parameters<ViewStore['find']>) => {
        reads += 1;
        if (reads === 2) await views.save(AT, [signal('a', 104n), signal('b', 105n)], 105n);
        return views.find(...args);
      },
    });
    const next = follower(seen);
    expect(await next()).toEqual(['a-100']);
    expect(await next()).toEqual(['a-104', 'b-105']);
    expect(await next()).toEqual([]);
  });

  it('has what is saved once the view has all before it: documents come in any order', async () => {
    const { views, follower, build } = fixture();
    await build();
    await views.save(AT, [signal('a', 105n)], 100n);
    const next = follower(views, 1);
    expect(await next()).toEqual([]);
    await views.save(AT, [signal('a', 104n)], 105n);
    expect(await next()).toEqual(['a-104']);
    expect(await next()).toEqual(['a-105']);
  });
});
