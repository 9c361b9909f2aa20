/**
 * Work that one process at a time shall do, as long as it holds a lease. Nothing may rest on there being only one: a
 * process that was paused may go on for a moment beside the one that took over.
 */
import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Coordination } from './coordination.ts';

export interface LeaseOptions {
  readonly signal: AbortSignal;
  /** The work begins here. */
  readonly onLeading?: () => void;
  /** Another process does it; told once until that changes. */
  readonly onStandby?: () => void;
  readonly onError: (error: unknown) => void;
  /** How long a lease lasts beyond its last renewal. */
  readonly ttlMs?: number;
}

const TTL_MS = 5_000;
const RENEWALS = 5;
const AGAIN_MS = 1_000;

/**
 * Who holds a lease, kept beside it: a holder that is known to be dead need not be waited for. Before it had `machine`
 * it had the `host` alone, which told no containers apart: of neither form the other's holder is ever taken for dead.
 */
interface Holder {
  readonly id: string;
  /** Whose process ids these are; see `thisMachine`. */
  readonly machine: string;
  readonly pid: number;
}

/**
 * Does the work while the lease is held, again after it failed, and stands by meanwhile. The work's signal aborts when
 * the lease is lost or all is to stop; it is waited for then. Resolves when the outer signal aborts.
 */
export async function whileLeading(
  coordination: Coordination,
  name: string,
  work: (signal: AbortSignal) => Promise<void>,
  { signal, onLeading, onStandby, onError, ttlMs = TTL_MS }: LeaseOptions,
): Promise<void> {
  const holder: Holder = { id: randomUUID(), machine: thisMachine(), pid: process.pid };
  let standing = false;
  while (!signal.aborted) {
    try {
      await releaseDead(coordination, name, holder);
      if (await coordination.lease(name, holder.id, ttlMs, Date.now())) {
        standing = false;
        await coordination.keep(keptName(name), JSON.stringify(holder));
        onLeading?.();
        await lead(coordination, name, holder.id, work, { signal, ttlMs });
      } else if (!standing) {
        standing = true;
        onStandby?.();
      }
    } catch (error) {
      if (!signal.aborted) onError(error);
    }
    await sleep(Math.min(AGAIN_MS, ttlMs), undefined, { signal }).catch(() => undefined);
  }
  await coordination.release(name, holder.id).catch(() => undefined);
}

async function lead(
  coordination: Coordination,
  name: string,
  id: string,
  work: (signal: AbortSignal) => Promise<void>,
  { signal, ttlMs }: { signal: AbortSignal; ttlMs: number },
): Promise<void> {
  const lost = new AbortController();
  const working = AbortSignal.any([signal, lost.signal]);
  const renewing = renew(coordination, name, id, ttlMs, lost, working);
  try {
    await work(working);
  } finally {
    lost.abort();
    await renewing;
  }
}

/** Renews until the work ends; a lease that could not be renewed in its time is lost. */
async function renew(
  coordination: Coordination,
  name: string,
  id: string,
  ttlMs: number,
  lost: AbortController,
  working: AbortSignal,
): Promise<void> {
  let last = Date.now();
  for (;;) {
    await sleep(ttlMs / RENEWALS, undefined, { signal: working }).catch(() => undefined);
    if (working.aborted) return;
    const now = Date.now();
    try {
      if (!(await coordination.lease(name, id, ttlMs, now))) return lost.abort();
      last = now;
    } catch {
      if (Date.now() - last > ttlMs) return lost.abort();
    }
  }
}

/** Ends the lease of a process of this machine that is no more: after a crash its successor goes on at once. */
async function releaseDead(coordination: Coordination, name: string, { machine, pid, id }: Holder): Promise<void> {
  const text = await coordination.kept(keptName(name));
  if (text === null) return;
  const before = JSON.parse(text) as Holder;
  if (before.id === id || before.machine !== machine || before.pid === pid || isAlive(before.pid)) return;
  await coordination.release(name, before.id);
}

/**
 * The host name and, on Linux, the pid namespace: containers may share a name, and a process of one can't be seen from
 * another. Where Linux does not tell the namespace it is a name that no other process has.
 */
function thisMachine(): string {
  if (process.platform !== 'linux') return hostname();
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return `${hostname()} ${randomUUID()}`;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function keptName(name: string): string {
  return `lease holder ${name}`;
}
