import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SignalCommand, SignalEvent } from '#libs/signal';
import type { RecordedEvent } from '#libs/sourcing';
import { lives } from '../../../signal/src/testing/arbitrary.ts';
import { cancel, create, dca, rebuy, takeProfit, trailingStop, update } from '../../../signal/src/testing/commands.ts';
import { foldExisting, history, run } from '../../../signal/src/testing/history.ts';
import { mirrorCommand } from '../../../signal/src/testing/mirror.ts';
import type { SignalDocument } from './document.ts';
import { project } from './project.ts';
import { signalsView } from './view.ts';

const stream = 'signal-019d5a3c6b7470008000000000000001';

/** Time of the event at a revision. */
function at(revision: number): string {
  return new Date(Date.UTC(2026, 3, 4, 19, 12, revision)).toISOString();
}

function recorded(event: SignalEvent, revision: number): RecordedEvent {
  return {
    ...event,
    id: `event-${revision}`,
    stream,
    revision,
    position: 9_007_199_254_740_993n + 10n * BigInt(revision),
    time: at(revision),
    channelId: 'channel-1',
    metadata: {
      commandId: 'c',
      requestId: 'r',
      dialect: 'anny',
      actor: 'channel:channel-1',
      keyId: null,
      receivedAt: at(revision),
      schemaVersion: 1,
    },
  };
}

function projected(events: readonly SignalEvent[]): SignalDocument {
  let document: SignalDocument | null = null;
  events.forEach((event, revision) => (document = project(document, recorded(event, revision))));
  return document!;
}

const published: readonly SignalCommand[] = [
  create({ note: 'breakout', entry: { min: '65000', max: '66000', mode: 'range' } }),
  takeProfit({ orderType: 'limit', price: '72000', share: '50', trailing: { trigger: '68000', limit: '67500' } }),
  trailingStop('64000', '63500', { reference: '65800' }),
  rebuy({ min: '60000', max: '61000', invest: '5', trailing: { trigger: '58000', limit: '57500' } }),
  dca('58000', '1.5'),
  update({ entryMin: '64500', targets: { 1: '73000', 3: '80000' }, stop: '63000' }),
  cancel(),
];

describe('the document of a signal', () => {
  it('tells all that the published examples say', () => {
    expect(projected(history(...published))).toStrictEqual({
      id: '019d5a3c6b7470008000000000000001',
      channelId: 'channel-1',
      dialect: 'anny',
      sandbox: false,
      instrument: {
        class: 'crypto',
        venue: 'BINANCE',
        symbol: 'BTC/USDT',
        base: 'BTC',
        quote: 'USDT',
        account: 'SPOT',
      },
      side: 'open',
      direction: 'long',
      status: 'cancelled',
      entry: { min: '64500', mid: null, max: '66000', mode: 'range', split: null },
      targets: ['73000', '75000', '80000'],
      takeProfits: [
        {
          orderType: 'limit',
          price: '72000',
          share: '50',
          trailing: { trigger: '68000', limit: '67500' },
          symbol: null,
          at: at(1),
        },
      ],
      stop: '63000',
      trailing: { trigger: '64000', limit: '63500', reference: '65800', at: at(2) },
      rebuys: [{ min: '60000', max: '61000', invest: '5', trailing: { trigger: '58000', limit: '57500' }, at: at(3) }],
      dcas: [{ price: '58000', multiplier: '1.5', invest: '15', at: at(4) }],
      size: { kind: 'percent', value: '10' },
      leverage: null,
      marginType: null,
      expiresAt: null,
      strategyId: null,
      closesSignalId: null,
      signalTime: null,
      clientSignalId: null,
      note: 'breakout',
      metadata: null,
      revision: 6,
      created: '9007199254740993',
      createdAt: at(0),
      updatedAt: at(6),
      cancelledAt: at(6),
      fills: [],
      exits: [],
      position: null,
      matchedAt: null,
      expiredAt: null,
      settlement: null,
      corrected: [],
    });
  });

  it('tells what a signal beyond crypto says', () => {
    const bet = create({
      dialect: 'nextprod',
      sandbox: true,
      instrument: { class: 'prediction', venue: 'kalshi', symbol: 'KXMLBGAME' },
      direction: 'yes',
      entry: { mid: '0.45', split: { mid: '100' } },
      targets: [],
      stop: null,
      size: null,
      leverage: '1',
      marginType: 'ISOLATED',
      expiresAt: '2026-05-01T00:00:00.000Z',
      strategyId: 's',
      closesSignalId: 'c',
      signalTime: '2026-04-04T19:12:00.000Z',
      clientSignalId: 'trade-8842-open',
      metadata: { model: 'v2' },
    });
    expect(projected(history(bet))).toMatchObject({
      sandbox: true,
      instrument: { class: 'prediction', venue: 'kalshi', symbol: 'KXMLBGAME', base: null, quote: null, account: null },
      entry: { min: null, mid: '0.45', max: null, mode: null, split: { min: null, mid: '100', max: null } },
      size: null,
      leverage: '1',
      marginType: 'ISOLATED',
      expiresAt: '2026-05-01T00:00:00.000Z',
      strategyId: 's',
      closesSignalId: 'c',
      signalTime: '2026-04-04T19:12:00.000Z',
      clientSignalId: 'trade-8842-open',
      metadata: { model: 'v2' },
    });
  });

  it('gets an entry when a bound is given later', () => {
    expect(projected(history(create({ entry: null })))).toMatchObject({ entry: null });
    expect(projected(history(create({ entry: null }), update({ entryMax: '66000' })))).toMatchObject({
      entry: { min: null, mid: null, max: '66000', mode: null, split: null },
    });
  });

  it('throws on what it can not fold', () => {
    const [first] = history(create());
    expect(() => project(null, recorded({ type: 'Cancelled', data: {} }, 0))).toThrow('begins with Cancelled');
    expect(() => project(projected([first!]), recorded(first!, 1))).toThrow('created twice');
    expect(() => project(projected([first!]), recorded({ type: 'SignalRenamed', data: {} } as never, 1))).toThrow(
      'unknown signal event',
    );
  });

  it('is found by whose it is, how it stands and when it was made', () => {
    expect(signalsView.fields(projected(history(...published)))).toEqual({
      channelId: 'channel-1',
      dialect: 'anny',
      status: 'cancelled',
      base: 'BTC',
      venue: 'BINANCE',
      symbol: 'BTC/USDT',
      side: 'open',
      direction: 'long',
      strategyId: null,
      closesSignalId: null,
      createdAt: at(0),
      created: 9_007_199_254_740_993n,
      open: null,
    });
    expect(Object.keys(signalsView.fieldTypes)).toEqual(
      Object.keys(signalsView.fields(projected(history(...published)))),
    );
    expect(signalsView.indexes.flat().every((field) => field in signalsView.fieldTypes)).toBe(true);
  });
});

describe('any history of a signal', () => {
  const bothLives = fc
    .tuple(lives, fc.boolean())
    .map(([life, mirrored]) => run(mirrored ? life.map(mirrorCommand) : life).events)
    .filter((events) => events.length > 0);

  it('says what the domain says', () => {
    fc.assert(
      fc.property(bothLives, (events) => {
        const document = projected(events);
        const state = foldExisting(events);
        const { status, channelId, dialect, side, direction, targets, stop, size } = state;
        expect(document).toMatchObject({ status, channelId, dialect, side, direction, targets, stop, size });
        expect(document.instrument.class).toBe(state.instrument.class);
        expect(document.cancelledAt !== null).toBe(state.callsEnded);
        for (const bound of ['min', 'mid', 'max'] as const)
          expect(document.entry?.[bound] ?? undefined).toBe(state.entry?.[bound]);
        expect(
          document.trailing === null ? null : { trigger: document.trailing.trigger, limit: document.trailing.limit },
        ).toEqual(state.trailing);
        expect(document.takeProfits.length).toBe(events.filter((event) => event.type === 'TakeProfitAdded').length);
        expect(document.revision).toBe(events.length - 1);
      }),
    );
  });

  it('comes out the same, byte for byte, through any number of saves', () => {
    fc.assert(
      fc.property(bothLives, fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }), (events, saved) => {
        let document: SignalDocument | null = null;
        events.forEach((event, revision) => {
          const stored = JSON.parse(JSON.stringify(event)) as SignalEvent;
          document = project(document, recorded(stored, revision));
          if (saved[revision]!) document = JSON.parse(JSON.stringify(document)) as SignalDocument;
        });
        expect(JSON.stringify(document)).toBe(JSON.stringify(projected(events)));
      }),
    );
  });

  it('leaves documents before as they were', () => {
    fc.assert(
      fc.property(bothLives, (events) => {
        let document: SignalDocument | null = null;
        events.forEach((event, revision) => {
          const before = JSON.stringify(document);
          const after = project(document, recorded(event, revision));
          expect(JSON.stringify(document)).toBe(before);
          document = after;
        });
      }),
    );
  });
});
