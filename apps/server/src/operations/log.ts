/** The log: one JSON object a line on standard output. Nothing secret is given to it, and what could be is struck out. */
import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';

const FLUSH_MS = 200;

/** What could be secret, wherever an error or a warning may carry it. */
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
 * Lines are gathered and written every 200 ms, or 4 KiB at once: a write for each would cost more than the line,
 * and so does a longer text, which has to be put together from more pieces.
 * A killed process may lose the last of them; the ledger does not rest on its log.
 *
 * Only for lines whose fields are chosen one by one, such as that of a request: looking through a line for secrets
 * costs more than writing it. Everything else goes through `redacting`.
 */
export function createLogger(level: string, stream: DestinationStream = buffered()): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
}

/** The same log, in which what could be secret is struck out. */
export function redacting(log: Logger): Logger {
  return log.child({}, { redact: { paths: SECRET_PATHS, censor: '[redacted]' } });
}

function buffered(): DestinationStream {
  const destination = pino.destination({ dest: 1, sync: false, minLength: 4_096 });
  setInterval(() => destination.flush(), FLUSH_MS).unref();
  return destination;
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
