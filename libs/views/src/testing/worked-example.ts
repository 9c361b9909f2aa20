/** The twelve signals of the worked example in docs/track-record.md. */
import { cancel, create } from '../../../signal/src/testing/commands.ts';
import type { SignalDocument } from '../signals/document.ts';
import type { LastPrice } from '../record/track-record.ts';
import { at100, day, EVIDENCE, lived, tick } from './lives.ts';

const market = (number: number) => ({
  signalId: '019d5a3c6b7470008000000000000001',
  channelId: 'channel-1',
  now: day(number),
  at: day(number),
});

const reported = { decidedBy: 'reported', source: 'provider', hash: 'h' } as const;

const bet = create({
  now: day(1),
  dialect: 'nextprod',
  instrument: { class: 'prediction', venue: 'kalshi', symbol: 'KXMLBGAME' },
  direction: 'yes',
  entry: { max: '0.45' },
  targets: [],
  stop: null,
  size: { kind: 'usd', value: '300' },
  strategyId: 'momentum',
});

export const WORKED_EXAMPLE: readonly SignalDocument[] = [
  // Half at 110, half at 120: +15 %, 1.5 R.
  lived({ id: 'a', created: 10 }, at100(), tick(2, '100'), tick(3, '110'), tick(4, '120')),
  // Stopped at its stop: -5 %, -1 R.
  lived({ id: 'b', created: 20 }, at100({ stop: '95' }), tick(2, '100'), tick(5, '95')),
  // A gap through the stop: -6 %, -1.2 R.
  lived(
    { id: 'c', created: 30 },
    at100({ entry: { max: '200' }, targets: ['220'], stop: '190' }),
    tick(2, '200'),
    tick(6, '188'),
  ),
  // A short: +6 %, 1.5 R.
  lived(
    { id: 'd', created: 40 },
    at100({ direction: 'short', entry: { min: '50', max: '50' }, targets: ['47'], stop: '52' }),
    tick(2, '50'),
    tick(7, '47'),
  ),
  // Cancelled after the match and closed at the next price: a push, 0 R.
  lived({ id: 'e', created: 50 }, at100(), tick(2, '100'), cancel(), tick(8, '100')),
  // A bet that paid: +122.22222222 %, no stop and so no R.
  lived({ id: 'f', created: 60 }, bet, tick(2, '0.45'), {
    type: 'ResolveSignal',
    ...market(9),
    payout: '1',
    reason: 'yes',
    evidence: { ...EVIDENCE, decidedBy: 'settlement' },
  }),
  // Open; its last price is 104.
  lived({ id: 'g', created: 70 }, at100(), tick(2, '100')),
  lived({ id: 'h', created: 80 }, at100()),
  lived({ id: 'i', created: 90 }, at100(), cancel()),
  lived({ id: 'j', created: 100 }, at100({ expiresAt: day(3) }), tick(4, '105')),
  // Closed at a price that only its provider told.
  lived({ id: 'k', created: 110 }, at100({ dialect: 'traderz', targets: [] }), {
    type: 'ReportClose',
    ...market(5),
    price: '130',
    closedBySignalId: 'l',
    evidence: reported,
  }),
  lived({ id: 'l', created: 120 }, at100({ dialect: 'traderz', side: 'close', targets: [], stop: null })),
];

/** What the open position of the example is marked to. */
export function lastPrice(): LastPrice {
  return { price: '104', at: day(20) };
}
