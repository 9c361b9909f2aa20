/** A simulation as a small text, as it outlives the process. */
import type { Segment, Simulation } from './simulated-segments.ts';

/** Characters of the text, so that a store of small texts takes it. */
const TEXT_LIMIT = 60_000;

const VERSION = 1;

/** Writes a simulation of the files of this fingerprint; of very many segments the newest that fit. */
export function writtenState(fingerprint: string, { segments, upTo }: Simulation): string {
  const rows = segments.map(({ fileTime, wallTime, speed }) => [fileTime, wallTime, speed]);
  for (;;) {
    const text = JSON.stringify({ version: VERSION, fingerprint, segments: rows, upTo });
    if (text.length <= TEXT_LIMIT) return text;
    rows.splice(0, Math.ceil(rows.length / 10));
  }
}

/** What was written, or why it can't be used. */
export function readState(text: string, fingerprint: string): Simulation | { readonly unfit: string } {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    return { unfit: 'it is no JSON' };
  }
  if (state === null || typeof state !== 'object') return { unfit: 'it is no object' };
  const { version, fingerprint: written, segments, upTo } = state as Readonly<Record<string, unknown>>;
  if (version !== VERSION) return { unfit: `its version is ${JSON.stringify(version)}, not ${VERSION}` };
  if (written !== fingerprint) return { unfit: 'it is of other price files' };
  const read = Array.isArray(segments) ? segments.map(segmentFrom) : [];
  if (read.length === 0 || read.includes(null)) return { unfit: 'its segments are damaged' };
  const whole = read as readonly Segment[];
  const isInOrder = whole.every(
    ({ fileTime, wallTime }, index) =>
      index === 0 || (fileTime > whole[index - 1]!.fileTime && wallTime >= whole[index - 1]!.wallTime),
  );
  if (!isInOrder) return { unfit: 'its segments are out of order' };
  if (!Number.isSafeInteger(upTo) || (upTo as number) < whole.at(-1)!.fileTime) {
    return { unfit: 'its upTo does not follow its segments' };
  }
  return { segments: whole, upTo: upTo as number };
}

function segmentFrom(row: unknown): Segment | null {
  if (!Array.isArray(row)) return null;
  const [fileTime, wallTime, speed] = row as readonly unknown[];
  if (!Number.isSafeInteger(fileTime) || !Number.isSafeInteger(wallTime)) return null;
  if (typeof speed !== 'number' || !(speed >= 0)) return null;
  return { fileTime: fileTime as number, wallTime: wallTime as number, speed };
}
