import { hash } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Direction, SIGNAL_SCHEMA_VERSION, type SignalCommand } from '#libs/signal';
import { createHandle, dashedId, type EventStore, newId, compactId, type RecordedEvent } from '#libs/sourcing';
import { createMemoryEventStore } from '#libs/stores';
import { recordOf, renderRecord, type SignalDocument, signalsView } from '#libs/views';
import { handledSignal, signalStream } from '../../server/src/signals/handled-signal.ts';
import { describeSettled, settleByHand, type Settling } from './settle.ts';

const CHANNEL = 'c'.repeat(32);
const TOLD = { reason: 'the venue has no API', evidence: 'its page said WON on 5 April at 12:00' } as const;

describe('settling by hand', () => {
  let events: EventStore;
  let signalId: string;

  const handled = (command: SignalCommand) =>
    createHandle(handledSignal, events)(command, {
      commandId: newId(Date.now()),
      requestId: 'r',
      dialect: command.type === 'CreateSignal' ? 'nextprod' : 'market',
      actor: 'x',
      keyId: null,
      receivedAt: new Date().toISOString(),
      schemaVersion: SIGNAL_SCHEMA_VERSION,
    });

  /** A bet on one side at 0.4. */
  async function bet(direction: Direction = 'yes'): Promise<string> {
    const id = compactId(newId(Date.now()));
    await handled({
      type: 'CreateSignal',
      signalId: id,
      channelId: CHANNEL,
      dialect: 'nextprod',
      now: new Date().toISOString(),
      sandbox: false,
      instrument: { class: 'prediction', venue: 'kalshi', symbol: 'KX-1' },
      side: 'open',
      direction,
      entry: { max: '0.4' },
      targets: [],
      stop: null,
      size: { kind: 'usd', value: '100' },
    });
    return id;
  }

  const settle = (named: Partial<Settling> = {}) =>
    settleByHand(events, { signalId, outcome: 'win', price: '1', ...TOLD, ...named });
  const history = (): Promise<readonly RecordedEvent[]> => events.readStream(signalStream(signalId));
  async function document(): Promise<SignalDocument> {
    const [created, ...later] = await history();
    let shown = signalsView.project(null, created!);
    for (const event of later) shown = signalsView.project(shown, event);
    return shown;
  }
  const refused = (code: string, field: string) => ({ name: 'CommandError', code, field });

  beforeEach(async () => {
    events = createMemoryEventStore();
    signalId = await bet();
  });

  it('takes what was not matched as entered at its own price, and tells what rests on what', async () => {
    const settled = await settle();
    expect(settled).toEqual({
      signal_id: signalId,
      done: 'settled',
      status: 'win',
      price: '1',
      entry_price: '0.4',
      result_pct: '150',
      result_r: null,
      evidence_hash: hash('sha256', TOLD.evidence),
    });
    expect(describeSettled(settled)).toBe(`signal ${signalId} is settled: win, at 1, 150 %`);
    const [, matched, last] = await history();
    expect([matched!.type, last!.type]).toEqual(['SignalMatched', 'SignalSettled']);
    expect(last).toMatchObject({
      channelId: CHANNEL,
      data: { by: 'operator', reason: TOLD.reason, evidence: { decidedBy: 'operator', text: TOLD.evidence } },
      metadata: { actor: 'operator', dialect: 'cli', keyId: null },
    });
    expect((await document()).settlement).toMatchObject({
      by: 'operator',
      reason: TOLD.reason,
      evidenceText: TOLD.evidence,
      evidence: { decidedBy: 'operator', source: 'operator', hash: settled.evidence_hash },
    });
  });

  it('corrects what was settled: the first result stays, and the record counts it', async () => {
    await settle();
    const corrected = await settle({ outcome: 'loss', price: '0', evidence: 'its page says LOST since 6 April' });
    expect(corrected).toMatchObject({ done: 'corrected', status: 'loss', price: '0', result_pct: '-100' });
    expect(describeSettled(corrected)).toContain('is corrected: loss, at 0, -100 %\n');
    expect((await history()).map(({ type }) => type)).toEqual([
      'SignalCreated',
      'SignalMatched',
      'SignalSettled',
      'SettlementCorrected',
    ]);
    const shown = await document();
    expect(shown).toMatchObject({
      status: 'loss',
      settlement: { result: 'loss', evidenceText: 'its page says LOST since 6 April' },
      corrected: [{ result: 'win', evidenceText: TOLD.evidence }],
    });
    expect(renderRecord(recordOf([shown]))).toMatchObject({ counts: { win: 0, loss: 1 }, corrected: 1 });
  });

  it('corrects what a market had resolved', async () => {
    const now = new Date().toISOString();
    const addressed = { signalId, channelId: CHANNEL, now };
    await settle();
    signalId = await bet('no');
    const evidence = { decidedBy: 'settlement', source: 'kalshi', hash: 'h' } as const;
    const match = {
      type: 'SignalMatched',
      data: { part: null, price: '0.4', share: '100', stop: null, at: now, evidence },
    } as const;
    await handled({ ...addressed, signalId, type: 'RecordSteps', basedOn: 1, events: [match] });
    await handled({ ...addressed, signalId, type: 'ResolveSignal', payout: '1', reason: 'no', at: now, evidence });
    expect(await settle({ outcome: 'void', price: null })).toMatchObject({ done: 'corrected', status: 'push' });
    expect((await document()).corrected).toMatchObject([{ by: 'resolved', evidenceText: null }]);
  });

  it('adds nothing where it is so already, however the price is written, and says so', async () => {
    await settle();
    const head = await events.head();
    const again = await settle({ price: '1.00', evidence: 'somebody else saw it too' });
    expect(again).toMatchObject({ done: 'unchanged', status: 'win', evidence_hash: hash('sha256', TOLD.evidence) });
    expect(describeSettled(again)).toContain('stands so already: win');
    signalId = await bet();
    expect(await settle({ outcome: 'expired', price: null })).toMatchObject({ done: 'expired', status: 'expired' });
    expect(await settle({ outcome: 'expired', price: null })).toMatchObject({ done: 'unchanged', status: 'expired' });
    expect((await history()).at(-1)!.data).toMatchObject({ reason: TOLD.reason, evidence: { text: TOLD.evidence } });
    expect(await events.head()).toBe(head + 2n);
  });

  it('knows an outcome alone: then there are no figures', async () => {
    expect(await settle({ outcome: 'loss', price: null })).toMatchObject({
      status: 'loss',
      price: null,
      result_pct: null,
    });
  });

  it('takes an id in either form', async () => {
    expect(await settle({ signalId: dashedId(signalId) })).toMatchObject({ signal_id: signalId, done: 'settled' });
  });

  it.each<[Partial<Settling>, string, string]>([
    [{ signalId: 'f'.repeat(32) }, 'signal_not_found', 'signal_id'],
    [{ signalId: 'x' }, 'signal_not_found', 'signal_id'],
    [{ outcome: 'loss' }, 'outcome_differs', 'outcome'],
    [{ price: '1.01' }, 'payout_invalid', 'price'],
    [{ price: '-1' }, 'payout_invalid', 'price'],
    [{ price: 'one' }, 'payout_invalid', 'price'],
    [{ outcome: 'expired' }, 'price_invalid', 'price'],
    [{ reason: ' ' }, 'reason_invalid', 'reason'],
    [{ reason: 'x'.repeat(1_001) }, 'reason_invalid', 'reason'],
    [{ evidence: '' }, 'evidence_invalid', 'evidence'],
    [{ evidence: 'a\nb' }, 'evidence_invalid', 'evidence'],
  ])('refuses %j and writes nothing', async (named, code, field) => {
    const head = await events.head();
    await expect(settle(named)).rejects.toMatchObject(refused(code, field));
    expect(await events.head()).toBe(head);
  });

  it('does not let what was entered expire', async () => {
    await settle();
    const expire = settle({ outcome: 'expired', price: null });
    await expect(expire).rejects.toMatchObject(refused('not_unmatched', 'outcome'));
  });
});
