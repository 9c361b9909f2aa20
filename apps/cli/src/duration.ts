/** Lengths of time as an operator writes them: `0s`, `30m`, `24h`, `7d`. */
import { CommandError } from './output.ts';

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 365 * UNIT_MS.d;

/** Milliseconds. Throws a `CommandError` that names the option when the text is no duration, or one over a year. */
export function parseDuration(text: string, option: string): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const duration = Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  if (duration <= LONGEST_MS) return duration;
  throw new CommandError(
    `${option}_invalid`,
    `--${option} is a whole number of seconds, minutes, hours or days, at most 365 days: 0s, 30m, 24h, 7d`,
    option,
  );
}
