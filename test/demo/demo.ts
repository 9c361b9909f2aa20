/**
 * npm run demo: walks one long and one short signal through every call of the Anny API on a running server, and lets
 * simulated prices move a third.
 * Exits 1 when any answer is not as expected.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { walkMarket } from './market-scene.ts';
import { long, short } from './scenes.ts';
import { DemoError, expectKnown, expectReady, makeKey } from './server.ts';
import { walk } from './walk.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  process.exitCode = (await demo()) === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof DemoError)) throw error;
  process.stderr.write(`demo: ${error.message}\n`);
  process.exitCode = 1;
}

async function demo(): Promise<number> {
  const url = urlOf();
  const dataDir = process.env['DATA_DIR'] || './data';
  const run = randomBytes(4).toString('hex');
  await expectReady(url);
  print(`server   ${url}`);
  print(`channel  signal-ledger channel add demo-${run} --sandbox`);
  const key = await makeKey(`demo-${run}`);
  print(`         ${key.channelId}, in ${dataDir}`);
  print(`key      signal-ledger key issue ${key.channelId} --dialect anny`);
  print(
    `         anny-api-key: ${shortened(key.key)}   anny-api-secret: ${shortened(key.secret)}   (sent with every request)`,
  );
  await expectKnown(url, key, dataDir);
  let wrong = 0;
  for (const scene of [long, short]) wrong += await walk(scene, url, key, run, print);
  wrong += await walkMarket(url, key, print);
  print(wrong === 0 ? '\nEvery answer was as expected.' : `\n${wrong} answers were not as expected.`);
  return wrong;
}

function urlOf(): string {
  let given: string | undefined;
  try {
    given = parseArgs({ options: { url: { type: 'string' } } }).values.url;
  } catch (error) {
    throw new DemoError(`${(error as Error).message}\nusage: npm run demo -- [--url http://HOST:PORT]`);
  }
  if (given !== undefined) return given.replace(/\/+$/, '');
  const host = process.env['HOST'] || '127.0.0.1';
  // An address to listen on is not always one to call.
  return `http://${['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${process.env['PORT'] || 3000}`;
}

/** Enough of a secret to tell it from another. */
function shortened(secret: string): string {
  return `${secret.slice(0, 6)}…`;
}
