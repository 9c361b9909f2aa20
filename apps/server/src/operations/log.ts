/** The log: one JSON object a line on standard output. Nothing secret is given to it, and what could be is struck out. */
import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';

const FLUSH_MS = 200;

const SECRET_PATHS = [
  'anny-api-key',
  'anny-api-secret',
  'authorization',
  'x-api-key',
  'x-nx-key',
  'x-nx-signature',
  'apiKey',
  'apiSecret',
  'secret',
].flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);

/**
 * Lines are gathered and written every 200 ms, or 4 KiB at once: a write for each would cost more than the line.
 * A killed process may lose the last of them; the ledger does not rest on its log.
 */
export function createLogger(level: string, stream?: DestinationStream): Logger {
  const options = {
    level,
    redact: { paths: SECRET_PATHS, censor: '[redacted]' },
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  if (stream !== undefined) return pino(options, stream);
  const destination = pino.destination({ dest: 1, sync: false, minLength: 4_096 });
  setInterval(() => destination.flush(), FLUSH_MS).unref();
  return pino(options, destination);
}

/** Nest's own lines, in the same log. */
export function nestLogger(log: Logger): LoggerService {
  const write =
    (level: 'info' | 'error' | 'warn' | 'debug' | 'trace') =>
    (message: unknown, ...rest: unknown[]): void =>
      log[level]({ context: rest.at(-1) }, String(message));
  return {
    log: write('debug'),
    error: write('error'),
    warn: write('warn'),
    debug: write('debug'),
    verbose: write('trace'),
  };
}
