/** Agents for tests: how they register, what they send, and how a live one signs. */
import { createHmac } from 'node:crypto';
import { changeDirectory } from '../../apps/cli/src/directory.ts';
import { handledAccount } from '../../apps/server/src/accounts/handled-account.ts';
import { ACCOUNT_SCHEMA_VERSION, type AccountCommand, PERMISSIONS } from '#libs/account';
import { createHandle, newId } from '#libs/sourcing';
import type { Answer, Client, Sending } from './client.ts';
import { openEventsOf } from './stores.ts';

export const BASE = '/v1/agent';

/** Settings of a server whose agents have prices: the simulated ones that ship with the product, standing still. */
export const WITH_PRICES = {
  ROLES: 'api,projector,market',
  SIM_PRICES: '',
  SIM_SPEED: '0',
  REGISTER_LIMIT: '100000',
  AGENT_RATE_LIMIT: '1000',
} as const;

export interface TestAgent {
  readonly id: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** The published body, with every permission. */
export const SANDBOX = { name: 'My Alpha Bot', permissions: [...PERMISSIONS], mode: 'sandbox' };

export const LIVE = { ...SANDBOX, mode: 'live', dailyLossLimit: 5_000, maxPositionSize: 50_000 };

export async function register(client: Pick<Client, 'call'>, body: object = SANDBOX): Promise<TestAgent> {
  const answer = await client.call('POST', `${BASE}/register`, { body });
  if (answer.status !== 201) throw new Error(`not registered: ${answer.status} ${answer.text}`);
  return answer.body.agent as TestAgent;
}

/** A live agent that the operator has let in, as another process does it. */
export async function registerLive(
  client: Pick<Client, 'call'>,
  dataDir: string,
  body: object = LIVE,
): Promise<TestAgent> {
  const agent = await register(client, body);
  await command(dataDir, { type: 'ApproveAccount', accountId: agent.id, now: new Date().toISOString() });
  return agent;
}

/** Carries a command of the operator's out, as another process does. */
export async function command(dataDir: string, one: AccountCommand): Promise<void> {
  const events = await openEventsOf(dataDir);
  try {
    const outcome = await createHandle(handledAccount, events)(one, {
      commandId: newId(Date.now()),
      requestId: 'test',
      dialect: 'operator',
      actor: 'operator',
      keyId: null,
      receivedAt: new Date().toISOString(),
      schemaVersion: ACCOUNT_SCHEMA_VERSION,
    });
    if (!outcome.done) throw new Error(outcome.refusal.message);
  } finally {
    await events.close();
  }
}

/** Lets anyone read a channel's signals, as another process does it. */
export async function publish(dataDir: string, channelId: string): Promise<void> {
  const events = await openEventsOf(dataDir);
  await changeDirectory(events, { type: 'MakeChannelPublic', channelId }).finally(() => events.close());
}

/** Sends as a sandbox agent does: with its key alone. */
export function send(
  client: Pick<Client, 'call'>,
  agent: Pick<TestAgent, 'apiKey'>,
  method: string,
  path: string,
  sending: Sending = {},
): Promise<Answer> {
  return client.call(method, BASE + path, { ...sending, headers: { 'x-nx-key': agent.apiKey, ...sending.headers } });
}

/** What is signed, and what is signed otherwise than it is sent. */
export interface Signing {
  readonly secret?: string;
  readonly timestamp?: string | number;
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
}

export function signatureOf(
  secret: string,
  { timestamp, method, path, body }: Required<Omit<Signing, 'secret'>>,
): string {
  return createHmac('sha256', secret).update(`${timestamp}${method}${path}${body}`).digest('hex');
}

/** The headers of a live agent's request. The path is signed as the published client does, without `/v1/agent` and query. */
export function signed(
  agent: TestAgent,
  method: string,
  path: string,
  raw = '',
  signing: Signing = {},
): Record<string, string> {
  const { timestamp = Date.now(), secret = agent.apiSecret } = signing;
  const [short] = path.split('?');
  const parts = { timestamp, method, path: short!, body: raw, ...signing };
  return {
    'x-nx-key': agent.apiKey,
    'x-nx-timestamp': String(timestamp),
    'x-nx-signature': signatureOf(secret, parts),
  };
}

/** Sends as a live agent does. */
export function sendSigned(
  client: Pick<Client, 'call'>,
  agent: TestAgent,
  method: string,
  path: string,
  body?: unknown,
  signing: Signing = {},
): Promise<Answer> {
  const raw = body === undefined ? '' : JSON.stringify(body);
  const headers = signed(agent, method, path, raw, signing);
  return client.call(method, BASE + path, { ...(body !== undefined && { raw }), headers });
}

/** What an order of the published client looks like. */
export const MARKET_BUY = { symbol: 'BTC', side: 'buy', type: 'market', quantity: 0.01, price: null };

/** Rests far below any price of the shipped ones. */
export const LIMIT_BUY = { symbol: 'BTC', side: 'buy', type: 'limit', quantity: 0.01, price: 1_000 };

/** Code and status of an error, and that it has the published form. */
export function errorOf({ status, body, text }: Answer): string {
  const keys = Object.keys(body ?? {}).join();
  if (keys !== 'error' || typeof body.error.message !== 'string') throw new Error(`no error: ${status} ${text}`);
  return `${status} ${body.error.code}`;
}

/** Waits until the server knows prices: its market role may just have begun. */
export async function untilPriced(client: Pick<Client, 'call'>): Promise<void> {
  const agent = await register(client);
  for (;;) {
    const { status, body } = await send(client, agent, 'GET', '/market');
    if (status === 200 && body.data.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
