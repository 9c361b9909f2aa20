/** Telling the log of an outage once when it begins and once when it ends, however often it is met. */
import type { Logger } from 'pino';

export interface OutageLog {
  failed(error: unknown): void;
  answered(): void;
}

export function outageLog(log: Logger, lost: string, found: string): OutageLog {
  let away = false;
  return {
    failed(error) {
      if (!away) log.warn({ err: error }, lost);
      away = true;
    },
    answered() {
      if (away) log.info(found);
      away = false;
    },
  };
}
