/**
 * Creates on this tree beside those of another commit, in turns on one machine: whether something became slower.
 *
 * Each side is built and runs with its own code, command line and files; the load generator is this tree's. Who goes first
 * changes with each round, and a round begins when both sides have nothing left to do.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Headers } from './bodies.ts';
import type { Children, LoadGenerator, Server } from './children.ts';
import type { Measured } from './job.ts';
import { cpuSeconds } from './machine.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CONNECTIONS = 64;
const CATCH_UP_MS = 60_000;

export interface SideFigures extends Measured {
  /** Microseconds of CPU that the server spent on a request; null where unknown. */
  readonly cpuMicros: number | null;
}

export interface AgainstFigures {
  readonly commit: string;
  readonly rounds: readonly { readonly now: SideFigures; readonly before: SideFigures }[];
  readonly wrong: readonly string[];
}

export interface AgainstRun {
  readonly commit: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly say: (line: string) => void;
}

interface Side {
  readonly server: Server;
  readonly headers: Headers;
}

/** @throws Error where the commit is none, or can't be built with the packages that are installed. */
export async function measureAgainst(
  folder: string,
  children: Children,
  load: LoadGenerator,
  { commit, rounds, seconds, say }: AgainstRun,
): Promise<AgainstFigures> {
  const tree = join(folder, 'commit');
  const hash = must('git', ['-C', ROOT, 'rev-parse', '--verify', `${commit}^{commit}`]).trim();
  must('git', ['-C', ROOT, 'worktree', 'add', '--detach', tree, hash]);
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
    say(`building ${hash.slice(0, 7)}`);
    must(process.execPath, [join(tree, 'apps/launcher/run.mjs'), 'build']);
    const before = await open(tree, join(folder, 'before'), children);
    const now = await open(ROOT, join(folder, 'now'), children);
    const figures: { now: SideFigures; before: SideFigures }[] = [];
    for (const side of [before, now, before, now]) await measure(side, load, 1);
    for (let round = 1; round <= rounds; round += 1) {
      const first = round % 2 === 0 ? await measure(now, load, seconds) : null;
      const older = await measure(before, load, seconds);
      const newer = first ?? (await measure(now, load, seconds));
      figures.push({ now: newer, before: older });
      say(`against ${round}/${rounds}: ${Math.round(newer.perSecond)}/s, ${Math.round(older.perSecond)}/s before`);
    }
    for (const { server } of [before, now]) await server.stop();
    const wrong = figures
      .flatMap((round) => [round.now, round.before])
      .filter(({ errors, acknowledged }) => errors > 0 || acknowledged === 0)
      .map(({ errors, samples }) => `against: ${errors} wrong answers, such as: ${samples.join(' | ')}`);
    return { commit: hash.slice(0, 7), rounds: figures, wrong };
  } finally {
    endAgainst(folder);
  }
}

/** Takes the other tree away, however far a run came. */
export function endAgainst(folder: string): void {
  rmSync(join(folder, 'commit'), { recursive: true, force: true });
  spawnSync('git', ['-C', ROOT, 'worktree', 'prune'], { stdio: 'ignore' });
}

async function open(root: string, dataDir: string, children: Children): Promise<Side> {
  mkdirSync(dataDir);
  const cli = (...args: string[]): Record<string, string> =>
    JSON.parse(
      must(process.execPath, [join(root, 'dist/apps/cli/src/main.js'), ...args, '--json'], { DATA_DIR: dataDir }),
    ) as Record<string, string>;
  const channel = cli('channel', 'add', 'bench', '--sandbox')['channel_id']!;
  const key = cli('key', 'issue', channel, '--dialect', 'anny');
  const server = await children.ledger(dataDir, [], {}, join(root, 'dist/apps/server/src/main.js'));
  return { server, headers: { 'anny-api-key': key['anny_api_key']!, 'anny-api-secret': key['anny_api_secret']! } };
}

async function measure({ server, headers }: Side, load: LoadGenerator, seconds: number): Promise<SideFigures> {
  const before = cpuSeconds(server.pid);
  const job = { job: 'load', port: server.port, kind: 'create', kept: false, headers } as const;
  const measured = await load.run({ ...job, connections: CONNECTIONS, rampSeconds: 0.2, seconds });
  await caughtUp(server);
  const after = cpuSeconds(server.pid);
  const total = measured.acknowledged + measured.errors;
  const cpuMicros = before === null || after === null || total === 0 ? null : ((after - before) * 1e6) / total;
  return { ...measured, cpuMicros };
}

/** Waits until the views lack nothing: what they have still to do would burden the other side. */
async function caughtUp({ port }: Server): Promise<void> {
  const deadline = performance.now() + CATCH_UP_MS;
  for (;;) {
    const ready = (await (await fetch(`http://127.0.0.1:${port}/health/ready`)).json()) as {
      readonly lag: Readonly<Record<string, { readonly events: number | null }>>;
    };
    if (Object.values(ready.lag).every(({ events }) => events === 0)) return;
    if (performance.now() > deadline) throw new Error('the views did not catch up');
    await sleep(200);
  }
}

/** What a command prints. Throws with its errors where it fails. */
function must(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}
