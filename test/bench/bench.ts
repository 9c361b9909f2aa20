/**
 * npm run bench: what a durable create costs beside a bare HTTP server, on this machine, in one run.
 * Speed never decides the exit code; a wrong answer, or an acknowledged write that is not in the log, does (1).
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endAgainst } from './against.ts';
import { Children } from './children.ts';
import { canPin, describeMachine } from './machine.ts';
import { readOptions } from './options.ts';
import { printReport } from './report.ts';
import { runBench } from './run.ts';

const options = readOptions(process.argv.slice(2));
mkdirSync(options.dataDir, { recursive: true });
const folder = mkdtempSync(join(options.dataDir, 'signal-ledger-bench-'));
const pinned = canPin();
const children = new Children(pinned);
const say = (line: string): void => void process.stderr.write(`${line}\n`);

function cleanUp(): void {
  children.killAll();
  if (options.against !== null) endAgainst(folder);
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    cleanUp();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}

try {
  const machine = describeMachine(folder, pinned);
  if (machine.fileSystem === 'tmpfs') say(`${folder} is in memory: syncs cost nothing there, see --data-dir`);
  const result = await runBench(options, folder, children, say);
  process.stdout.write(
    options.json ? `${JSON.stringify({ machine, options, ...result }, null, 2)}\n` : printReport(result, machine),
  );
  process.exitCode = result.wrong.length === 0 ? 0 : 1;
} catch (error) {
  say(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
} finally {
  cleanUp();
}
