import { describe, expect, it } from '@jest/globals';
import { given } from '../../sourcing/src/testing/given.ts';
import type { ProviderCommand } from './commands.ts';
import { SIGNAL_REFUSALS } from './errors.ts';
import type { SignalStatus } from './events.ts';
import { signalDecider, upcast } from './index.ts';
import { cancel, create, dca, rebuy, takeProfit, trailingStop, update } from './testing/commands.ts';
import { foldExisting, history } from './testing/history.ts';
import { mirrorCommand } from './testing/mirror.ts';

const published: readonly ProviderCommand[] = [
  takeProfit({ orderType: 'limit', price: '72000', share: '50', trailing: { trigger: '68000', limit: '67500' } }),
  trailingStop('64000', '63500'),
  rebuy({ min: '60000', max: '61000', invest: '5', trailing: { trigger: '58000', limit: '57500' } }),
  dca('58000', '1.5'),
  update({ targets: { 1: '73000' }, stop: '63000' }),
];

describe('the published examples', () => {
  it('are all taken by one signal, in their order', () => {
    expect(history(create(), ...published, cancel()).map((event) => event.type)).toEqual([
      'SignalCreated',
      'TakeProfitAdded',
      'TrailingStopAdded',
      'RebuyAdded',
      'DcaAdded',
      'PricesUpdated',
      'Cancelled',
    ]);
  });

  it('are all taken by one signal, mirrored', () => {
    expect(history(...[create(), ...published, cancel()].map(mirrorCommand))).toHaveLength(7);
  });

  it.each(published)('are taken each alone: $type', (command) => {
    expect(history(create(), command)).toHaveLength(2);
  });
});

describe('who may call', () => {
  const stranger = {
    code: 'signal_not_found',
    kind: 'not-found',
    field: 'signalId',
    message: SIGNAL_REFUSALS.signal_not_found.message,
  } as const;

  it.each([...published, cancel()])(
    '$type: a signal that is not there, is of another channel or dialect, is the same to the caller',
    (command) => {
      given(signalDecider, []).when(command).thenRefused(stranger);
      given(signalDecider, history(create()))
        .when({ ...command, channelId: 'channel-2' })
        .thenRefused(stranger);
      given(signalDecider, history(create()))
        .when({ ...command, dialect: 'nextprod' })
        .thenRefused(stranger);
      given(signalDecider, history(create(), cancel()))
        .when({ ...command, channelId: 'channel-2' })
        .thenRefused(stranger);
    },
  );
});

describe('cancelling', () => {
  it('ends the signal before the match', () => {
    given(signalDecider, history(create())).when(cancel()).then({ type: 'Cancelled', data: {} });
    expect(foldExisting(history(create(), cancel()))).toMatchObject({ status: 'cancelled', callsEnded: true });
  });

  it('repeated adds nothing', () => {
    given(signalDecider, history(create(), cancel())).when(cancel()).then();
  });

  it.each(published)('ends the calls: $type is refused', (command) => {
    given(signalDecider, history(create(), cancel()))
      .when(command)
      .thenRefused({ code: 'signal_cancelled', kind: 'conflict', field: 'signalId' });
  });

  it('after the match ends the calls, not the result', () => {
    const matched = { ...foldExisting(history(create())), status: 'matched' } as const;
    expect(signalDecider.decide(cancel(), matched)).toEqual({ events: [{ type: 'Cancelled', data: {} }] });
    const after = signalDecider.evolve(matched, { type: 'Cancelled', data: {} });
    expect(after).toMatchObject({ status: 'matched', callsEnded: true });
    expect(signalDecider.decide(cancel(), after)).toEqual({ events: [] });
    expect(signalDecider.decide(update({ stop: '61000' }), after)).toEqual({
      refused: expect.objectContaining({ code: 'signal_cancelled' }),
    });
  });

  it('is not offered a second life by creating again', () => {
    given(signalDecider, history(create(), cancel())).when(create()).thenRefused({ code: 'signal_exists' });
  });
});

describe('a signal whose result stands', () => {
  it.each(['win', 'loss', 'push', 'expired', 'cancelled'] satisfies SignalStatus[])(
    '%s: takes no calls, and a cancel adds nothing',
    (status) => {
      const over = { ...foldExisting(history(create())), status };
      for (const command of published) {
        expect(signalDecider.decide(command, over)).toEqual({
          refused: expect.objectContaining({
            code: 'signal_ended',
            kind: 'conflict',
            field: 'signalId',
            message: expect.stringContaining(status),
          }),
        });
      }
      expect(signalDecider.decide(cancel(), over)).toEqual({ events: [] });
    },
  );

  it('an entry whose time has passed is over only once the market says so', () => {
    const late = '2026-04-05T00:00:00.000Z';
    const events = history(create({ expiresAt: '2026-04-04T20:00:00.000Z' }));
    given(signalDecider, events)
      .when(update({ stop: '61000', now: late }))
      .then({ type: 'PricesUpdated', data: { stop: '61000' } });
  });
});

describe('a signal that opens no position with a direction', () => {
  const calls = published.filter((command) => command.type !== 'UpdatePrices');

  it.each(calls)('$type has no meaning on it', (command) => {
    for (const one of [
      create({ side: 'close' }),
      create({ side: 'close', direction: null }),
      create({ direction: null }),
    ]) {
      given(signalDecider, history(one))
        .when(command)
        .thenRefused({ code: 'call_not_applicable', kind: 'conflict', field: 'signalId' });
    }
  });

  it('can be cancelled', () => {
    given(signalDecider, history(create({ side: 'close', direction: null })))
      .when(cancel())
      .then({ type: 'Cancelled', data: {} });
  });
});

describe('a log that is no history of a signal', () => {
  it('is told', () => {
    const { initial, evolve } = signalDecider;
    expect(() => evolve(initial, { type: 'Cancelled', data: {} })).toThrow('before SignalCreated');
    expect(() => evolve(foldExisting(history(create())), history(create())[0]!)).toThrow('created once');
    expect(() => evolve(foldExisting(history(create())), { type: 'Other', data: {} } as never)).toThrow(
      'unknown event Other',
    );
    expect(() =>
      signalDecider.decide({ ...cancel(), type: 'Other' } as never, foldExisting(history(create()))),
    ).toThrow('unknown command Other');
  });
});

describe('upcast', () => {
  it('leaves version 1 as it is', () => {
    for (const event of history(create(), ...published, cancel()))
      expect(upcast(event.type, 1, event.data)).toEqual(event);
  });

  it('throws for what it does not know', () => {
    expect(() => upcast('SignalRenamed', 1, {})).toThrow('unknown signal event SignalRenamed');
    expect(() => upcast('toString', 1, {})).toThrow('unknown signal event toString');
    expect(() => upcast('Cancelled', 2, {})).toThrow('unknown version 2 of Cancelled');
  });
});

it('no refusal names a field in its message', () => {
  for (const { message } of Object.values(SIGNAL_REFUSALS))
    expect(message).not.toMatch(/targets\.|entry\.|trailing\.|sell_|_price|signalId/);
});
