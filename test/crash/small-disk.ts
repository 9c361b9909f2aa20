/** A file system of a few megabytes, which a test can fill and free. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { guard, temporaryFolder } from './guard.ts';

export interface SmallDisk {
  readonly path: string;
  /** Takes all room there is. */
  readonly fill: () => void;
  readonly free: () => void;
  readonly remove: () => void;
}

/** Mounts one. Throws with the reason where that is not permitted. */
export function mountSmallDisk(megabytes: number): SmallDisk {
  const folder = temporaryFolder('disk');
  const { path } = folder;
  const { status, stderr, error } = spawnSync(
    '/usr/bin/mount',
    ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) {
    folder.remove();
    throw new Error(`no file system can be mounted: ${error?.message ?? stderr.trim()}`);
  }
  const ballast = join(path, 'ballast');
  const mounted = guard(`mount:${path}`);
  const remove = (): void => {
    if (spawnSync('/usr/bin/umount', [path]).status !== 0) spawnSync('/usr/bin/umount', ['-l', path]);
    mounted.release();
    folder.remove();
  };
  return {
    path,
    fill: () => {
      // Others write meanwhile: ever smaller pieces until none fits.
      for (let size = 2 ** 20; size >= 2 ** 12; size /= 2) {
        while (fits(() => appendFileSync(ballast, Buffer.alloc(size)))) continue;
      }
    },
    free: () => truncateSync(ballast, 0),
    remove,
  };
}

function fits(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    return false;
  }
}

/** Why none can be mounted here; null when one can. */
export function whyNoSmallDisk(): string | null {
  try {
    mountSmallDisk(1).remove();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
