/** The agents that trade here, as the command line lists, approves, permits, pauses, revokes and resets them. */
import {
  type AccountCommand,
  type ExistingAccount,
  isTripped,
  type Marks,
  type Mode,
  type Permission,
} from '#libs/account';
import { type EventStore, LOG_START, parseId, type ViewStore } from '#libs/sourcing';
import { type AccountDocument, accountsView } from '#libs/views';
import { AccountReader } from '../../server/src/accounts/reader.ts';
import { changedSince, liveOf } from './folded.ts';
import { tellAccount } from './operator.ts';

type AgentStatus = 'pending' | 'active' | 'paused' | 'revoked';

export interface ListedAgent {
  readonly id: string;
  readonly name: string;
  readonly mode: Mode;
  readonly status: AgentStatus;
  /** Its breaker has tripped in the day that is running. For people: it is no part of the JSON. */
  readonly tripped: boolean;
}

export interface ChangedAgent {
  readonly id: string;
  readonly status: AgentStatus;
}

export interface PermittedAgent extends ChangedAgent {
  readonly permissions: readonly Permission[];
}

export interface ResetAgent extends ChangedAgent {
  /** Equity at the prices of now: what the rest of the day's loss is measured against. */
  readonly baseline: string;
}

/** All agents, oldest first: those of the view, with what happened since its checkpoint. */
export async function listAgents(events: EventStore, views: ViewStore): Promise<{ agents: ListedAgent[] }> {
  const live = await liveOf(accountsView, events, views);
  const documents = new Map<string, AccountDocument>();
  if (live !== null)
    for await (const { id, json } of views.all({ view: accountsView.name, version: live.version }))
      documents.set(id, JSON.parse(json) as AccountDocument);
  const reader = new AccountReader(events, views);
  for (const id of await changedSince(events, live?.checkpoint ?? LOG_START)) {
    const document = await reader.get(id);
    if (document !== null) documents.set(id, document);
  }
  const oldestFirst = [...documents.values()].toSorted((left, right) =>
    BigInt(left.created) < BigInt(right.created) ? -1 : 1,
  );
  const now = new Date().toISOString();
  return {
    agents: oldestFirst.map((document) => ({
      id: document.id,
      name: document.name,
      mode: document.mode,
      status: statusOf(document.status, document.paused !== null),
      tripped: isTripped(document, now),
    })),
  };
}

/** Lets a live agent in. */
export function approveAgent(events: EventStore, agent: string): Promise<ChangedAgent> {
  return changeAgent(events, { type: 'ApproveAccount', ...addressed(agent) });
}

/**
 * Says what an agent may do from now on, within a second everywhere. What it had beside that it may no longer.
 * @param permissions separated by commas
 * @throws CommandError `permissions_invalid` where one is unknown, or named twice.
 */
export async function permitAgent(events: EventStore, agent: string, permissions: string): Promise<PermittedAgent> {
  const named = permissions.split(',').map((name) => name.trim()) as Permission[];
  const { state } = await tellAccount(events, {
    type: 'ChangePermissions',
    ...addressed(agent),
    permissions: named,
  });
  return { ...changed(state), permissions: state.permissions };
}

/** It opens and adds nothing until the operator resumes it. */
export function pauseAgent(events: EventStore, agent: string, reason: string): Promise<ChangedAgent> {
  return changeAgent(events, { type: 'PauseAccount', ...addressed(agent), by: 'operator', reason });
}

export function resumeAgent(events: EventStore, agent: string, reason: string): Promise<ChangedAgent> {
  return changeAgent(events, { type: 'ResumeAccount', ...addressed(agent), by: 'operator', reason });
}

/** Its key works no longer, within a second everywhere, and its open orders are cancelled. For good. */
export function revokeAgent(events: EventStore, agent: string, reason: string): Promise<ChangedAgent> {
  return changeAgent(events, { type: 'CloseAccount', ...addressed(agent), reason });
}

/** Prices of these symbols, as far as they are known and young enough. */
export type MarksOf = (symbols: readonly string[]) => Promise<Marks>;

/**
 * Lets an agent open again before the day is over.
 * @throws CommandError `quote_unavailable` naming the holding that there is no price of.
 */
export async function resetBreaker(
  events: EventStore,
  views: ViewStore,
  { agent, reason, marksOf }: { readonly agent: string; readonly reason: string; readonly marksOf: MarksOf },
): Promise<ResetAgent> {
  const { accountId } = addressed(agent);
  const account = await new AccountReader(events, views).get(accountId);
  const marks = await marksOf(account?.holdings.map(({ symbol }) => symbol) ?? []);
  const { state } = await tellAccount(events, { type: 'ResetBreaker', ...addressed(agent), reason, marks });
  return { ...changed(state), baseline: state.day!.baseline };
}

async function changeAgent(events: EventStore, command: AccountCommand): Promise<ChangedAgent> {
  return changed((await tellAccount(events, command)).state);
}

export function addressed(agent: string): { readonly accountId: string; readonly now: string } {
  return { accountId: agentIdOf(agent), now: new Date().toISOString() };
}

/** Ids are accepted in both forms, with `agent_` before them or without. Anything else is left as it is, and not found. */
export function agentIdOf(text: string): string {
  const id = parseId(text.replace(/^agent_/, ''));
  return id === null ? text : `agent_${id}`;
}

export function changed({ accountId, status, paused }: ExistingAccount): ChangedAgent {
  return { id: accountId, status: statusOf(status, paused !== null) };
}

function statusOf(status: ExistingAccount['status'], isPaused: boolean): AgentStatus {
  if (status === 'closed') return 'revoked';
  return status === 'active' && isPaused ? 'paused' : status;
}
