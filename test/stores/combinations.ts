/**
 * The golden and e2e suites on every combination of stores that this machine has, one after the other, beside the
 * embedded one of `npm test`. `--quick`: golden and some of e2e on the production pair. `--json FILE` keeps the counts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../crash/guard.ts';
import { buildDocumentServer } from '../support/document-server-build.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const JEST = join(ROOT, 'node_modules/jest/bin/jest.js');

const ALL = ['esdb+mongodb', 'sqlite+mongodb', 'esdb+sqlite'];
const PRODUCTION = ALL.slice(0, 1);

/** What differs most by store: processes side by side, what a reader sees, keys, prices, agents, and the command line. */
const SOME = [
  'processes',
  'reading',
  'revocation',
  'idempotency',
  'traderz',
  'nextprod',
  'market',
  'settle',
  'metrics',
  'nextexchange',
  'agent-prices',
];

/** As jest counts them; a file that could not even start is a failure. */
interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const files = options.quick === true ? SOME.map((name) => `test/e2e/${name}\\.spec`) : ['test/e2e'];
const folder = temporaryFolder('combinations');
const total: Counts = { passed: 0, failed: 0, skipped: 0 };

for (const stores of options.quick === true ? PRODUCTION : ALL) {
  const reason = stores.endsWith('+mongodb') ? await withoutDocuments() : null;
  const counts = reason === null ? await run(stores) : { passed: 0, failed: 0, skipped: 1 };
  for (const name of ['passed', 'failed', 'skipped'] as const) total[name] += counts[name];
  console.log(reason === null ? `${stores}: ${told(counts)}` : `${stores}: skipped, ${reason}`);
}
folder.remove();
if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(total));
console.log(told(total));
process.exitCode = total.failed === 0 ? 0 : 1;

/** Null, or why there is no server of the MongoDB protocol. */
async function withoutDocuments(): Promise<string | null> {
  if ((process.env['TEST_MONGODB_URL'] ?? '') !== '') return null;
  const built = await buildDocumentServer();
  return 'missing' in built ? built.missing : null;
}

async function run(stores: string): Promise<Counts> {
  const result = join(folder.path, `${stores}.json`);
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', JEST];
  // A hang is told later where more than one server has its part in it.
  const limit = ['--testTimeout', '120000'];
  const jest = ['--ci', '--forceExit', ...limit, '--json', `--outputFile=${result}`, 'test/golden', ...files];
  console.log(`${stores}: golden and ${options.quick === true ? 'some of e2e' : 'e2e'}`);
  const child = spawn(process.execPath, [...node, ...jest], {
    cwd: ROOT,
    env: { ...process.env, TEST_STORES: stores },
    // Its report is on standard error; the same as JSON need not be shown.
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(child, 'close');
  const counted = JSON.parse(readFileSync(result, 'utf8')) as Readonly<Record<string, number>>;
  return {
    passed: counted['numPassedTests']!,
    failed: counted['numFailedTests']! + counted['numRuntimeErrorTestSuites']!,
    skipped: counted['numPendingTests']! + counted['numTodoTests']!,
  };
}

function told({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
