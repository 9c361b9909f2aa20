/** A history as it is sent. */
import { expect, test } from '@jest/globals';
import type { RecordedEvent } from '#libs/sourcing';
import { statesAfter } from '../../signals/reader.ts';
import type { Tracking } from '../../signals/tracking.ts';
import { renderEntry, renderHistory } from './signal-view.ts';

/** Where no venue is configured. */
const NO_TRACKING: Tracking = { of: () => 'no_venue' };

const ID = '0'.repeat(32);
const TIME = '2026-04-04T19:12:07.572Z';

function recorded(revision: number, type: string, data: object): RecordedEvent {
  const metadata = { schemaVersion: 1 } as RecordedEvent['metadata'];
  const position = BigInt(revision + 1);
  return {
    id: `e${revision}`,
    type,
    time: TIME,
    channelId: 'c',
    stream: `signal-${ID}`,
    revision,
    position,
    data,
    metadata,
  };
}

const created = recorded(0, 'SignalCreated', {
  channelId: 'c',
  dialect: 'anny',
  sandbox: true,
  side: 'open',
  direction: 'long',
  instrument: { class: 'crypto', venue: 'BINANCE', symbol: 'BTC/USDT', base: 'BTC', quote: 'USDT' },
  entry: { max: '66000' },
  targets: ['70000'],
  stop: null,
  size: { kind: 'percent', value: '10' },
});
const rebuy = (revision: number): RecordedEvent =>
  recorded(revision, 'RebuyAdded', { min: '60000', max: '61000', invest: '5', trailing: null });

test('its pieces are the one JSON text of every event with its state', () => {
  const events = [created, rebuy(1), rebuy(2)];
  const whole = {
    result: { type: 'OPERATION_PERFORMED' },
    payload: { parent_signal_id: ID, events: [...statesAfter(events)].map((entry) => renderEntry(entry, NO_TRACKING)) },
  };
  expect([...renderHistory(ID, statesAfter(events), NO_TRACKING)].join('')).toBe(JSON.stringify(whole));
});

test('a state is made when it is sent, not before: all of them would be too long for a string', () => {
  const events = [created, ...Array.from({ length: 3_000 }, (_, index) => rebuy(index + 1))];
  let made = 0;
  const entries = (function* () {
    for (const entry of statesAfter(events)) {
      made += 1;
      yield entry;
    }
  })();
  const pieces = renderHistory(ID, entries, NO_TRACKING);
  pieces.next();
  pieces.next();
  expect(made).toBe(2);
  let longest = 0;
  for (const piece of renderHistory(ID, statesAfter(events.slice(0, 500)), NO_TRACKING))
    longest = Math.max(longest, piece.length);
  expect(longest).toBeLessThan(200_000);
});
