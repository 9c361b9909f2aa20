/** Finding what a close ends, where much was closed before. */
import { describe, expect, test } from '@jest/globals';
import type { ViewStore } from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { type SignalDocument, signalsView } from '#libs/views';
import { Closes } from './closes.ts';

const PLACE = { channelId: 'c', dialect: 'traderz', venue: 'binance', symbol: 'ETH/USDT' } as const;
const AT = { view: signalsView.name, version: '1.1' };

async function world() {
  const events = createMemoryEventStore();
  const views = createMemoryViewStore();
  await views.open(signalsView, AT.version, await events.id());
  await views.promote(AT);
  let read = 0;
  const counted: ViewStore = {
    ...views,
    find: async (view, options) => {
      const found = await views.find(view, options);
      read += found.length;
      return found;
    },
  };
  const closes = new Closes(events, counted);
  let position = 0n;
  const save = async (side: 'open' | 'close', closesSignalId: string | null): Promise<string> => {
    position += 1n;
    const document = {
      id: `s${position}`,
      channelId: PLACE.channelId,
      dialect: PLACE.dialect,
      side,
      status: 'registered',
      instrument: { venue: PLACE.venue, symbol: PLACE.symbol, base: null },
      direction: null,
      strategyId: null,
      closesSignalId,
      created: position.toString(),
      createdAt: '',
      cancelledAt: null,
      revision: 0,
    } as unknown as SignalDocument;
    const json = JSON.stringify(document);
    await views.save(AT, [{ id: document.id, position, json, fields: signalsView.fields(document) }], 0n);
    return document.id;
  };
  const close = (): Promise<string | null> =>
    closes.closing(PLACE, async (openId) => {
      await save('close', openId);
      return openId;
    });
  return {
    open: () => save('open', null),
    close,
    readBy: async (work: () => Promise<unknown>) => {
      const before = read;
      await work();
      return read - before;
    },
  };
}

describe('a close', () => {
  test('does not look again at what was closed before it', async () => {
    const { open, close, readBy } = await world();
    const opened: string[] = [];
    for (let n = 0; n < 500; n += 1) opened.push(await open());
    const ended: (string | null)[] = [];
    const all = await readBy(async () => {
      for (let n = 0; n < 500; n += 1) ended.push(await close());
    });
    expect(ended).toEqual(opened.toReversed());
    expect(all).toBeLessThan(500 * 50);
    expect(await close()).toBeNull();
    expect(await readBy(close)).toBe(0);
    const late = await open();
    expect(await close()).toBe(late);
    expect(await close()).toBeNull();
    expect(await readBy(close)).toBe(0);
  });

  test('ends what is still open between, whatever the order of opens and closes', async () => {
    const { open, close } = await world();
    const held: string[] = [];
    let seed = 7;
    for (let n = 0; n < 2_000; n += 1) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      if (seed % 5 < 2 + (n % 400 < 200 ? 1 : 0)) held.push(await open());
      else expect(await close()).toBe(held.pop() ?? null);
    }
  });
});
