/** The running server, and a fresh channel with a key on it. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const LAUNCHER = fileURLToPath(new URL('../../apps/launcher/run.mjs', import.meta.url));

/** A key issued beside a running server holds there within a second. */
const KEY_WAIT_MS = 5_000;

/** The demo can't go on; the message says why and what to do. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}

export interface Key {
  readonly channelId: string;
  readonly key: string;
  readonly secret: string;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: unknown;
}

/** Throws `DemoError` unless a server that takes writes answers there. */
export async function expectReady(url: string): Promise<void> {
  const answer = await fetch(`${url}/health/ready`).catch(() => null);
  if (answer === null)
    throw new DemoError(
      `no server answers at ${url}.\nStart one in another terminal with "npm start", then run the demo again. ` +
        'Where it listens elsewhere: npm run demo -- --url http://HOST:PORT',
    );
  if (answer.status !== 200)
    throw new DemoError(`the server at ${url} is not ready: ${answer.status} ${await answer.text()}`);
}

/** Makes a sandbox channel and a key of it with the command line, as an operator would. */
export async function makeKey(name: string): Promise<Key> {
  const { channel_id: channelId } = await command('channel', 'add', name, '--sandbox');
  const issued = await command('key', 'issue', channelId!, '--dialect', 'anny');
  return { channelId: channelId!, key: issued['anny_api_key']!, secret: issued['anny_api_secret']! };
}

async function command(...args: string[]): Promise<Readonly<Record<string, string>>> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [LAUNCHER, 'cli', ...args, '--json']);
    return JSON.parse(stdout) as Record<string, string>;
  } catch (error) {
    throw new DemoError(
      `signal-ledger ${args.join(' ')} failed: ${error instanceof Error ? error.message : 'unknown'}`,
    );
  }
}

/** Waits until the server has heard of the key. Throws `DemoError` when it does not: it keeps other data, then. */
export async function expectKnown(url: string, key: Key, dataDir: string): Promise<void> {
  const deadline = performance.now() + KEY_WAIT_MS;
  while ((await send(url, key, 'GET', '/v1/signal?limit=1')).status === 403) {
    if (performance.now() > deadline)
      throw new DemoError(
        `the server at ${url} does not know the key that was just issued in ${dataDir}.\n` +
          "Give the demo the server's own DATA_DIR: DATA_DIR=… npm run demo",
      );
    await sleep(50);
  }
}

/** Sends one request of the channel. */
export async function send(
  url: string,
  { key, secret }: Key,
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const answer = await fetch(url + path, {
    method,
    headers: {
      'anny-api-key': key,
      'anny-api-secret': secret,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Told as it is, and not as expected.
  }
  return { status: answer.status, text, body: parsed };
}
