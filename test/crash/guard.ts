/**
 * Leaves nothing behind, however this process ends: Jest kills its workers, and a killed process runs no handlers.
 * A shell beside it reads what there is to be cleaned up, and does so when its input ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = `
trap '' INT TERM HUP
while read -r what item; do
  if [ "$what" = watch ]; then kept="$item $kept"; continue; fi
  left=
  for one in $kept; do [ "$one" = "$item" ] || left="$left $one"; done
  kept=$left
done
for one in $kept; do case $one in group:*) kill -9 "-\${one#group:}" ;; esac; done
for one in $kept; do case $one in mount:*) umount -l "\${one#mount:}" ;; esac; done
for one in $kept; do case $one in folder:*) rm -rf "\${one#folder:}" ;; esac; done`;

type Item = `${'group' | 'mount' | 'folder'}:${string}`;

let shell: ChildProcess | null = null;

function tell(line: string): void {
  if (shell === null) {
    shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    shell.unref();
    (shell.stdin as Socket).unref();
  }
  shell.stdin!.write(`${line}\n`);
}

/** Has a process group killed, a file system unmounted or a folder removed, should this process end before `release`. */
export function guard(item: Item): { readonly release: () => void } {
  tell(`watch ${item}`);
  return { release: () => tell(`leave ${item}`) };
}

export interface Folder {
  readonly path: string;
  readonly remove: () => void;
}

/** A new temporary folder. */
export function temporaryFolder(name: string): Folder {
  const path = mkdtempSync(join(tmpdir(), `signal-ledger-${name}-`));
  const { release } = guard(`folder:${path}`);
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      release();
    },
  };
}
