/** `strategy add`, `strategy list`, `strategy activate`, `strategy deactivate`. */
import { randomUUID } from 'node:crypto';
import { type Command, Option } from 'commander';
import type { Strategy, StrategyExchange } from '#libs/channel';
import type { EventStore } from '#libs/sourcing';
import { canonicalId, changeDirectory, channelIn, readDirectory } from './directory.ts';
import { printable, printResult, table } from './output.ts';
import { globalOptions, withLedger } from './wiring.ts';

export interface NewStrategy {
  readonly channelId: string;
  /** A UUID when null. */
  readonly strategyId: string | null;
  readonly name: string;
  readonly exchange: StrategyExchange;
}

export interface ListedStrategy {
  readonly strategy_id: string;
  readonly name: string;
  readonly exchange: StrategyExchange;
  readonly active: boolean;
}

/** Adds a strategy to a channel, active at once. */
export async function addStrategy(events: EventStore, strategy: NewStrategy): Promise<{ strategy_id: string }> {
  const strategyId = strategy.strategyId ?? randomUUID();
  const channelId = canonicalId(strategy.channelId);
  await changeDirectory(events, { type: 'AddStrategy', ...strategy, channelId, strategyId });
  return { strategy_id: strategyId };
}

/** The strategies of a channel, oldest first. */
export async function listStrategies(events: EventStore, channelId: string): Promise<{ strategies: ListedStrategy[] }> {
  const { directory } = await readDirectory(events);
  return { strategies: [...channelIn(directory, channelId).strategies.values()].map(listedStrategy) };
}

/** Says whether a strategy takes new signals. A repeat adds nothing. */
export async function setStrategyActive(
  events: EventStore,
  { channelId, strategyId, active }: { channelId: string; strategyId: string; active: boolean },
): Promise<{ channel_id: string } & ListedStrategy> {
  const id = canonicalId(channelId);
  const directory = await changeDirectory(events, { type: 'SetStrategyActive', channelId: id, strategyId, active });
  return { channel_id: id, ...listedStrategy(channelIn(directory, id).strategies.get(strategyId)!) };
}

export function listedStrategy({ strategyId, name, exchange, active }: Strategy): ListedStrategy {
  return { strategy_id: strategyId, name, exchange, active };
}

export function strategyTable(strategies: readonly ListedStrategy[]): string {
  return table(
    ['STRATEGY', 'EXCHANGE', 'STATE', 'NAME'],
    strategies.map((one) => [one.strategy_id, one.exchange, one.active ? 'active' : 'inactive', one.name]),
  );
}

export function strategyCommands(program: Command): void {
  const strategy = program.command('strategy').description("a channel's strategies, which its signals may name");

  strategy
    .command('add')
    .description('add a strategy to a channel')
    .argument('<channel_id>')
    .argument('<name>')
    .addOption(
      new Option('--exchange <exchange>', 'where its markets are')
        .choices(['kalshi', 'polymarket', 'both'])
        .makeOptionMandatory(),
    )
    .option('--id <id>', 'its id, unlike that of any other of the channel (default: a UUID)')
    .action(
      async (
        channelId: string,
        name: string,
        { exchange, id }: { exchange: StrategyExchange; id?: string },
        command: Command,
      ) => {
        const { settings, json } = globalOptions(command);
        const added = await withLedger(
          settings,
          ({ events }) => addStrategy(events, { channelId, strategyId: id ?? null, name, exchange }),
          { existing: true },
        );
        printResult(json, added, ({ strategy_id }) => `strategy ${strategy_id}`);
      },
    );

  strategy
    .command('list')
    .description('the strategies of a channel')
    .argument('<channel_id>')
    .action(async (channelId: string, _options: object, command: Command) => {
      const { settings, json } = globalOptions(command);
      const listed = await withLedger(settings, ({ events }) => listStrategies(events, channelId), { existing: true });
      printResult(json, listed, ({ strategies }) =>
        strategies.length === 0 ? 'no strategies yet' : strategyTable(strategies),
      );
    });

  for (const [name, active, description] of [
    ['activate', true, 'let a strategy take new signals again'],
    ['deactivate', false, 'let a strategy take no new signals; those it has go on'],
  ] as const) {
    strategy
      .command(name)
      .description(`${description}. Success also when it was so already`)
      .argument('<channel_id>')
      .argument('<strategy_id>')
      .action(async (channelId: string, strategyId: string, _options: object, command: Command) => {
        const { settings, json } = globalOptions(command);
        const changed = await withLedger(
          settings,
          ({ events }) => setStrategyActive(events, { channelId, strategyId, active }),
          { existing: true },
        );
        printResult(
          json,
          changed,
          (value) =>
            `strategy ${value.strategy_id} (${printable(value.name)}) is ${value.active ? 'active' : 'inactive'}`,
        );
      });
  }
}
