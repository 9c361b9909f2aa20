/**
 * A server that speaks the MongoDB protocol, for tests: MongoDB itself where `TEST_MONGODB_URL` names one, else FerretDB,
 * built here with Go. Where there is neither, tests are skipped by a name that says why.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { MongoClient } from 'mongodb';
import { guard, temporaryFolder } from '../crash/guard.ts';
import { buildDocumentServer } from './document-server-build.ts';

const START_LIMIT_MS = 60_000;

export interface DocumentServer {
  /** Names a database that only this caller uses. */
  readonly url: string;
  /** Ends the process at once, and starts it again on the same folder and port. Absent where it is not ours to end. */
  readonly outage?: { readonly begin: () => Promise<void>; readonly end: () => Promise<void> };
  /** Leaves nothing behind. */
  readonly stop: () => Promise<void>;
}

/** A server with an empty database, or why there is none. */
export async function startDocumentServer(): Promise<DocumentServer | string> {
  const database = `signal_ledger_test_${randomBytes(6).toString('hex')}`;
  const given = process.env['TEST_MONGODB_URL'];
  if (given !== undefined && given !== '') return givenServer(withDatabase(given, database));
  const built = await buildDocumentServer();
  if ('program' in built) return ownServer(built.program, database);
  console.warn(`MongoDB is not tried here: ${built.missing}`);
  return built.missing;
}

function givenServer(url: string): DocumentServer {
  return {
    url,
    stop: async () => {
      const client = new MongoClient(url);
      await client.db().dropDatabase();
      await client.close();
    },
  };
}

async function ownServer(program: string, database: string): Promise<DocumentServer> {
  const folder = temporaryFolder('documents');
  let running = await start(program, folder.path, '127.0.0.1:0');
  const { address } = running;
  return {
    url: `mongodb://${address}/${database}`,
    outage: {
      begin: () => running.kill(),
      end: async () => {
        running = await start(program, folder.path, address);
      },
    },
    stop: async () => {
      await running.kill();
      folder.remove();
    },
  };
}

interface Running {
  readonly address: string;
  readonly kill: () => Promise<void>;
}

async function start(program: string, folder: string, address: string): Promise<Running> {
  const child = spawn(program, [folder, address], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const { release } = guard(`group:${child.pid!}`);
  let told = '';
  child.stderr.on('data', (chunk) => (told = `${told}${chunk}`.slice(-2_000)));
  const ended = once(child, 'close').then(release);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  const url = await firstLine(child);
  if (url === null) {
    await kill();
    throw new Error(`the document server did not start within ${START_LIMIT_MS} ms: ${told}`);
  }
  return { address: new URL(url).host, kill };
}

/** What a process prints first; null where it ended, or took too long, before it printed anything. */
async function firstLine(child: ChildProcess): Promise<string | null> {
  const lines = createInterface({ input: child.stdout! });
  const limit = setTimeout(() => lines.close(), START_LIMIT_MS);
  try {
    for await (const line of lines) return line;
    return null;
  } finally {
    clearTimeout(limit);
  }
}

/** The URL with another database, whatever hosts and options it has. */
function withDatabase(url: string, database: string): string {
  const parts = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/([^?]*))?(\?.*)?$/.exec(url);
  if (parts === null) throw new Error('TEST_MONGODB_URL is no URL of a MongoDB server');
  const [, hosts, named = '', options = '?'] = parts;
  // Whoever named a database and no other place to look for the user meant that one.
  const authSource = named !== '' && !/[?&]authSource=/i.test(options) ? `&authSource=${named}` : '';
  return `${hosts}/${database}${options}${authSource}`;
}
