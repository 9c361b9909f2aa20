import { beforeEach, describe, expect, it } from '@jest/globals';
import { dashedId, type EventStore } from '#libs/sourcing';
import { createMemoryEventStore } from '#libs/stores';
import { addChannel } from './channel.ts';
import { addStrategy, listStrategies, setStrategyActive } from './strategy.ts';

describe('strategies', () => {
  let events: EventStore;
  let channelId: string;
  const fade = { strategyId: 'fade.1', name: 'fade', exchange: 'kalshi' } as const;

  beforeEach(async () => {
    events = createMemoryEventStore();
    ({ channel_id: channelId } = await addChannel(events, 'desk', true));
  });

  it('take the id given, or a UUID, and are listed in the order they came', async () => {
    expect(await addStrategy(events, { ...fade, channelId })).toEqual({ strategy_id: 'fade.1' });
    const other = { channelId: dashedId(channelId), strategyId: null, name: 'fade', exchange: 'both' } as const;
    const { strategy_id } = await addStrategy(events, other);
    expect(strategy_id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(await listStrategies(events, dashedId(channelId))).toEqual({
      strategies: [
        { strategy_id: 'fade.1', name: 'fade', exchange: 'kalshi', active: true },
        { strategy_id, name: 'fade', exchange: 'both', active: true },
      ],
    });
  });

  it('are deactivated and activated; a repeat adds nothing', async () => {
    await addStrategy(events, { ...fade, channelId });
    for (const active of [false, true]) {
      const change = { channelId: dashedId(channelId), strategyId: 'fade.1', active };
      const changed = { channel_id: channelId, strategy_id: 'fade.1', name: 'fade', exchange: 'kalshi', active };
      expect(await setStrategyActive(events, change)).toEqual(changed);
      const head = await events.head();
      expect(await setStrategyActive(events, change)).toEqual(changed);
      expect(await events.head()).toBe(head);
    }
  });

  it('belong to their channel: another one may use the same id, and finds no other', async () => {
    const { channel_id: other } = await addChannel(events, 'other', true);
    await addStrategy(events, { ...fade, channelId });
    expect(await listStrategies(events, other)).toEqual({ strategies: [] });
    const change = { channelId: other, strategyId: 'fade.1', active: false };
    await expect(setStrategyActive(events, change)).rejects.toMatchObject({
      code: 'strategy_not_found',
      field: 'strategy_id',
    });
    expect(await addStrategy(events, { ...fade, channelId: other })).toEqual({ strategy_id: 'fade.1' });
  });

  it.each([
    [{ strategyId: 'a b' }, 'strategy_id_invalid', 'strategy_id'],
    [{ strategyId: '' }, 'strategy_id_invalid', 'strategy_id'],
    [{ name: '' }, 'strategy_name_invalid', 'name'],
    [{ channelId: 'x' }, 'channel_not_found', 'channel_id'],
    [{}, 'strategy_exists', 'strategy_id'],
  ])('refuses %j: %s', async (change, code, field) => {
    await addStrategy(events, { ...fade, channelId });
    await expect(addStrategy(events, { ...fade, channelId, ...change })).rejects.toMatchObject({ code, field });
  });

  it('refuses a channel that is not there', async () => {
    const unknown = { code: 'channel_not_found', field: 'channel_id' };
    await expect(listStrategies(events, 'x')).rejects.toMatchObject(unknown);
    await expect(setStrategyActive(events, { channelId: 'x', strategyId: 's', active: true })).rejects.toMatchObject(
      unknown,
    );
  });
});
