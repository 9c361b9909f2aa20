/** The machine that is measured: cores, disk, versions, and what a process used of it. */
import { spawnSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, release } from 'node:os';
import { join } from 'node:path';

/** Of util-linux; elsewhere it is missing, and nothing is pinned. */
const TASKSET = 'taskset';

export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** Whether each side can have a core of its own. */
export function canPin(): boolean {
  return [SERVER_CORE, LOAD_CORE].every((core) => {
    const { status, error } = spawnSync(TASKSET, ['-c', String(core), 'true'], { stdio: 'ignore' });
    return error === undefined && status === 0;
  });
}

/** A command line that runs Node on one core, or anywhere. */
export function nodeOn(core: number | null, args: readonly string[]): [command: string, args: string[]] {
  if (core === null) return [process.execPath, [...args]];
  return [TASKSET, ['-c', String(core), process.execPath, ...args]];
}

export interface Machine {
  readonly node: string;
  readonly sqlite: string;
  readonly fastify: string;
  readonly system: string;
  readonly cores: number;
  readonly cpu: string;
  readonly pinned: boolean;
  readonly dataDir: string;
  readonly fileSystem: string;
}

export function describeMachine(dataDir: string, pinned: boolean): Machine {
  const require = createRequire(import.meta.url);
  return {
    node: process.versions.node,
    sqlite: process.versions['sqlite'] ?? '?',
    fastify: (require('fastify/package.json') as { version: string }).version,
    system: `${process.platform} ${release()} ${process.arch}`,
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? '?',
    pinned,
    dataDir,
    fileSystem: fileSystemOf(dataDir),
  };
}

/** The type of the file system that holds a folder, where the system tells. */
function fileSystemOf(folder: string): string {
  try {
    const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
    let [best, type] = ['', '?'];
    for (const line of mounts) {
      const [, at, kind] = line.split(' ');
      if (at === undefined || kind === undefined || at.length < best.length) continue;
      if (folder === at || folder.startsWith(at.endsWith('/') ? at : `${at}/`)) [best, type] = [at, kind];
    }
    return type;
  } catch {
    return 'unknown';
  }
}

/** Synced writes a second that the disk takes one after the other: 4 KiB each into a file of 4 MiB, as a WAL is. */
export function measureDisk(folder: string, milliseconds: number): number {
  const path = join(folder, 'disk-probe');
  const page = Buffer.alloc(4_096, 7);
  const file = openSync(path, 'w');
  try {
    for (let place = 0; place < 1_024; place += 1) writeSync(file, page, 0, page.length, place * page.length);
    fdatasyncSync(file);
    const start = performance.now();
    let count = 0;
    for (; performance.now() - start < milliseconds; count += 1) {
      writeSync(file, page, 0, page.length, (count % 1_024) * page.length);
      fdatasyncSync(file);
    }
    return (count * 1_000) / (performance.now() - start);
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
}

/** Linux counts CPU time in these. */
const TICKS_PER_SECOND = 100;

/** Seconds of CPU that all threads of a process have used, or null where the system does not tell. */
export function cpuSeconds(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return null;
  }
}
