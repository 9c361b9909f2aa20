/** The stand-in for MongoDB, built from `document-server/` once for as long as its sources stay the same. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('./document-server/', import.meta.url));
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/document-server/', import.meta.url));

/** The first build fetches and compiles some hundred packages. */
const BUILD_LIMIT_MS = 10 * 60_000;

/** How long a build that failed is not tried again: each test file would wait for it. */
const FAILED_FOR_MS = 5 * 60_000;

export type Built = { readonly program: string } | { readonly missing: string };

/** Builds it, or waits for the process that does, or says why there is none. */
export async function buildDocumentServer(): Promise<Built> {
  const key = sourcesKey();
  const program = join(CACHE, key);
  const failed = `${program}.failed`;
  const lock = `${program}.lock`;
  mkdirSync(CACHE, { recursive: true });
  for (;;) {
    if (existsSync(program)) return { program };
    if (isYounger(failed, FAILED_FOR_MS)) return { missing: readFileSync(failed, 'utf8') };
    if (takeLock(lock)) break;
    await sleep(200);
  }
  try {
    // Another may have built it between the look and the lock.
    if (existsSync(program)) return { program };
    const next = `${program}.${process.pid}`;
    const missing = await goBuild(next);
    if (missing === null) {
      renameSync(next, program);
      rmSync(failed, { force: true });
      return { program };
    }
    rmSync(next, { force: true });
    writeFileSync(failed, missing);
    return { missing };
  } finally {
    rmSync(lock, { force: true });
  }
}

function sourcesKey(): string {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum', 'main.go', 'turns.go']) hash.update(readFileSync(join(SOURCES, file)));
  return hash.digest('hex').slice(0, 16);
}

/** Null when it was built, else why not. */
function goBuild(output: string): Promise<string | null> {
  return new Promise((resolve) => {
    let told = '';
    const go = spawn('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', output, '.'], {
      cwd: SOURCES,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: BUILD_LIMIT_MS,
    });
    go.stderr.on('data', (chunk) => (told = `${told}${chunk}`.slice(-2_000)));
    go.once('error', (error) => resolve(`Go can't be run: ${error.message}`));
    go.once('close', (code, signal) => {
      const reason = told.trim().split('\n').at(-1) ?? '';
      resolve(code === 0 ? null : `go build ended with ${signal ?? code}: ${reason}`);
    });
  });
}

/** A lock whose process is gone, or that is older than any build, is broken. */
function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (!isYounger(lock, BUILD_LIMIT_MS + 60_000) || !isRunning(lock)) rmSync(lock, { force: true });
  return false;
}

/** Two that break the same lock may both build: each into a file of its own, renamed when it is whole. */
function isRunning(lock: string): boolean {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    // A lock is empty for the moment between its making and its filling.
    if (pid > 0) process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isYounger(path: string, milliseconds: number): boolean {
  try {
    return Date.now() - statSync(path).mtimeMs < milliseconds;
  } catch {
    return false;
  }
}
