/** UTC days, which losses are measured by. Moments are milliseconds since 1970. */

/** `2026-11-21`. */
export function dayOf(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10);
}

/** 00:00 UTC of the day of a moment. */
export function midnightOf(moment: number): number {
  return Date.parse(`${dayOf(moment)}T00:00:00.000Z`);
}
