/** Every setting: name, default, meaning. Wrong ones are reported all at once, before anything starts. */
import { messageOf } from '#libs/sourcing';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { secretsKeyOf } from './accounts/secrets.ts';
import { z } from 'zod';
import { ccxtIdOf, type Market, parseMarkets } from '#libs/market';

const ROLE_NAMES = ['api', 'projector', 'market'] as const;

const venueUrl = z
  .string()
  .refine(isVenueUrl, 'must be an http:// or https:// URL, without user, query or fragment')
  .optional();

const positive = (least: number, most: number, fallback: number): z.ZodType<number> =>
  z.coerce
    .number({ error: 'must be a whole number' })
    .int('must be a whole number')
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`)
    .default(fallback);

/** A decimal of the settings, as it is kept: text, for a double would change it. */
const decimal = (isRight: (value: number) => boolean, must: string, fallback: string): z.ZodType<string> =>
  z
    .string()
    .regex(/^(0|[1-9]\d{0,14})(\.\d{1,15})?$/, 'must be a plain decimal')
    .refine((text) => isRight(Number(text)), must)
    .default(fallback) as unknown as z.ZodType<string>;

function secretsKeyIn(text: string, context: z.RefinementCtx): Buffer {
  const key = secretsKeyOf(text);
  if (key !== null) return key;
  context.addIssue('must be 32 bytes, as 64 hex digits or as base64');
  return z.NEVER;
}

function isVenueUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return (
    url !== null &&
    ['http:', 'https:'].includes(url.protocol) &&
    url.username + url.password + url.search + url.hash === ''
  );
}

function marketsIn(path: string, context: z.RefinementCtx): readonly Market[] {
  try {
    return parseMarkets(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    context.addIssue(messageOf(error));
    return z.NEVER;
  }
}

const schema = z.object({
  HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  PORT: positive(0, 65_535, 3000).describe('Port to listen on; 0 takes a free one'),
  DATA_DIR: z.string().min(1).default('./data').describe('Folder of the embedded stores'),
  EVENT_STORE_URL: z
    .string()
    .regex(/^(sqlite:.+|esdb(\+discover)?:\/\/.+)/, 'must be sqlite:FILE, esdb://… or esdb+discover://…')
    .optional()
    .describe(
      'Where events are kept: sqlite:FILE, or EventStoreDB by its esdb:// URL, with ledger=NAME among its options for one of several ledgers there; default sqlite:DATA_DIR/events.db',
    ),
  VIEW_STORE_URL: z
    .string()
    .regex(/^(sqlite:.+|mongodb(\+srv)?:\/\/.+)/, 'must be sqlite:FILE, mongodb://… or mongodb+srv://…')
    .optional()
    .describe('Where views are kept: sqlite:FILE, or MongoDB by its mongodb:// URL; default sqlite:DATA_DIR/views.db'),
  ROLES: z
    .string()
    .default('api,projector,market')
    .transform((text) => text.split(',').map((role) => role.trim()))
    .pipe(z.array(z.enum(ROLE_NAMES, { error: `must be a list of ${ROLE_NAMES.join(', ')}` })).min(1))
    .describe('What this process does: api answers requests, projector keeps views, market follows prices'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least severe line written'),
  STATE_CACHE_SIZE: positive(0, 1_000_000, 10_000).describe('Signals whose state is remembered between calls'),
  MAX_IN_FLIGHT: positive(1, 1_000_000, 10_000).describe('Commands in work at once; more are answered 503'),
  NEXTPROD_RATE_LIMIT: positive(1, 1_000_000, 100).describe(
    'Signals an hour that each NextProd key may send, in a window that begins with the first',
  ),
  MARKETS_FILE: z
    .string()
    .transform(marketsIn)
    .optional()
    .describe(
      'The markets of sandbox channels: a JSON array of {"exchange","market","name","yes_price"}; default those of the examples',
    ),
  VENUES: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '')
        .map((name) => ccxtIdOf(name)),
    )
    .describe(
      'Venues that tell real channels their prices: a list of kalshi, polymarket, and exchanges that ccxt knows (binance, bybit, …); none where it is empty',
    ),
  VENUE_POLL_MS: positive(100, 3_600_000, 2_000).describe('Milliseconds between two questions to a venue for prices'),
  KALSHI_URL: venueUrl.describe(
    'Where Kalshi is asked, such as a proxy of yours, in place of https://external-api.kalshi.com/trade-api/v2',
  ),
  POLYMARKET_CLOB_URL: venueUrl.describe(
    'Where the order book of Polymarket is asked, in place of https://clob.polymarket.com',
  ),
  POLYMARKET_GAMMA_URL: venueUrl.describe(
    'Where the catalogue of Polymarket is asked, in place of https://gamma-api.polymarket.com',
  ),
  COINGECKO_API_KEY: z
    .string()
    .min(1)
    .optional()
    .describe('A demo key for the reference prices of the command quote; never printed'),
  SIM_PRICES: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Prices that are replayed for sandbox channels: a file or a folder of files like BTC-USDT_1m.csv; none simulates nothing; default the BTC and ETH that ship with the product',
    ),
  SIM_SPEED: z.coerce
    .number({ error: 'must be a number' })
    .min(0, 'must be 0 or more')
    .max(100_000, 'must be at most 100000')
    .default(1)
    .describe('How many times faster than they were made these prices are told; 0 stands still'),
  REGISTRATION: z
    .enum(['open', 'closed'])
    .default('open')
    .describe('Whether anyone may register an agent; a live one waits for your approval in any case'),
  REGISTER_LIMIT: positive(1, 1_000_000, 10).describe(
    'Agents an hour that one address may register, in a window that begins with the first',
  ),
  AGENT_RATE_LIMIT: positive(1, 1_000, 60).describe('Requests that an agent may send in any minute'),
  PAPER_BALANCE: decimal((value) => value > 0, 'must be more than 0', '100000').describe(
    'US dollars that the account of a new agent begins with',
  ),
  PAPER_FEE: decimal((value) => value < 1, 'must be less than 1', '0.001').describe(
    'Share of the value of each fill that paper takes as its fee, and that one at a venue is expected to cost',
  ),
  PAPER_SLIPPAGE: decimal((value) => value < 1, 'must be less than 1', '0').describe(
    'Share of the price by which a market order on paper fills worse than the last price',
  ),
  LIVE_BROKER: z
    .enum(['none', 'paper', 'ccxt'])
    .default('none')
    .describe('Who carries out the orders of live agents: nobody, paper, or the exchange of BROKER_EXCHANGE'),
  BROKER_EXCHANGE: z
    .string()
    .regex(/^[a-z0-9]{2,40}$/, "must be ccxt's name of an exchange, such as binance")
    .optional()
    .describe('The exchange of LIVE_BROKER=ccxt, by the name that ccxt has for it; `broker check` proves it first'),
  BROKER_API_KEY: z.string().min(1).optional().describe('A key of that exchange that may trade; never printed'),
  BROKER_API_SECRET: z.string().min(1).optional().describe('The secret of that key; never printed'),
  BROKER_URL: venueUrl.describe('Where that exchange is asked, such as a proxy of yours, in place of its own address'),
  SECRETS_KEY: z
    .string()
    .transform(secretsKeyIn)
    .optional()
    .describe(
      'Seals the secrets of live agents: 32 bytes as hex or base64, the same in all processes; default that of DATA_DIR/secrets.key, which is made at the first start; never printed',
    ),
  METRICS: z
    .enum(['on', 'off'])
    .default('on')
    .describe('Whether /metrics is served, in the text form of Prometheus; it asks for no key'),
  STOP_DELAY_MS: positive(0, 600_000, 0).describe(
    'At a stop, how long it says not_ready and still answers, for a load balancer to see; 0 is for none in front',
  ),
  STOP_TIMEOUT_MS: positive(100, 600_000, 10_000).describe('Longest wait for accepted requests at a stop'),
});

export interface Settings extends Omit<z.infer<typeof schema>, 'EVENT_STORE_URL' | 'VIEW_STORE_URL'> {
  readonly EVENT_STORE_URL: string;
  readonly VIEW_STORE_URL: string;
}

/** A URL as it may be shown: names and passwords in it are left out. */
export function withoutSecrets(url: string): string {
  return url.replace(/\/\/.*@/, '//…@');
}

/** A setting's value as an error may show it. */
function shown(name: string, value: string): string {
  return SECRET_SETTINGS.has(name) ? '…' : JSON.stringify(withoutSecrets(value));
}

const SECRET_SETTINGS: ReadonlySet<string> = new Set([
  'SECRETS_KEY',
  'BROKER_API_KEY',
  'BROKER_API_SECRET',
  'COINGECKO_API_KEY',
]);

/** Without these there is no exchange to send orders to. */
const BROKER_SETTINGS = ['BROKER_EXCHANGE', 'BROKER_API_KEY', 'BROKER_API_SECRET'] as const;

/** Some settings can't be used; the message lists each with its reason. */
export class WrongSettings extends Error {
  override readonly name = 'WrongSettings';
}

/** Reads settings from an environment. Throws `WrongSettings` naming every wrong one. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      ({ path, message }) =>
        `  ${path[0] as string}=${shown(path[0] as string, given[path[0] as string] ?? '')}: ${message}`,
    );
    throw new WrongSettings(`these settings can't be used:\n${lines.join('\n')}`);
  }
  const lacking = BROKER_SETTINGS.filter((name) => parsed.data[name] === undefined);
  if (parsed.data.LIVE_BROKER === 'ccxt' && lacking.length > 0)
    throw new WrongSettings(`these settings can't be used:\n  LIVE_BROKER="ccxt": needs ${lacking.join(', ')} too`);
  const dataDir = resolve(parsed.data.DATA_DIR);
  return {
    ...parsed.data,
    DATA_DIR: dataDir,
    EVENT_STORE_URL: parsed.data.EVENT_STORE_URL ?? `sqlite:${join(dataDir, 'events.db')}`,
    VIEW_STORE_URL: parsed.data.VIEW_STORE_URL ?? `sqlite:${join(dataDir, 'views.db')}`,
  };
}

export interface SettingDescription {
  readonly name: string;
  /** As it would be written; null where it follows from others or there is none. */
  readonly fallback: string | null;
  readonly meaning: string;
}

/** What the README tells of each setting. */
export function describeSettings(): readonly SettingDescription[] {
  const defaults = schema.parse({}) as Readonly<Record<string, string | number | readonly string[] | undefined>>;
  return Object.entries(schema.shape).map(([name, type]) => ({
    name,
    fallback: defaults[name]?.toString() || null,
    meaning: type.description ?? '',
  }));
}
