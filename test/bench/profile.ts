/** CPU profiles of the server, and where each of its threads spent its time. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Lines a thread gets in the summary. */
const TOP = 30;

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** What Node is started with for profiles to be written into a folder. */
export function profileArgs(folder: string | null): string[] {
  if (folder === null) return [];
  mkdirSync(folder, { recursive: true });
  const preload = new URL('profile-threads.mjs', import.meta.url).href;
  return [`--import=${preload}`, '--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=500'];
}

/** Writes `summary.txt` beside the profiles and answers its path. */
export function summarizeProfiles(folder: string): string {
  const parts = readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => {
      const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile;
      return `${name}\n${selfTimes(profile).join('\n')}\n`;
    });
  const path = join(folder, 'summary.txt');
  writeFileSync(path, parts.join('\n'));
  return path;
}

/** Functions by the time spent in themselves; percent of the time in which the thread was not idle. */
function selfTimes({ nodes, samples, timeDeltas }: Profile): string[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id)!;
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  }
  const idle = (times.get('(idle)') ?? 0) + (times.get('(program)') ?? 0);
  const busy = [...times].filter(([name]) => name !== '(idle)' && name !== '(program)');
  const total = busy.reduce((sum, [, time]) => sum + time, 0);
  const lines = busy
    .sort((a, b) => b[1] - a[1])
    .slice(0, TOP)
    .map(([name, time]) => `  ${((time / total) * 100).toFixed(1).padStart(5)} %  ${name}`);
  return [
    `  in JavaScript ${(total / 1e6).toFixed(1)} s; idle or outside of it ${(idle / 1e6).toFixed(1)} s`,
    ...lines,
  ];
}

function nameOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const place =
    url === ''
      ? ''
      : ` ${url.includes('node_modules') ? url.replace(/^.*node_modules\//, '') : basename(url)}:${lineNumber + 1}`;
  return `${functionName === '' ? '(anonymous)' : functionName}${place}`;
}
