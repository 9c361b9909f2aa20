/** The command as a process, on a data folder of its own. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { expect } from '@jest/globals';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Commands {
  /** For whatever a test makes; removed with the rest. */
  readonly folder: string;
  /** The data folder, not there yet. */
  readonly data: string;
  start(
    args: readonly string[],
    environment?: Record<string, string>,
  ): { child: ChildProcessByStdio<null, Readable, Readable>; ended: Promise<Ended> };
  run(args: readonly string[], environment?: Record<string, string>): Promise<Ended>;
  /** Runs with --json; stdout must be one JSON value in one line, and stderr empty. */
  json(...args: string[]): Promise<unknown>;
  /** Runs with --json; stdout must be empty, and stderr one JSON value. */
  failure(...args: string[]): Promise<unknown>;
  remove(): Promise<void>;
}

/** `settings` are those of every command, such as where the stores are. */
export async function createCommands(settings: Readonly<Record<string, string>> = {}): Promise<Commands> {
  const folder = await mkdtemp(join(tmpdir(), 'signal-ledger-cli-'));
  const data = join(folder, 'data');
  const main = join(import.meta.dirname, '..', 'main.ts');

  const start: Commands['start'] = (args, environment = {}) => {
    const child = spawn(process.execPath, ['--conditions=mono-source', main, ...args], {
      env: { PATH: process.env['PATH'], DATA_DIR: data, PORT: '0', ...settings, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => (stdout += String(text)));
    child.stderr.on('data', (text) => (stderr += String(text)));
    const ended = once(child, 'close').then(([code]): Ended => ({ code: code as number | null, stdout, stderr }));
    return { child, ended };
  };
  const run: Commands['run'] = (args, environment) => start(args, environment).ended;

  return {
    folder,
    data,
    start,
    run,
    async json(...args) {
      const { code, stdout, stderr } = await run([...args, '--json']);
      expect({ code, stderr, lines: stdout.split('\n').length }).toEqual({ code: 0, stderr: '', lines: 2 });
      return JSON.parse(stdout);
    },
    async failure(...args) {
      const { code, stdout, stderr } = await run([...args, '--json']);
      expect(stdout).toBe('');
      return { code, ...(JSON.parse(stderr) as object) };
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
