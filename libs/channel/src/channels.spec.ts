import { describe, expect, it } from '@jest/globals';
import { given } from '../../sourcing/src/testing/given.ts';
import { type DirectoryCommand, type DirectoryEvent, type DirectoryRefusalCode, directoryDecider } from './index.ts';
import { DIRECTORY_REFUSALS } from './errors.ts';

const registered: DirectoryEvent = {
  type: 'ChannelRegistered',
  data: { channelId: 'c1', name: 'desk', sandbox: false },
};
const other: DirectoryEvent = { type: 'ChannelRegistered', data: { channelId: 'c2', name: 'other', sandbox: true } };
const renamed: DirectoryEvent = { type: 'ChannelRenamed', data: { channelId: 'c1', name: 'floor' } };
const suspended: DirectoryEvent = { type: 'ChannelSuspended', data: { channelId: 'c1', reason: 'leave' } };
const resumed: DirectoryEvent = { type: 'ChannelResumed', data: { channelId: 'c1' } };
const madePublic: DirectoryEvent = { type: 'ChannelMadePublic', data: { channelId: 'c1' } };
const added: DirectoryEvent = {
  type: 'StrategyAdded',
  data: { channelId: 'c1', strategyId: 's1', name: 'Fade', exchange: 'both' },
};
const deactivated: DirectoryEvent = { type: 'StrategyDeactivated', data: { channelId: 'c1', strategyId: 's1' } };
const activated: DirectoryEvent = { type: 'StrategyActivated', data: { channelId: 'c1', strategyId: 's1' } };

const register = { type: 'RegisterChannel', channelId: 'c1', name: 'desk', sandbox: false } as const;
const rename = { type: 'RenameChannel', channelId: 'c1', name: 'floor' } as const;
const suspend = { type: 'SuspendChannel', channelId: 'c1', reason: 'leave' } as const;
const resume = { type: 'ResumeChannel', channelId: 'c1' } as const;
const publish = { type: 'MakeChannelPublic', channelId: 'c1' } as const;
const add = { type: 'AddStrategy', channelId: 'c1', strategyId: 's1', name: 'Fade', exchange: 'both' } as const;
const activate = { type: 'SetStrategyActive', channelId: 'c1', strategyId: 's1', active: true } as const;
const deactivate = { ...activate, active: false } as const;

type Accepted = readonly [
  what: string,
  given: readonly DirectoryEvent[],
  when: DirectoryCommand,
  then: readonly DirectoryEvent[],
];

describe('channels and strategies', () => {
  it.each<Accepted>([
    ['a channel is registered', [], register, [registered]],
    ['a second channel has another name', [other], register, [registered]],
    ['a channel is renamed', [registered], rename, [renamed]],
    ['to its own name: nothing changes', [registered, renamed], rename, []],
    [
      'a name given up is free again',
      [registered, renamed],
      { ...register, channelId: 'c3' },
      [{ type: 'ChannelRegistered', data: { channelId: 'c3', name: 'desk', sandbox: false } }],
    ],
    ['a channel is suspended', [registered], suspend, [suspended]],
    [
      'without a reason',
      [registered],
      { ...suspend, reason: null },
      [{ type: 'ChannelSuspended', data: { channelId: 'c1', reason: null } }],
    ],
    ['twice: nothing changes', [registered, suspended], { ...suspend, reason: 'another' }, []],
    ['again after it was resumed', [registered, suspended, resumed], suspend, [suspended]],
    ['a suspended channel is resumed', [registered, suspended], resume, [resumed]],
    ['one that is not suspended: nothing changes', [registered], resume, []],
    ['a channel is made public', [registered], publish, [madePublic]],
    ['twice: nothing changes', [registered, madePublic], publish, []],
    ['a strategy is added', [registered], add, [added]],
    [
      'another channel may use its id',
      [registered, other, added],
      { ...add, channelId: 'c2' },
      [{ type: 'StrategyAdded', data: { channelId: 'c2', strategyId: 's1', name: 'Fade', exchange: 'both' } }],
    ],
    ['a strategy is active from the first', [registered, added], activate, []],
    ['a strategy is deactivated', [registered, added], deactivate, [deactivated]],
    ['twice: nothing changes', [registered, added, deactivated], deactivate, []],
    ['and activated again', [registered, added, deactivated], activate, [activated]],
  ])('%s', (_what, events, command, expected) => {
    given(directoryDecider, events)
      .when(command)
      .then(...expected);
  });

  it.each<readonly [DirectoryRefusalCode, readonly DirectoryEvent[], DirectoryCommand]>([
    ['channel_exists', [registered], { ...register, name: 'new' }],
    ['channel_name_taken', [other], { ...register, name: 'other' }],
    ['channel_name_taken', [registered, other], { ...rename, name: 'other' }],
    ['channel_name_taken', [registered, renamed], { ...register, channelId: 'c3', name: 'floor' }],
    ...['', ' ', ' desk', 'desk ', 'a\nb', 'a\u0000', 'x'.repeat(101)].flatMap((name) => [
      ['channel_name_invalid', [], { ...register, name }] as const,
      ['channel_name_invalid', [registered], { ...rename, name }] as const,
      ['strategy_name_invalid', [registered], { ...add, name }] as const,
    ]),
    ...['', 'a\nb', 'x'.repeat(1_001)].map(
      (reason) => ['reason_invalid', [registered], { ...suspend, reason }] as const,
    ),
    ...['', 'a b', 'a/b', 'é', 'x'.repeat(65)].map(
      (strategyId) => ['strategy_id_invalid', [registered], { ...add, strategyId }] as const,
    ),
    ['strategy_exists', [registered, added], { ...add, name: 'Other' }],
    ['strategy_not_found', [registered], activate],
    ['strategy_not_found', [registered, other, added], { ...deactivate, channelId: 'c2' }],
    ...[rename, suspend, resume, publish, add, activate, deactivate].map(
      (command) => ['channel_not_found', [other], command] as const,
    ),
  ])('refuses %s: %j %j', (code, events, command) => {
    given(directoryDecider, events)
      .when(command)
      .thenRefused({ code, ...DIRECTORY_REFUSALS[code] });
  });

  it.each([register, { ...register, name: 'x'.repeat(100) }, { ...register, name: 'Zürich 1' }])(
    'takes the name $name',
    (command) => {
      const { type: _, ...data } = command;
      given(directoryDecider, []).when(command).then({ type: 'ChannelRegistered', data });
    },
  );

  it('leaves a channel as it was where it refuses or finds nothing to do', () => {
    const state = [registered, suspended].reduce(directoryDecider.evolve, directoryDecider.initial);
    const before = structuredClone(state);
    directoryDecider.decide({ ...rename, name: '' }, state);
    directoryDecider.decide(suspend, state);
    expect(state).toEqual(before);
  });
});
