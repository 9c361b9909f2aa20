/** Prices that a test's server replays, and what is waited for while they come. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What was certain to come did not: a hang. */
const HANG_MS = 50_000;

/** When the first price of every file was made, milliseconds since 1970. */
export const FIRST_PRICE_AT = 1_700_000_000_000;

/**
 * Writes one file of ticks for each instrument, `every` so many milliseconds of file time. Files are replayed again and
 * again, all from the same moment.
 */
export function writeTicks(folder: string, every: number, paths: Readonly<Record<string, readonly string[]>>): void {
  for (const [instrument, prices] of Object.entries(paths)) {
    const lines = prices.map((price, index) => `${FIRST_PRICE_AT + index * every},${price}`);
    writeFileSync(join(folder, `${instrument.replace('/', '-')}_ticks.csv`), `time,price\n${lines.join('\n')}\n`);
  }
}

/** Prices from one to another, both included, by whole steps. */
export function ramp(from: number, to: number, step = 1): readonly string[] {
  const count = Math.floor(Math.abs(to - from) / step) + 1;
  return Array.from({ length: count }, (_, index) => String(from + Math.sign(to - from) * step * index));
}

/** Asks again and again until the answer is no null. Never takes long, unless something hangs. */
export async function eventually<Result>(
  what: string,
  ask: () => Promise<Result | null> | Result | null,
): Promise<Result> {
  const deadline = Date.now() + HANG_MS;
  for (;;) {
    const found = await ask();
    if (found !== null) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not come about`);
    await sleep(10);
  }
}
