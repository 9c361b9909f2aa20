/** `agent list`, `approve`, `permissions`, `pause`, `resume`, `revoke`, `close-all`, `reset-breaker`. */
import type { Command } from 'commander';
import { PERMISSIONS } from '#libs/account';
import type { EventStore } from '#libs/sourcing';
import { tradeTerms } from '../../server/src/accounts/terms.ts';
import { venueSettings } from '../../server/src/market/venues.ts';
import {
  approveAgent,
  type ChangedAgent,
  type ListedAgent,
  listAgents,
  pauseAgent,
  permitAgent,
  resetBreaker,
  resumeAgent,
  revokeAgent,
} from './agent.ts';
import { type ClosedOut, closeAll } from './agent-close.ts';
import { marksBy, withQuotes } from './ledger-quotes.ts';
import { printResult, table } from './output.ts';
import { REASON } from './reason.ts';
import { globalOptions, withLedger } from './wiring.ts';

interface Because {
  readonly reason: string;
}

export function agentCommands(program: Command): void {
  const agent = program
    .command('agent')
    .description('whoever trades by the NEXT.exchange dialect, each on its account');

  agent
    .command('list')
    .description('all agents')
    .action(async (_options: object, command: Command) => {
      const { settings, json } = globalOptions(command);
      const { agents } = await withLedger(settings, async ({ events, views }) => listAgents(events, await views()), {
        existing: true,
      });
      printResult(json, agentsJson(agents), () => describeAgents(agents));
    });

  agent
    .command('approve')
    .description('let a live agent in, within a second')
    .argument('<id>')
    .action(async (id: string, _options: object, command: Command) => {
      await changeAndTell(command, (events) => approveAgent(events, id));
    });

  agent
    .command('permissions')
    .description('say what it may do from now on, within a second; what is not named it may no longer')
    .argument('<id>')
    .argument('<permissions>', `separated by commas, of ${PERMISSIONS.join(', ')}`)
    .action(async (id: string, permissions: string, _options: object, command: Command) => {
      const { settings, json } = globalOptions(command);
      const permitted = await withLedger(settings, ({ events }) => permitAgent(events, id, permissions), {
        existing: true,
      });
      printResult(json, permitted, ({ permissions: may, ...one }) => `${told(one)}, and may ${may.join(', ')}`);
    });

  const withReason = (
    name: string,
    description: string,
    change: (events: EventStore, id: string, reason: string) => Promise<ChangedAgent>,
  ): Command =>
    agent
      .command(name)
      .description(description)
      .argument('<id>')
      .requiredOption(...REASON)
      .action(async (id: string, { reason }: Because, command: Command) => {
        await changeAndTell(command, (events) => change(events, id, reason));
      });
  withReason('pause', 'refuse what opens or adds until it is resumed; what reduces or cancels goes on', pauseAgent);
  withReason('resume', 'let a paused agent open and add again', resumeAgent);
  withReason('revoke', 'end its key within a second, and cancel its open orders. For good', revokeAgent);

  agent
    .command('reset-breaker')
    .description('let it open again before the day is over; its loss counts from its equity at the prices of now')
    .argument('<id>')
    .requiredOption(...REASON)
    .action(async (id: string, { reason }: Because, command: Command) => {
      const { settings, json } = globalOptions(command);
      const reset = await withLedger(
        settings,
        async (ledger) =>
          resetBreaker(ledger.events, await ledger.views(), { agent: id, reason, marksOf: marksBy(settings, ledger) }),
        { existing: true },
      );
      printResult(json, reset, ({ baseline, ...one }) => `${told(one)}, its loss counts from ${baseline} USD`);
    });

  agent
    .command('close-all')
    .description(
      'cancel its open orders and sell all that it holds at the market; it may buy again unless it is paused',
    )
    .argument('<id>')
    .requiredOption(...REASON)
    .action(async (id: string, { reason }: Because, command: Command) => {
      const { settings, json } = globalOptions(command);
      const trade = tradeTerms(settings, venueSettings(settings));
      const closed = await withLedger(
        settings,
        async (ledger) => {
          const views = await ledger.views();
          return withQuotes(settings, ledger, (quotes) =>
            closeAll(ledger.events, views, { agent: id, reason, quotes, trade }),
          );
        },
        { existing: true },
      );
      printResult(json, closed, describeClosed);
    });
}

/** Without what the table alone shows. */
export function agentsJson(agents: readonly ListedAgent[]): object {
  return { agents: agents.map(({ id, name, mode, status }) => ({ id, name, mode, status })) };
}

export function describeAgents(agents: readonly ListedAgent[]): string {
  if (agents.length === 0) return 'no agents yet';
  const rows = agents.map(({ id, name, mode, status, tripped }) => [id, name, mode, status, tripped ? 'tripped' : '']);
  return table(['ID', 'NAME', 'MODE', 'STATUS', 'BREAKER'], rows);
}

async function changeAndTell(command: Command, change: (events: EventStore) => Promise<ChangedAgent>): Promise<void> {
  const { settings, json } = globalOptions(command);
  const changed = await withLedger(settings, ({ events }) => change(events), { existing: true });
  printResult(json, changed, told);
}

function told({ id, status }: ChangedAgent): string {
  return `agent ${id} is ${status}`;
}

function describeClosed({ orders, ...agent }: ClosedOut): string {
  const sells = orders.map(({ orderId, symbol, quantity, status }) => [orderId, symbol, quantity, status]);
  const sold = sells.length === 0 ? 'it held nothing to sell' : table(['ORDER', 'SELLS', 'QUANTITY', 'STATUS'], sells);
  return `${told(agent)}; its open orders are cancelled, or asked to be\n\n${sold}`;
}
