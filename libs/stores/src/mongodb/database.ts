/** A database of a MongoDB server. One client a URL and process, however many stores are opened on it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, MongoClient, type MongoClientOptions } from 'mongodb';
import { answered } from './answers.ts';
import { type CallLimits, createOutage, type Outage } from './outage.ts';

/** Used where the URL names no database. */
const DATABASE = 'signal_ledger';

/** What a URL may say otherwise. Together they bound every call; a call that ends with the connection is made once more. */
const DEFAULTS: MongoClientOptions = {
  appName: 'signal-ledger',
  serverSelectionTimeoutMS: 3_000,
  connectTimeoutMS: 3_000,
  socketTimeoutMS: 20_000,
  waitQueueTimeoutMS: 5_000,
  wtimeoutMS: 10_000,
  maxPoolSize: 20,
};

/** What it may not: the stores rest on it. */
const FIXED: MongoClientOptions = {
  // An answer is given when no election can take the write back.
  w: 'majority',
  // Nor a power cut.
  journal: true,
  // A caller sees its own writes.
  readPreference: 'primary',
  readConcernLevel: 'local',
  // Positions go beyond what a double holds exactly.
  useBigInt64: true,
  promoteLongs: true,
};

/** How long calls are waited for. */
const CALL_LIMITS: CallLimits = {
  // However many commands they are of. The driver gives up a single one much earlier.
  callMs: 60_000,
  // Whoever looks for the server again, or makes a command once more, is through by then.
  shakenMs: 6_000,
};

/** How long connections that are given up are waited for. */
const DROP_LIMIT_MS = 2_000;

interface Shared {
  readonly client: MongoClient;
  readonly outage: Outage;
  users: number;
  connected: boolean;
}

export interface OpenedDatabase {
  readonly db: Db;
  /**
   * Makes calls to it, connected: `StoreUnavailable` where the server does not answer. The first calls wait for it as
   * long as the URL says; once it was not found the others are refused at once, until it is.
   */
  readonly call: <Result>(calls: () => Promise<Result>) => Promise<Result>;
  readonly close: () => Promise<void>;
}

const clients = new Map<string, Shared>();

/**
 * Opens the database that a `mongodb://` or `mongodb+srv://` URL names. Nothing is sent before the first call: a server
 * that is away now may be there then.
 * @throws Error where the URL can't be read. It tells no password.
 */
export function openDatabase(url: string, limits: Partial<CallLimits> = {}): OpenedDatabase {
  const shared = clients.get(url) ?? open(url, { ...CALL_LIMITS, ...limits });
  shared.users += 1;
  clients.set(url, shared);
  let closed = false;
  return {
    db: namesDatabase(url) ? shared.client.db() : shared.client.db(DATABASE),
    call: async (calls) => {
      if (closed) throw new Error('the document store is closed');
      return answered(() =>
        shared.outage.watch(async () => {
          await connect(shared);
          return calls();
        }),
      );
    },
    close: async () => {
      if (closed) return;
      closed = true;
      shared.users -= 1;
      if (shared.users > 0) return;
      clients.delete(url);
      shared.outage.end();
      await shared.client.close();
    },
  };
}

function open(url: string, limits: CallLimits): Shared {
  const client = clientFor(url);
  const find = async (): Promise<void> => {
    await connect(shared);
    await client.db(DATABASE).command({ ping: 1 });
  };
  const drop = async (): Promise<void> => {
    shared.connected = false;
    await Promise.race([client.close(), sleep(DROP_LIMIT_MS, undefined, { ref: false })]);
  };
  const shared: Shared = {
    client,
    outage: createOutage({ find, drop }, limits),
    users: 0,
    connected: false,
  };
  // A connection broke, or the server did not tell how it is: all others are opened anew.
  client.on('connectionPoolCleared', () => shared.outage.shaken());
  return shared;
}

/** A client that connects by itself does so once: had the server been away then, it would never find it. */
async function connect(shared: Shared): Promise<void> {
  if (shared.connected) return;
  await shared.client.connect();
  // It may have been looked for while its last user left.
  if (shared.users === 0) await shared.client.close();
  else shared.connected = true;
}

function clientFor(url: string): MongoClient {
  const said = new Set(Array.from(new URLSearchParams(url.split('?')[1]).keys(), (name) => name.toLowerCase()));
  const defaults = Object.entries(DEFAULTS).filter(([name]) => !said.has(name.toLowerCase()));
  try {
    return new MongoClient(url, { ...Object.fromEntries(defaults), ...FIXED });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the URL of the MongoDB server can't be read: ${reason}`, { cause: error });
  }
}

/** Hosts may be many, which no URL parser takes; a `/` in a password must be written `%2F`. */
function namesDatabase(url: string): boolean {
  return /^mongodb(\+srv)?:\/\/[^/]+\/[^?]/.test(url);
}
