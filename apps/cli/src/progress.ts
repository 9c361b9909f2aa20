/** Showing how far long work is, and stopping it cleanly. */

/** Between two plain lines, where stderr is no terminal. */
const LINE_EVERY_MS = 3_000;
/** Between two drawings of the bar. */
const DRAW_EVERY_MS = 100;
const BAR_WIDTH = 24;

export interface Progress {
  /** `done` of `total` (any unit; a total of 0 is not known), and how many events were handled so far. */
  update(done: number, total: number, events: number): void;
  /** Takes the bar away. */
  end(): void;
}

/** A stream as progress is written to: stderr, or a test's. */
export interface ProgressTarget {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A bar on a terminal, else a plain line every few seconds; with `quiet` only the bar, so that scripts read clean text. */
export function startProgress(
  label: string,
  { quiet = false, target = process.stderr }: { quiet?: boolean; target?: ProgressTarget } = {},
): Progress {
  const bar = target.isTTY === true;
  if (quiet && !bar) return { update: () => undefined, end: () => undefined };
  const startedAt = performance.now();
  let drawnAt = bar ? -Infinity : startedAt;
  let first: number | null = null;
  return {
    update(done, total, events) {
      first ??= done;
      const now = performance.now();
      if (now - drawnAt < (bar ? DRAW_EVERY_MS : LINE_EVERY_MS)) return;
      drawnAt = now;
      const text = describeProgress({ done, total, events, first, seconds: (now - startedAt) / 1000 });
      const filled = Math.round(fraction(done, total) * BAR_WIDTH);
      target.write(
        bar
          ? `\r\x1b[2K${label} [${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${text}`
          : `${label} ${text}\n`,
      );
    },
    end() {
      if (bar) target.write('\r\x1b[2K');
    },
  };
}

/** Percent, speed and time left. `first`: where this run began, so that what an earlier run did does not flatter it. */
export function describeProgress(at: {
  done: number;
  total: number;
  events: number;
  first: number;
  seconds: number;
}): string {
  const { done, total, events, first, seconds } = at;
  const speed = seconds > 0 ? Math.round(events / seconds) : 0;
  const parts = total > 0 ? [`${Math.floor(fraction(done, total) * 100)}%`] : [];
  parts.push(`${events.toLocaleString('en')} events`, `${speed.toLocaleString('en')} events/s`);
  const moved = done - first;
  if (total > 0 && moved > 0) parts.push(`ETA ${Math.ceil(((total - done) / moved) * seconds)} s`);
  return parts.join('  ');
}

function fraction(done: number, total: number): number {
  return total > 0 ? Math.min(done / total, 1) : 0;
}

/** Aborts at the first Ctrl-C or SIGTERM, and leaves the second to end the process at once. */
export function untilInterrupted(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
