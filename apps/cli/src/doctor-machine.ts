/** The doctor's checks of the machine: runtime, folder, port. */
import { messageOf } from '#libs/sourcing';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Settings } from '../../server/src/settings.ts';
import { MINIMUM_SQLITE } from './wiring.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** Nothing is wrong here, and somebody should see to it all the same. */
  readonly warning?: true;
  /** How to mend what is wrong. */
  readonly mend?: string;
}

const MINIMUM_NODE = '24.15.0';
/** Less room than this and the next hours of events may not fit. */
const LEAST_FREE_BYTES = 256 * 1024 * 1024;
const ANSWER_TIMEOUT_MS = 2_000;

export function checkRuntime(): Check[] {
  const { node, sqlite } = process.versions;
  return [
    atLeast('node', node, MINIMUM_NODE, 'npm ci in the project brings one, or install a newer Node'),
    atLeast('sqlite', sqlite ?? '0', MINIMUM_SQLITE, 'use a newer Node: it comes with SQLite'),
  ];
}

function atLeast(name: string, version: string, minimum: string, mend: string): Check {
  const ok = version.localeCompare(minimum, 'en', { numeric: true }) >= 0;
  return { name, ok, detail: ok ? version : `${version}; ${minimum} or newer is needed`, ...(!ok && { mend }) };
}

/** Tries a file: rights alone don't tell of read-only file systems. A folder that is not there yet is no fault. */
export async function checkDataFolder(folder: string): Promise<Check> {
  const name = 'data folder';
  if (!existsSync(folder))
    return { name, ok: true, detail: `${folder} is not there yet; the first start of the server makes it` };
  const probe = join(folder, `.doctor-${randomUUID()}`);
  try {
    await writeFile(probe, '', { flag: 'wx' });
    await rm(probe);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const detail = `${folder} is writable, ${Math.floor(free / 1024 / 1024).toLocaleString('en')} MiB free`;
    return free < LEAST_FREE_BYTES
      ? { name, ok: false, detail, mend: 'make room on this disk' }
      : { name, ok: true, detail };
  } catch (error) {
    const detail = `${folder} is not writable: ${messageOf(error)}`;
    return {
      name,
      ok: false,
      detail,
      mend: 'give this user the right to write there, or name another folder with DATA_DIR',
    };
  }
}

/** Whether a server answers at the port of the settings, or could be started there. */
export async function checkServer({ HOST, PORT }: Settings): Promise<{ check: Check; answers: boolean }> {
  const name = 'server';
  if (PORT === 0)
    return { answers: false, check: { name, ok: true, detail: 'takes any free port, so it is not looked for' } };
  const url = `http://${reachable(HOST)}:${PORT}/health/ready`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS), redirect: 'manual' });
    await response.body?.cancel();
    if (response.status === 200) return { answers: true, check: { name, ok: true, detail: `${url} answers: ready` } };
    const notReady = response.status === 503;
    const detail = notReady
      ? `${url} answers 503: it takes no writes now`
      : `${url} answers ${response.status}: that is another program`;
    const mend = notReady
      ? 'see the other checks and the log of the server'
      : 'stop that program, or set PORT to another number';
    return { answers: notReady, check: { name, ok: false, detail, mend } };
  } catch {
    const fault = await listenFault(HOST, PORT);
    if (fault === null)
      return { answers: false, check: { name, ok: true, detail: `none runs; ${HOST}:${PORT} is free` } };
    const detail = `nothing answers at ${url}, and ${HOST}:${PORT} can't be taken: ${fault}`;
    return {
      answers: false,
      check: { name, ok: false, detail, mend: 'stop the program that holds the port, or set HOST and PORT' },
    };
  }
}

/** An address that means "all" is asked through the machine's own. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function listenFault(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}
