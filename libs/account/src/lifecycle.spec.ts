import { describe, expect, it } from '@jest/globals';
import { given } from '../../sourcing/src/testing/given.ts';
import type { ChangePermissions } from './commands.ts';
import { ACCOUNT_SCHEMA_VERSION, accountDecider, type AccountEvent, upcast } from './index.ts';
import {
  ACCOUNT_ID,
  approve,
  AT_VENUE,
  close,
  limit,
  NOW,
  open,
  orderId,
  pause,
  place,
  reportCancelled,
  reportFill,
  resume,
  send,
} from './testing/commands.ts';
import { accountAfter, fold, history } from './testing/history.ts';
import type { Permission } from './values.ts';

const { evolve } = accountDecider;
const live = open({ mode: 'live', dailyLossLimit: '100', maxPositionSize: '1000', sealedSecret: 'sealed' });

function change(...permissions: readonly Permission[]): ChangePermissions {
  return { type: 'ChangePermissions', accountId: ACCOUNT_ID, now: NOW, permissions };
}

describe('opening', () => {
  it('tells all that is known of the account, and nothing of its command', () => {
    const { type: _, now: __, ...data } = live;
    given(accountDecider, []).when(live).then({ type: 'AccountOpened', data });
  });

  it('of a sandbox account is at once, of a live one upon approval', () => {
    expect(accountAfter(open())).toMatchObject({ status: 'active', cash: '100000', balance: '100000' });
    expect(accountAfter(live).status).toBe('pending');
    expect(accountAfter(live, approve()).status).toBe('active');
  });

  it('happens once', () => {
    given(accountDecider, history(open())).when(open()).thenRefused({ code: 'account_exists', kind: 'conflict' });
  });

  it.each(['dailyLossLimit', 'maxPositionSize'])('of a live account needs %s', (field) => {
    given(accountDecider, [])
      .when({ ...live, [field]: null })
      .thenRefused({ code: 'limits_missing', kind: 'missing', field });
  });

  it.each(['balance', 'dailyLossLimit', 'maxPositionSize'])('needs a number above zero as %s', (field) => {
    given(accountDecider, [])
      .when({ ...open(), [field]: '0' })
      .thenRefused({ code: 'number_invalid', field });
  });

  it.each([[[]], [['read:market', 'read:market']], [['read:everything']]])(
    'with permissions %j is refused',
    (wrong) => {
      const refused = { code: 'permissions_invalid', kind: 'invalid', field: 'permissions' } as const;
      const permissions = wrong as Permission[];
      given(accountDecider, []).when(open({ permissions })).thenRefused(refused);
      given(accountDecider, history(open()))
        .when(change(...permissions))
        .thenRefused(refused);
    },
  );
});

describe('approval', () => {
  it('is for live accounts that wait for it; repeated, it adds nothing', () => {
    given(accountDecider, history(live)).when(approve()).then({ type: 'AccountApproved', data: {} });
    given(accountDecider, history(live, approve())).when(approve()).then();
    const decidedBefore = { code: 'already_decided', kind: 'conflict' } as const;
    given(accountDecider, history(open())).when(approve()).thenRefused(decidedBefore);
    given(accountDecider, history(live, close())).when(approve()).thenRefused(decidedBefore);
  });
});

describe('permissions', () => {
  it('are changed as a whole', () => {
    given(accountDecider, history(open()))
      .when(change('read:market'))
      .then({ type: 'PermissionsChanged', data: { permissions: ['read:market'] } });
    expect(accountAfter(open(), change('read:social')).permissions).toEqual(['read:social']);
  });

  it('in another order are the same', () => {
    given(accountDecider, history(open()))
      .when(change('write:orders', 'read:portfolio', 'read:market'))
      .then();
  });
});

describe('pausing', () => {
  it('is told with its reason, and ends with the resume', () => {
    given(accountDecider, history(open()))
      .when(pause())
      .then({ type: 'AccountPaused', data: { by: 'agent', reason: 'lunch' } });
    expect(accountAfter(open(), pause(), resume()).paused).toBeNull();
  });

  it('leaves open orders as they are', () => {
    expect(accountAfter(open(), limit('90'), pause()).open.size).toBe(1);
  });

  it.each(['agent', 'operator'] as const)('by the %s ends buys that no venue was asked for yet', (by) => {
    const atVenue = (at: number, named = {}) => limit('90', { orderId: orderId(at), terms: AT_VENUE, ...named });
    const busy = [
      open(),
      place({ orderId: orderId(9), terms: AT_VENUE }),
      reportFill({ orderId: orderId(9) }),
      atVenue(1),
      atVenue(2, { side: 'sell' }),
      atVenue(3),
      send({ orderId: orderId(3) }),
    ] as const;
    given(accountDecider, history(...busy))
      .when(pause({ by }))
      .then(
        { type: 'AccountPaused', data: { by, reason: 'lunch' } },
        {
          type: 'OrderCancelled',
          data: { orderId: orderId(1), symbol: 'BTC', side: 'buy', released: '90.09', by, reason: 'lunch' },
        },
      );
    given(accountDecider, history(...busy, pause({ by })))
      .when(send())
      .thenRefused({ code: 'order_finished' });
    expect(accountAfter(...busy, pause({ by }), send({ orderId: orderId(2) })).open.size).toBe(2);
  });

  it('repeated adds nothing', () => {
    given(accountDecider, history(open(), pause()))
      .when(pause({ reason: 'dinner' }))
      .then();
    given(accountDecider, history(open())).when(resume()).then();
  });

  it('by the operator only the operator ends', () => {
    const paused = [open(), pause(), pause({ by: 'operator', reason: 'strange orders' })] as const;
    expect(accountAfter(...paused).paused).toEqual({ by: 'operator', reason: 'strange orders' });
    given(accountDecider, history(...paused))
      .when(pause())
      .then();
    given(accountDecider, history(...paused))
      .when(resume())
      .thenRefused({ code: 'paused_by_operator', kind: 'forbidden' });
    expect(accountAfter(...paused, resume({ by: 'operator' })).paused).toBeNull();
    expect(accountAfter(open(), pause(), resume({ by: 'operator' })).paused).toBeNull();
  });

  it.each([pause({ reason: '' }), resume({ reason: ' ' }), close({ reason: '' })])(
    'needs a reason: $type',
    (command) => {
      given(accountDecider, history(open()))
        .when(command)
        .thenRefused({ code: 'reason_missing', kind: 'missing', field: 'reason' });
    },
  );
});

describe('the end', () => {
  it('comes once, and nothing is changed after it', () => {
    given(accountDecider, history(open()))
      .when(close())
      .then({ type: 'AccountClosed', data: { reason: 'revoked' } });
    given(accountDecider, history(open(), close())).when(close()).then();
    for (const command of [pause(), resume(), change('read:market')]) {
      given(accountDecider, history(open(), close()))
        .when(command)
        .thenRefused({ code: 'account_closed', kind: 'forbidden' });
    }
  });
});

describe('events that can not follow are a fault of the log', () => {
  const [opened] = history(open()) as [AccountEvent];
  const [, placed, accepted] = history(open(), place()) as [AccountEvent, AccountEvent, AccountEvent];

  it.each<[string, readonly AccountEvent[], string]>([
    ['another opening', [opened, opened], 'an account is opened once'],
    ['anything before the opening', [placed], 'OrderPlaced before AccountOpened'],
    ['an order twice', [opened, placed, placed], `order ${orderId(1)} is placed once`],
    ['an unknown order', [opened, accepted], `order ${orderId(1)} is not open`],
    [
      'the end of an order that is over',
      [...history(open(), limit('90'), reportCancelled()), history(open(), limit('90'), reportCancelled()).at(-1)!],
      `order ${orderId(1)} is not open`,
    ],
    ['a fill of an unknown order', [opened, history(open(), place()).at(-1)!], `order ${orderId(1)} is not known`],
    ['what nobody knows', [opened, { type: 'Nothing', data: {} } as never], 'unknown event Nothing'],
  ])('%s', (_, events, message) => {
    expect(() => fold(events)).toThrow(message);
  });

  it('and so is a command that nobody knows a fault of the code', () => {
    expect(() => accountDecider.decide({ type: 'Nothing' } as never, fold([opened]))).toThrow(
      'unknown command Nothing',
    );
  });
});

describe('stored events', () => {
  it('are read in the form of today', () => {
    const [opened] = history(open()) as [AccountEvent];
    const stored = JSON.parse(JSON.stringify(opened.data)) as unknown;
    expect(evolve(accountDecider.initial, upcast('AccountOpened', ACCOUNT_SCHEMA_VERSION, stored))).toEqual(
      fold([opened]),
    );
  });

  it('of a kind or version unknown are not guessed', () => {
    expect(() => upcast('toString', 1, {})).toThrow('unknown account event toString');
    expect(() => upcast('AccountOpened', 2, {})).toThrow('unknown version 2 of AccountOpened');
  });
});
