import { beforeEach, describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { type AccountCommand, type Marks } from '#libs/account';
import { buildView, compactId, type EventStore, newId, type View, type ViewStore } from '#libs/sourcing';
import { createMemoryEventStore, createMemoryViewStore } from '#libs/stores';
import { accountsView } from '#libs/views';
import { at, marks, open, order, place, VENUE } from '../../../libs/views/src/testing/account-lives.ts';
import { accountStream } from '../../server/src/accounts/handled-account.ts';
import { carriedOut } from '../../server/src/accounts/testing/agent-commands.ts';
import { AccountReader } from '../../server/src/accounts/reader.ts';
import { ReasonDto } from '../../server/src/dialects/nextexchange/dto.ts';
import { checkDto } from '../../server/src/http/dto-check.ts';
import {
  agentIdOf,
  approveAgent,
  listAgents,
  pauseAgent,
  permitAgent,
  resetBreaker,
  resumeAgent,
  revokeAgent,
} from './agent.ts';
import { accountCommands } from './account-commands.ts';
import { agentCommands, agentsJson, describeAgents } from './agent-commands.ts';
import { brokerCommands } from './broker-commands.ts';
import { REASON } from './reason.ts';

const id = (digit: string): string => `agent_${digit.repeat(32)}`;
const [ONE, TWO, THREE] = [id('a'), id('b'), id('c')];
const LIVE = { mode: 'live', dailyLossLimit: '500', maxPositionSize: '50000', sealedSecret: 's' } as const;
const now = (): string => new Date().toISOString();
const refused = (code: string) => ({ name: 'CommandError', code });

describe('the reason of a command', () => {
  const commands = (of: Command): readonly Command[] => [of, ...of.commands.flatMap(commands)];

  it('is asked for in one way by all that concern agents', () => {
    const program = new Command('signal-ledger');
    for (const add of [agentCommands, accountCommands, brokerCommands]) add(program);
    const taking = commands(program).flatMap((command) =>
      command.options.filter(({ long }) => long === '--reason').map((option) => [command.name(), option.parseArg]),
    );
    expect(taking).toEqual(
      ['pause', 'resume', 'revoke', 'reset-breaker', 'close-all', 'write-off', 'settle'].map((name) => [
        name,
        REASON[2],
      ]),
    );
  });

  it('is what the API takes as one', () => {
    const [, , reasonOf] = REASON;
    for (const reason of ['x', 'x'.repeat(500), '🔎'.repeat(500)]) {
      expect(reasonOf(reason)).toBe(reason);
      expect(checkDto(ReasonDto, { reason })).toMatchObject({ reason });
    }
    for (const wrong of ['', ' ', 'two\nlines', 'a\u0000', 'x'.repeat(501)]) {
      expect(() => reasonOf(wrong)).toThrow(
        expect.objectContaining({ name: 'CommandError', code: 'reason_invalid', field: 'reason' }),
      );
      expect(() => checkDto(ReasonDto, { reason: wrong })).toThrow();
    }
  });
});

describe('agents on the command line', () => {
  let events: EventStore;
  let views: ViewStore;

  async function did(command: AccountCommand): Promise<void> {
    await carriedOut(events, command);
  }

  const statuses = async () => (await listAgents(events, views)).agents.map(({ name, status }) => `${name} ${status}`);
  const last = async (accountId: string) => (await events.readStream(accountStream(accountId))).at(-1)!;

  beforeEach(async () => {
    events = createMemoryEventStore();
    views = createMemoryViewStore();
    await did(open({ accountId: ONE, name: 'one' }));
    await did(open({ accountId: TWO, name: 'two', ...LIVE }));
  });

  it('lists them oldest first, with and without a view, and whatever the view lacks', async () => {
    expect(await listAgents(events, views)).toEqual({
      agents: [
        { id: ONE, name: 'one', mode: 'sandbox', status: 'active', tripped: false },
        { id: TWO, name: 'two', mode: 'live', status: 'pending', tripped: false },
      ],
    });
    await buildView(accountsView as unknown as View, events, views);
    await did(open({ accountId: THREE, name: 'three' }));
    await pauseAgent(events, ONE, 'audit');
    expect(await statuses()).toEqual(['one paused', 'two pending', 'three active']);
    await buildView(accountsView as unknown as View, events, views, { afresh: true });
    expect(await statuses()).toEqual(['one paused', 'two pending', 'three active']);
  });

  it('does not take the view of other events for theirs', async () => {
    await buildView(accountsView as unknown as View, events, views);
    events = createMemoryEventStore();
    await did(open({ accountId: THREE, name: 'three' }));
    expect(await statuses()).toEqual(['three active']);
  });

  it('approves a live one, once, and writes who did', async () => {
    expect(await approveAgent(events, TWO)).toEqual({ id: TWO, status: 'active' });
    const head = await events.head();
    expect(await approveAgent(events, TWO)).toEqual({ id: TWO, status: 'active' });
    expect(await events.head()).toBe(head);
    expect(await last(TWO)).toMatchObject({
      type: 'AccountApproved',
      channelId: null,
      metadata: { actor: 'operator', dialect: 'cli', keyId: null },
    });
    await expect(approveAgent(events, ONE)).rejects.toMatchObject(refused('already_decided'));
  });

  it('says what it may do, and writes who did', async () => {
    const may = ['write:orders', 'read:market'];
    await did(open({ accountId: THREE, permissions: ['read:social'] }));
    expect(await permitAgent(events, THREE, 'write:orders, read:market')).toEqual({
      id: THREE,
      status: 'active',
      permissions: may,
    });
    expect(await last(THREE)).toMatchObject({
      type: 'PermissionsChanged',
      data: { permissions: may },
      metadata: { actor: 'operator' },
    });
    const head = await events.head();
    expect(await permitAgent(events, THREE, 'read:market,write:orders')).toMatchObject({ permissions: may });
    for (const wrong of ['', 'read:everything', 'read:market,', 'read:market,read:market'])
      await expect(permitAgent(events, THREE, wrong)).rejects.toMatchObject({
        ...refused('permissions_invalid'),
        field: 'permissions',
      });
    expect(await events.head()).toBe(head);
    await expect(permitAgent(events, 'x', 'read:market')).rejects.toMatchObject(refused('account_not_found'));
  });

  it('shows people, and nobody else, whose breaker has tripped today', async () => {
    await approveAgent(events, TWO);
    await did(place(1, { accountId: TWO, now: now() }));
    const listed = async () => (await listAgents(events, views)).agents;
    expect(describeAgents(await listed())).not.toContain('tripped');
    await did({ type: 'JudgeAccount', accountId: TWO, marks: marks('48000'), now: now() });
    const lines = describeAgents(await listed()).split('\n');
    expect(lines.map((line) => [line.endsWith('BREAKER'), line.endsWith(' tripped')])).toEqual([
      [true, false],
      [false, false],
      [false, true],
    ]);
    expect(agentsJson(await listed())).toEqual({
      agents: [
        { id: ONE, name: 'one', mode: 'sandbox', status: 'active' },
        { id: TWO, name: 'two', mode: 'live', status: 'active' },
      ],
    });
  });

  it('does not show a trip of a day that is over', async () => {
    await did(open({ accountId: THREE, dailyLossLimit: '500' }));
    await did(place(1, { accountId: THREE }));
    await did({ type: 'JudgeAccount', accountId: THREE, marks: marks('48000'), now: at(1, 9) });
    expect(await new AccountReader(events, views).get(THREE)).toMatchObject({ breaker: { day: '2026-04-01' } });
    expect(describeAgents((await listAgents(events, views)).agents)).not.toContain('tripped');
  });

  it('pauses, resumes and revokes with a reason', async () => {
    expect(await pauseAgent(events, ONE, 'audit')).toEqual({ id: ONE, status: 'paused' });
    expect(await last(ONE)).toMatchObject({ type: 'AccountPaused', data: { by: 'operator', reason: 'audit' } });
    expect(await resumeAgent(events, ONE, 'fine')).toEqual({ id: ONE, status: 'active' });
    expect(await last(ONE)).toMatchObject({ type: 'AccountResumed', data: { by: 'operator', reason: 'fine' } });
    await did(place(1, { accountId: ONE, orderType: 'limit', price: '40000' }));
    expect(await revokeAgent(events, ONE, 'asked for')).toEqual({ id: ONE, status: 'revoked' });
    expect(await last(ONE)).toMatchObject({ type: 'OrderCancelled', data: { by: 'operator', reason: 'asked for' } });
    expect(await statuses()).toEqual(['one revoked', 'two pending']);
    await expect(pauseAgent(events, ONE, 'again')).rejects.toMatchObject(refused('account_closed'));
    await expect(pauseAgent(events, TWO, ' ')).rejects.toMatchObject({ ...refused('reason_missing') });
  });

  it('resets a breaker at the prices of now', async () => {
    const asked: (readonly string[])[] = [];
    const marksOf = (known: Marks) => async (symbols: readonly string[]) => {
      asked.push(symbols);
      return known;
    };
    const reset = (known: Marks) =>
      resetBreaker(events, views, { agent: TWO, reason: 'seen', marksOf: marksOf(known) });
    await approveAgent(events, TWO);
    await expect(reset({})).rejects.toMatchObject(refused('not_tripped'));
    await did(place(1, { accountId: TWO, now: now() }));
    await did({ type: 'JudgeAccount', accountId: TWO, marks: marks('48000'), now: now() });
    const head = await events.head();
    await expect(reset({})).rejects.toMatchObject({ ...refused('quote_unavailable'), message: /BTC/ });
    expect(await events.head()).toBe(head);
    const { baseline, ...told } = await reset(marks('47000'));
    expect(told).toEqual({ id: TWO, status: 'active' });
    expect(await new AccountReader(events, views).get(TWO)).toMatchObject({ breaker: null, day: { baseline } });
    expect(asked).toEqual([[], ['BTC'], ['BTC']]);
  });

  it('takes an id in any form, and knows none that is not there', async () => {
    const uuid = newId(Date.now());
    const agent = `agent_${compactId(uuid)}`;
    await did(open({ accountId: agent }));
    for (const form of [uuid, compactId(uuid), `agent_${uuid}`, agent]) expect(agentIdOf(form)).toBe(agent);
    expect(await pauseAgent(events, uuid, 'audit')).toEqual({ id: agent, status: 'paused' });
    for (const none of [THREE, 'x', ''])
      await expect(revokeAgent(events, none, 'why')).rejects.toMatchObject(refused('account_not_found'));
  });

  it('asks the venue to cancel what was sent there when it revokes', async () => {
    await did(place(2, { accountId: ONE, orderType: 'limit', price: '40000', terms: VENUE }));
    await did({ type: 'SendOrder', accountId: ONE, orderId: order(2), now: open().now });
    await revokeAgent(events, ONE, 'asked for');
    expect(await last(ONE)).toMatchObject({ type: 'OrderCancelRequested', data: { orderId: order(2) } });
  });
});
