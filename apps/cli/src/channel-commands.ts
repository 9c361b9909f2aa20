/** `channel add`, `list`, `show`, `rename`, `suspend`, `resume`, `publish`. */
import type { Command } from 'commander';
import type { EventStore } from '#libs/sourcing';
import {
  addChannel,
  type ListedChannel,
  listChannels,
  makeChannelPublic,
  renameChannel,
  resumeChannel,
  showChannel,
  type ShownChannel,
  suspendChannel,
} from './channel.ts';
import { printable, printResult, table } from './output.ts';
import { strategyTable } from './strategy.ts';
import { globalOptions, withLedger } from './wiring.ts';

export function channelCommands(program: Command): void {
  const channel = program.command('channel').description('whoever publishes signals');

  channel
    .command('add')
    .description('register a channel')
    .argument('<name>', 'its name, unlike that of any other channel')
    .option('--sandbox', 'for trying things out: its prices may be simulated. For good')
    .action(async (name: string, { sandbox = false }: { sandbox?: boolean }, command: Command) => {
      const { settings, json } = globalOptions(command);
      const added = await withLedger(settings, ({ events }) => addChannel(events, name, sandbox));
      printResult(
        json,
        added,
        ({ channel_id }) =>
          `channel ${channel_id}${sandbox ? ' (sandbox)' : ''}\nnext: signal-ledger key issue ${channel_id} --dialect anny`,
      );
    });

  channel
    .command('list')
    .description('all channels')
    .action(async (_options: object, command: Command) => {
      const { settings, json } = globalOptions(command);
      const listed = await withLedger(settings, ({ events }) => listChannels(events));
      printResult(json, listed, ({ channels }) => (channels.length === 0 ? 'no channels yet' : channelTable(channels)));
    });

  channel
    .command('show')
    .description('a channel with its strategies and how many keys it has')
    .argument('<channel_id>')
    .action(async (channelId: string, _options: object, command: Command) => {
      const { settings, json } = globalOptions(command);
      const shown = await withLedger(settings, ({ events }) => showChannel(events, channelId), { existing: true });
      printResult(json, shown, describeChannel);
    });

  channel
    .command('rename')
    .description('give a channel another name; its id stays')
    .argument('<channel_id>')
    .argument('<name>', 'unlike that of any other channel')
    .action(async (channelId: string, name: string, _options: object, command: Command) => {
      await changeAndTell(command, (events) => renameChannel(events, channelId, name));
    });

  channel
    .command('suspend')
    .description('refuse the writes of a channel within a second; its keys read on')
    .argument('<channel_id>')
    .option('--reason <text>', 'why, for those who read the history')
    .action(async (channelId: string, { reason }: { reason?: string }, command: Command) => {
      await changeAndTell(command, (events) => suspendChannel(events, channelId, reason ?? null));
    });

  channel
    .command('resume')
    .description('let a suspended channel write again')
    .argument('<channel_id>')
    .action(async (channelId: string, _options: object, command: Command) => {
      await changeAndTell(command, (events) => resumeChannel(events, channelId));
    });

  channel
    .command('publish')
    .alias('public')
    .description('let the signals of a channel be shown to anyone, and to agents in the social feed. For good')
    .argument('<channel_id>')
    .action(async (channelId: string, _options: object, command: Command) => {
      await changeAndTell(command, (events) => makeChannelPublic(events, channelId));
    });
}

async function changeAndTell(command: Command, change: (events: EventStore) => Promise<ListedChannel>): Promise<void> {
  const { settings, json } = globalOptions(command);
  const changed = await withLedger(settings, ({ events }) => change(events), { existing: true });
  printResult(
    json,
    changed,
    (one) => `channel ${one.channel_id} (${printable(one.name)}): ${kindOf(one)}, ${stateOf(one)}`,
  );
}

function kindOf({ sandbox }: ListedChannel): string {
  return sandbox ? 'sandbox' : 'real';
}

function stateOf({ suspended, public: isPublic }: ListedChannel): string {
  return `${suspended ? 'suspended' : 'active'}, ${isPublic ? 'public' : 'private'}`;
}

function channelTable(channels: readonly ListedChannel[]): string {
  return table(
    ['CHANNEL', 'KIND', 'STATE', 'NAME'],
    channels.map((one) => [one.channel_id, kindOf(one), stateOf(one), one.name]),
  );
}

function describeChannel(shown: ShownChannel): string {
  const { suspension, strategies } = shown;
  return [
    `channel ${shown.channel_id}`,
    `name:       ${printable(shown.name)}`,
    `state:      ${kindOf(shown)}, ${stateOf(shown)}`,
    ...(suspension === null
      ? []
      : [
          `suspended:  since ${suspension.since}${suspension.reason === null ? '' : `: ${printable(suspension.reason)}`}`,
        ]),
    `registered: ${shown.created_at}`,
    `keys:       ${shown.keys}, ${shown.valid_keys} of them valid`,
    strategies.length === 0 ? 'no strategies yet' : `\n${strategyTable(strategies)}`,
  ].join('\n');
}
