import { describe, expect, it } from '@jest/globals';
import { ACCOUNT_SCHEMA_VERSION, type AccountCommand, type Marks } from '#libs/account';
import { VenueUnavailable } from '#libs/market';
import { createHandle, foldDocument, newId, type RecordedEvent } from '#libs/sourcing';
import { accountsView } from '#libs/views';
import { createMemoryEventStore } from '../../../../../libs/stores/src/memory/event-store.ts';
import { accountStream, handledAccount } from '../handled-account.ts';
import { dayOf, midnightOf } from '../days.ts';
import { DailyLoss } from './daily-loss.ts';

const NOON = Date.parse('2026-03-04T12:00:00.000Z');

function mark(price: string, at: number, source = 'test'): Marks[string] {
  return { price, at: new Date(at).toISOString(), source };
}

/** An account with a limit of 100 that has bought `quantity` BTC at 1000, on a day that was started then. */
async function fixture({ limit = '100' as string | null, quantity = '1' } = {}) {
  let now = NOON;
  const events = createMemoryEventStore();
  const handle = createHandle(handledAccount, events);
  const troubles: string[] = [];
  const asked: string[] = [];
  const past = new Map<string, Marks[string]>();
  const venue = { isAway: false };
  const days = new DailyLoss({
    handle,
    signal: new AbortController().signal,
    onTrouble: (what, reason) => troubles.push(`${what}: ${reason}`),
    now: () => now,
    priceAt: async (symbol, moment) => {
      asked.push(`${symbol} ${new Date(moment).toISOString()}`);
      if (venue.isAway) throw new VenueUnavailable('not now');
      return past.get(symbol) ?? null;
    },
  });
  const accountId = 'agent_1';
  const tell = async (command: AccountCommand): Promise<void> => {
    const outcome = await handle(command, {
      commandId: newId(now),
      requestId: '',
      dialect: 'test',
      actor: 'test',
      keyId: null,
      receivedAt: command.now,
      schemaVersion: ACCOUNT_SCHEMA_VERSION,
    });
    if (!outcome.done) throw new Error(outcome.refusal.message);
  };
  const at = (): string => new Date(now).toISOString();
  await tell({
    type: 'OpenAccount',
    accountId,
    now: at(),
    name: 'tester',
    mode: 'sandbox',
    permissions: ['write:orders'],
    balance: '10000',
    dailyLossLimit: limit,
    maxPositionSize: null,
    keyHash: '00',
    sealedSecret: null,
  });
  const terms = {
    broker: 'paper',
    pair: 'BTC/USDT',
    simulated: false,
    feeRate: '0',
    paper: { slippage: '0', tradeId: 't' },
    sendBy: null,
    marketReserve: '0',
  };
  await tell({
    type: 'PlaceOrder',
    accountId,
    now: at(),
    orderId: 'o',
    symbol: 'BTC',
    side: 'buy',
    orderType: 'market',
    quantity,
    price: null,
    signalId: null,
    by: 'agent',
    terms,
    marks: { BTC: mark('1000', now) },
  });
  const stream = (): Promise<readonly RecordedEvent[]> => events.readStream(accountStream(accountId));
  days.know(foldDocument(accountsView, null, await stream())!);
  /** What was appended since the last look, and heard. */
  let seen = (await stream()).length;
  const added = async (): Promise<readonly RecordedEvent[]> => {
    const fresh = (await stream()).slice(seen);
    seen += fresh.length;
    for (const one of fresh) days.heard(accountId, handledAccount.upcast(one), one.revision);
    return fresh;
  };
  const setTime = (moment: number): void => {
    now = moment;
  };
  return {
    days,
    added,
    tell,
    at,
    troubles,
    asked,
    past,
    venue,
    setTime,
    types: async () => (await added()).map(({ type }) => type),
  };
}

describe('the loss of a day', () => {
  it('trips the breaker at the price that reaches the limit, once', async () => {
    const { days, added } = await fixture();
    await days.price('BTC', mark('900.01', NOON));
    expect(await added()).toEqual([]);
    await days.price('BTC', mark('900', NOON));
    expect(await added()).toMatchObject([
      { type: 'BreakerTripped', data: { baseline: '10000', equity: '9900', loss: '100', limit: '100' } },
    ]);
    await days.price('BTC', mark('800', NOON));
    expect(await added()).toEqual([]);
  });

  it('is never judged by a price that is too old', async () => {
    const { days, types } = await fixture();
    await days.price('BTC', mark('500', NOON - 200_000));
    expect(await types()).toEqual([]);
  });

  it('begins anew at 00:00 UTC, with the prices of then', async () => {
    const { days, added, setTime, asked } = await fixture();
    const midnight = midnightOf(NOON) + 86_400_000;
    setTime(midnight - 1_000);
    await days.price('BTC', mark('950', midnight - 1_000));
    setTime(midnight + 60_000);
    await days.price('BTC', mark('940', midnight + 60_000));
    days.turn();
    await days.idle();
    expect(await added()).toMatchObject([
      { type: 'DayStarted', data: { day: dayOf(midnight), equity: '9950', marks: { BTC: { price: '950' } } } },
    ]);
    expect(asked).toEqual([]);
    await days.price('BTC', mark('850', midnight + 60_000));
    expect(await added()).toMatchObject([{ type: 'BreakerTripped', data: { baseline: '9950', equity: '9850' } }]);
  });

  it('asks the venue what was at midnight where nobody looked then, and takes the first price where it does not tell', async () => {
    const one = await fixture();
    const midnight = midnightOf(NOON) + 86_400_000;
    one.past.set('BTC', mark('970', midnight - 5_000));
    one.setTime(midnight + 3_600_000);
    await one.days.price('BTC', mark('960', midnight + 3_600_000));
    one.days.turn();
    await one.days.idle();
    expect(await one.added()).toMatchObject([{ type: 'DayStarted', data: { equity: '9970' } }]);
    expect(one.asked).toEqual([`BTC ${new Date(midnight).toISOString()}`]);

    const other = await fixture();
    other.setTime(midnight + 3_600_000);
    await other.days.price('BTC', mark('960', midnight + 3_600_000));
    other.days.turn();
    await other.days.idle();
    expect(await other.added()).toMatchObject([{ type: 'DayStarted', data: { equity: '9960' } }]);
  });

  it('waits for a venue that can not be asked what was at midnight, and asks it now and then', async () => {
    const { days, added, asked, past, venue, setTime, troubles } = await fixture();
    const midnight = midnightOf(NOON) + 86_400_000;
    past.set('BTC', mark('970', midnight - 5_000));
    venue.isAway = true;
    const turnAt = async (moment: number): Promise<void> => {
      setTime(moment);
      // As low as the limit of the day before: whoever judges by it asks for midnight, too.
      await days.price('BTC', mark('900', moment));
      days.turn();
      await days.idle();
    };
    for (let s = 0; s < 20; s += 1) await turnAt(midnight + 3_600_000 + s * 1_000);
    expect(asked).toHaveLength(4);
    expect(troubles).toHaveLength(4);
    expect(troubles[0]).toContain('not now');
    expect(await added()).toEqual([]);
    venue.isAway = false;
    await turnAt(midnight + 3_620_000);
    expect(await added()).toMatchObject([{ type: 'DayStarted', data: { equity: '9970' } }]);
    expect(asked).toHaveLength(5);
  });

  it('takes the prices of now where the venue can not be asked for a minute', async () => {
    const { days, added, venue, setTime } = await fixture();
    const start = midnightOf(NOON) + 86_400_000 + 3_600_000;
    venue.isAway = true;
    for (const [after, expected] of [
      [0, []],
      [59_999, []],
      [60_000, [{ type: 'DayStarted', data: { equity: '9960' } }]],
    ] as const) {
      setTime(start + after);
      await days.price('BTC', mark('960', start + after));
      days.turn();
      await days.idle();
      expect(await added()).toMatchObject(expected);
    }
  });

  it('starts the day of who has no limit too, for the record, and trips nothing', async () => {
    const { days, types, setTime } = await fixture({ limit: null });
    await days.price('BTC', mark('1', NOON));
    days.turn();
    await days.idle();
    expect(await types()).toEqual(['DayStarted']);
    setTime(NOON + 1_000);
    await days.price('BTC', mark('0.5', NOON + 1_000));
    expect(await types()).toEqual([]);
  });

  it('of an account that was closed with what it held is judged no more', async () => {
    const { days, tell, at, types, setTime } = await fixture();
    await tell({ type: 'CloseAccount', accountId: 'agent_1', now: at(), reason: 'over' });
    expect(await types()).toEqual(['AccountClosed']);
    expect(days.exposures.size).toBe(0);
    setTime(midnightOf(NOON) + 86_400_000);
    await days.price('BTC', mark('1', midnightOf(NOON) + 86_400_000));
    days.turn();
    await days.idle();
    expect(await types()).toEqual([]);
  });

  it('is not judged by a price that comes after a later one', async () => {
    const { days, types } = await fixture();
    await days.price('BTC', mark('1000', NOON));
    await days.price('BTC', mark('900', NOON - 1));
    expect(await types()).toEqual([]);
  });
});
