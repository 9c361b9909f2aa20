/** Records made of many pages, kept as long as they are true, and honest of what they lack. */
import { describe, expect, test } from '@jest/globals';
import type { NewEvent, ViewStore } from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { recordOf, renderRecord, type SignalDocument, signalsView } from '#libs/views';
import { at100, day, lived, tick } from '../../../../libs/views/src/testing/lives.ts';
import { lastPrice, WORKED_EXAMPLE } from '../../../../libs/views/src/testing/worked-example.ts';
import type { Caller } from '../http/keys.ts';
import { recordExample } from './record-docs.ts';
import { type RecordRequest, recordRequestOf } from './record-query.ts';
import { type LastPriceOf, SignalRecords } from './record.ts';
import { type Scope, SignalReader } from './reader.ts';

const AT = { view: signalsView.name, version: '2.1' };
const ALL: RecordRequest = { filter: {}, by: null, simulated: false, feePct: '0', slippagePct: '0' };

const won = lived({}, at100({ targets: ['120'] }), tick(2, '100'), tick(3, '120'));
const open = lived({}, at100(), tick(2, '100'));

function scopeOf(channelId: string | null): Scope {
  const role = channelId === null ? 'auditor' : 'channel';
  const caller: Caller = { role, keyId: 'k', channelId, channel: null, scope: 'read' };
  return { caller, dialect: null };
}

async function world(price: LastPriceOf | null = null) {
  const events = createMemoryEventStore();
  const views = createMemoryViewStore();
  await views.open(signalsView, AT.version, await events.id());
  await views.promote(AT);
  let pages = 0;
  let fails = false;
  const counted: ViewStore = {
    ...views,
    find: async (view, options) => {
      if (fails) {
        fails = false;
        throw new Error('away');
      }
      pages += 1;
      return views.find(view, options);
    },
  };
  let position = 0n;
  const records = new SignalRecords(events, counted, new SignalReader(events, views), price);
  return {
    events,
    views,
    pages: () => pages,
    /** The next page can't be read. */
    fail: () => void (fails = true),
    save: async (document: SignalDocument, channelId = 'one'): Promise<void> => {
      position += 1n;
      const saved = { ...document, id: `s${position}`, channelId, created: position.toString() };
      const json = JSON.stringify(saved);
      await views.save(AT, [{ id: saved.id, position, json, fields: signalsView.fields(saved) }], position);
    },
    read: (request: Partial<RecordRequest> = {}, scope = scopeOf('one')) =>
      records.read({ ...ALL, ...request }, scope, null),
  };
}

test('the documented example is the worked one', () => {
  expect(recordExample()).toMatchObject(renderRecord(recordOf(WORKED_EXAMPLE, { lastPrice })));
});

describe('a record', () => {
  test('is of all pages, and of the channel alone', async () => {
    const { save, read, pages } = await world();
    for (let n = 0; n < 1_001; n += 1) await save(won);
    for (let n = 0; n < 3; n += 1) await save(open, 'other');
    const { whole, stale, position } = await read();
    expect(whole).toMatchObject({ signals: 1_001, counts: { win: 1_001, matched: 0 }, totalR: '2002.00000000' });
    expect({ stale, position, pages: pages() }).toEqual({ stale: false, position: 1_004n, pages: 3 });
    expect((await read({}, scopeOf('nobody'))).whole.signals).toBe(0);
  });

  test('of an auditor is of every channel, by the same filters', async () => {
    const { save, read, pages } = await world();
    for (let n = 0; n < 600; n += 1) await save({ ...won, strategyId: n % 2 === 0 ? 'even' : null });
    await save(open, 'other');
    const auditor = scopeOf(null);
    expect((await read({}, auditor)).whole).toMatchObject({ signals: 601, counts: { win: 600, matched: 1 } });
    expect((await read({ filter: { symbol: 'BTC/USDT', from: day(1), to: day(2) } }, auditor)).whole.signals).toBe(601);
    for (const filter of [{ symbol: 'ETH/USDT' }, { from: day(2) }, { to: '2026-03-31' }, { coin: 'ETH' }])
      expect((await read({ filter }, auditor)).whole.signals).toBe(0);
    expect(pages()).toBe(0);
    // A strategy has an index of its own.
    expect((await read({ filter: { strategyId: 'even' } }, auditor)).whole.signals).toBe(300);
    expect(pages()).toBe(1);
  });

  test('is made once for a position, for all who ask the same, and anew when the view moves on', async () => {
    const { save, read, pages } = await world();
    await save(won);
    const both = await Promise.all([read(), read()]);
    expect(both[0]).toEqual(both[1]);
    await read();
    expect(pages()).toBe(1);
    await read({ feePct: '0.1' });
    expect(pages()).toBe(2);
    await save(won);
    expect((await read()).whole.signals).toBe(2);
    expect(pages()).toBe(3);
  });

  test('marks open positions where prices are known', async () => {
    const { save, read } = await world(() => ({ price: '110', at: day(5) }));
    await save(open);
    expect((await read()).whole.open).toMatchObject({ marked: 1, totalR: '1.00000000', oldestPriceAt: day(5) });
  });

  test('that could not be made is not kept', async () => {
    const { save, read, fail } = await world();
    await save(won);
    fail();
    await expect(read()).rejects.toThrow('away');
    expect((await read()).whole.signals).toBe(1);
  });
});

describe('what could not be folded', () => {
  const metadata = { commandId: 'c', requestId: 'r', dialect: 'anny', actor: 'a', keyId: null, receivedAt: day(1) };
  const event = (id: string, channelId: string) => ({
    stream: `signal-${id}`,
    expected: -1,
    events: [
      { id, type: 'Unknown', time: day(1), channelId, data: {}, metadata: { ...metadata, schemaVersion: 1 } },
    ] satisfies NewEvent[],
  });

  test('is told to its channel and to an auditor, and not once it is mended', async () => {
    const { events, views, save, read } = await world();
    await save(won);
    for (const [id, channelId] of [
      ['a', 'one'],
      ['b', 'other'],
    ] as const) {
      const { position } = await events.append(event(id, channelId));
      await views.park(AT, { stream: `signal-${id}`, position, reason: 'unknown' });
    }
    expect((await read()).parked).toEqual({ count: 1, ids: ['a'] });
    expect((await read({}, scopeOf(null))).parked).toEqual({ count: 2, ids: ['a', 'b'] });
    await views.unpark(AT, 'signal-a');
    expect((await read()).parked).toEqual({ count: 0, ids: [] });
  });

  test('is counted in full, and named up to twenty', async () => {
    const { events, views, read } = await world();
    for (let n = 0; n < 25; n += 1) {
      const id = `p${String(n).padStart(2, '0')}`;
      const { position } = await events.append(event(id, 'one'));
      await views.park(AT, { stream: `signal-${id}`, position, reason: 'unknown' });
    }
    const { parked } = await read();
    expect({ count: parked.count, named: parked.ids.length, first: parked.ids[0] }).toEqual({
      count: 25,
      named: 20,
      first: 'p00',
    });
  });
});

describe('what is asked for', () => {
  const of = (query: Record<string, unknown>, sandbox: boolean | null = false): RecordRequest =>
    recordRequestOf(query, { channel: sandbox === null ? null : ({ sandbox } as Caller['channel']) }, { coin: 'BTC' });

  test('is the channel’s own kind of prices; an auditor chooses', () => {
    expect([of({}).simulated, of({}, true).simulated]).toEqual([false, true]);
    expect([of({ simulated: 'true' }).simulated, of({ simulated: 'false' }, true).simulated]).toEqual([false, true]);
    expect([of({}, null).simulated, of({ simulated: 'true' }, null).simulated]).toEqual([false, true]);
    expect(() => of({ simulated: 'yes' }, null)).toThrow('simulated must be one of true, false');
  });

  test('keeps the filter, with the period and the settings', () => {
    expect(of({ from: '2026-04-01', fee_pct: '0.1', by: 'month' })).toEqual({
      filter: { coin: 'BTC', from: '2026-04-01T00:00:00.000Z' },
      by: 'month',
      simulated: false,
      feePct: '0.1',
      slippagePct: '0',
    });
  });

  test.each(['100', '-1', '0.123456789', '1e1', '.5', '', '1.'])('a fee of %j is none', (fee_pct) => {
    expect(() => of({ fee_pct })).toThrow('fee_pct');
  });
});
