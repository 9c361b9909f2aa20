/** What a process asked of the kernel, as strace wrote it down. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const STRACE = '/usr/bin/strace';

/** Why nothing can be traced here; null when it can. */
export function whyNoTrace(): string | null {
  if (!existsSync(STRACE)) return `${STRACE} is not installed`;
  const { status, stderr } = spawnSync(STRACE, ['-f', '-o', '/dev/null', 'true'], { encoding: 'utf8' });
  return status === 0 ? null : `strace may not trace here: ${stderr.trim()}`;
}

/** What a command line begins with so that its calls end up in a file. `whole`: with all bytes that were written. */
export function tracing(file: string, whole = false): string[] {
  const calls = 'read,recvfrom,write,writev,sendto,sendmsg,pwrite64,pwritev,fdatasync,fsync,ftruncate';
  const strings = whole ? ['-x', '-s', '70000'] : ['-s', '48'];
  return [STRACE, '-f', '-y', ...strings, '-e', `trace=${calls}`, '-e', 'signal=none', '-o', file];
}

/** A call, with the places in the trace where it began and ended. */
export interface Entry {
  readonly name: string;
  /** The path, or `socket:[…]`, that its descriptor stands for. */
  readonly target: string;
  readonly text: string;
  readonly result: number;
  readonly began: number;
  readonly ended: number;
}

const BEGUN = /^(\d+)\s+(\w+)\((.*?)\s*<unfinished \.\.\.>$/;
const RESUMED = /^(\d+)\s+<\.\.\. (\w+) resumed>(.*)$/;
const WHOLE = /^(\d+)\s+(\w+)\((.*)$/;
const RESULT = /\)\s+= (-?\d+)[^=]*$/;
const TARGET = /^\d+<([^>]*)>/;

export function readTrace(file: string): Entry[] {
  const entries: Entry[] = [];
  const open = new Map<string, { text: string; began: number }>();
  for (const [place, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    const begun = BEGUN.exec(line);
    if (begun !== null) {
      open.set(begun[1]!, { text: begun[3]!, began: place });
      continue;
    }
    const resumed = RESUMED.exec(line);
    const [, thread, name, rest] = resumed ?? WHOLE.exec(line) ?? [];
    if (thread === undefined) continue;
    const earlier = resumed === null ? undefined : open.get(thread);
    const text = (earlier?.text ?? '') + rest!;
    const result = Number(RESULT.exec(text)?.[1] ?? Number.NaN);
    entries.push({
      name: name!,
      target: TARGET.exec(text)?.[1] ?? '',
      text,
      result,
      began: earlier?.began ?? place,
      ended: place,
    });
  }
  return entries;
}

/** A request as the trace shows it: from the end of its reading to the beginning of its answer's writing. */
export interface Answered {
  readonly request: string;
  readonly status: number;
  /** Calls on the file between the two. */
  readonly writes: readonly Entry[];
  /** Syncs of the file that began after the last of these writes, succeeded, and ended before the answer. */
  readonly syncs: readonly Entry[];
}

/** Each write request on its own connection, one after the other, against what happened to a file meanwhile. */
export function answeredRequests(entries: readonly Entry[], file: string): Answered[] {
  const answered: Answered[] = [];
  for (const asked of entries) {
    const request = /"((?:POST|PUT|DELETE) \S+)/.exec(asked.text)?.[1];
    if (!/^(read|recvfrom)$/.test(asked.name) || request === undefined) continue;
    const answer = entries.find(
      ({ name, target, text, began }) =>
        began > asked.ended &&
        target === asked.target &&
        /^(write|writev|sendto|sendmsg)$/.test(name) &&
        text.includes('"HTTP/1.1 '),
    );
    if (answer === undefined) continue;
    const between = entries.filter(
      ({ target, began }) => target === file && began > asked.ended && began < answer.began,
    );
    const writes = between.filter(({ name }) => name.startsWith('pwrite'));
    const last = Math.max(...writes.map(({ ended }) => ended));
    const syncs = between.filter(
      ({ name, began, ended, result }) =>
        /^f(data)?sync$/.test(name) && began > last && ended < answer.began && result === 0,
    );
    answered.push({ request, status: Number(/HTTP\/1\.1 (\d+)/.exec(answer.text)![1]), writes, syncs });
  }
  return answered;
}
