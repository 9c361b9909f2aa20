/** What a disk would hold after a power cut, from a trace of all writes and syncs: nothing but what was synced. */
import { existsSync, readFileSync } from 'node:fs';
import type { Entry } from './trace.ts';

interface Change {
  readonly ended: number;
  readonly offset: number;
  /** Null: the file ends at the offset. */
  readonly bytes: Buffer | null;
}

/** A file as it certainly is on the disk, and the changes that no sync has covered yet. */
class DiskFile {
  #bytes: Buffer;
  #size: number;
  #pending: Change[] = [];

  constructor(content: Buffer) {
    this.#bytes = content;
    this.#size = content.length;
  }

  get content(): Buffer {
    return this.#bytes.subarray(0, this.#size);
  }

  change(change: Change): void {
    this.#pending.push(change);
  }

  /** A sync covers what was written before it began. */
  sync(began: number): void {
    for (const change of this.#pending) if (change.ended < began) this.#apply(change);
    this.#pending = this.#pending.filter(({ ended }) => ended >= began);
  }

  #apply({ offset, bytes }: Change): void {
    const end = offset + (bytes?.length ?? 0);
    if (end > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * end);
    if (bytes === null) this.#bytes.fill(0, offset);
    else bytes.copy(this.#bytes, offset);
    this.#size = bytes === null ? offset : Math.max(this.#size, end);
  }
}

/** Some files of a folder, followed through a trace. Begins with what they hold at the time. */
export class Disk {
  readonly #files: ReadonlyMap<string, DiskFile>;

  constructor(paths: readonly string[]) {
    this.#files = new Map(
      paths.map((path) => [path, new DiskFile(existsSync(path) ? readFileSync(path) : Buffer.alloc(0))]),
    );
  }

  follow({ name, target, text, result, began, ended }: Entry): void {
    const file = this.#files.get(target);
    if (file === undefined || !(result >= 0)) return;
    if (name === 'pwrite64') {
      const [, string, offset] = /^\d+<[^>]*>, "(.*)", \d+, (\d+)\)/s.exec(text)!;
      const bytes = bytesOf(string!);
      if (bytes.length !== result) throw new Error(`the trace holds ${bytes.length} of ${result} bytes`);
      file.change({ ended, offset: Number(offset), bytes });
    } else if (name === 'ftruncate') {
      file.change({ ended, offset: Number(/, (\d+)\)/.exec(text)![1]), bytes: null });
    } else if (name === 'fsync' || name === 'fdatasync') {
      file.sync(began);
    }
  }

  content(path: string): Buffer {
    return this.#files.get(path)!.content;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' };

/** A string as strace prints it. */
function bytesOf(string: string): Buffer {
  const plain = string.replace(
    /\\(?:x([0-9a-f]{2})|([0-7]{1,3})|(.))/g,
    (_all, hex?: string, octal?: string, letter?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      return ESCAPES[letter!] ?? letter!;
    },
  );
  return Buffer.from(plain, 'latin1');
}
