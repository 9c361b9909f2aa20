/** Compiles apps and libs to dist, if dist is not what the sources say. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fail } from './runtime.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, 'dist');
const stamp = join(dist, '.sources');
const compiler = join(root, 'node_modules/typescript/bin/tsc');
const lock = join(root, '.build.lock');
const LOCK_MAX_AGE_MS = 120_000;

export async function buildIfStale() {
  if (isFresh()) return;
  // An install without development dependencies runs the dist it came with.
  if (!existsSync(compiler)) {
    if (existsSync(dist)) return;
    fail('there is no dist and no compiler to make it: run "npm ci" with development dependencies.');
  }
  while (!takeLock()) await sleep(100);
  try {
    if (!isFresh()) build();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Into a folder beside dist, then renamed: whoever starts meanwhile finds a whole dist, old or new. */
function build() {
  const next = join(root, 'dist.tmp');
  const last = join(root, 'dist.old');
  for (const left of [next, last]) rmSync(left, { recursive: true, force: true });
  const sources = fingerprint();
  // On stderr: stdout belongs to the command that follows.
  if (process.stderr.isTTY) process.stderr.write('signal-ledger: building, a few seconds\n');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [compiler, '-p', join(root, 'tsconfig.json'), '--outDir', next, '--pretty', String(process.stderr.isTTY === true)],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) {
    rmSync(next, { recursive: true, force: true });
    rmSync(lock, { force: true });
    process.stderr.write(stdout + stderr);
    fail('the build failed, see above.');
  }
  writeFileSync(join(next, '.sources'), sources);
  if (existsSync(dist)) renameSync(dist, last);
  renameSync(next, dist);
  rmSync(last, { recursive: true, force: true });
}

function isFresh() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint();
}

/** Of contents, not times: a copied or checked-out tree keeps its dist, and a deleted file counts. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of ['tsconfig.json', ...sourceFiles('apps'), ...sourceFiles('libs')])
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

function sourceFiles(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return entry.name === 'testing' ? [] : sourceFiles(path);
      return /(?<!\.spec)\.ts$/.test(entry.name) ? [path] : [];
    });
}

/** One builder at a time. A lock whose holder is gone is taken over. */
function takeLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  try {
    const age = Date.now() - statSync(lock).mtimeMs;
    if (age > LOCK_MAX_AGE_MS || !isAlive(Number(readFileSync(lock, 'utf8')))) rmSync(lock, { force: true });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return false;
}

function isAlive(pid) {
  // Just created, its number not yet written.
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}
