/** Work in several parts, none of which goes on without the others. */

/**
 * Starts the parts, and ends when all of them have. Where one fails, the signal that they were given aborts, the others
 * are waited for, and its error is thrown. They must end when that signal aborts, as it does with `signal`.
 */
export async function together(
  signal: AbortSignal,
  start: (signal: AbortSignal) => readonly Promise<void>[],
): Promise<void> {
  const failed = new AbortController();
  const parts = start(AbortSignal.any([signal, failed.signal]));
  try {
    await Promise.all(parts);
  } finally {
    failed.abort();
    await Promise.allSettled(parts);
  }
}
