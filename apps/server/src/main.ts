/** Settings → server → listen. */
import { messageOf } from '#libs/sourcing';
import 'reflect-metadata';
import type { Logger } from 'pino';
import { createLogger } from './operations/log.ts';
import { createServer, type Server } from './server.module.ts';
import { readSettings, type Settings, WrongSettings } from './settings.ts';

try {
  await start();
} catch (error) {
  const message = error instanceof WrongSettings ? error.message : `the server could not start: ${messageOf(error)}`;
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

async function start(): Promise<void> {
  const settings = readSettings(process.env);
  const log = createLogger(settings.LOG_LEVEL);
  // Before there is a server: the first process of a container is not ended by a signal that it does not handle.
  let server: Server | null = null;
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    if (server === null) log.flush(() => process.exit(0));
    else stopServer(server, settings, log);
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));

  const made = await createServer(settings, log);
  if (stopping) return;
  await made.app.listen({ host: settings.HOST, port: settings.PORT });
  server = made;
  log.info({ url: await server.app.getUrl(), roles: settings.ROLES, dataDir: settings.DATA_DIR }, 'listening');
}

function stopServer(server: Server, { STOP_DELAY_MS, STOP_TIMEOUT_MS }: Settings, log: Logger): void {
  const late = setTimeout(() => {
    log.error('accepted requests were not finished in time');
    log.flush();
    process.exit(1);
  }, STOP_DELAY_MS + STOP_TIMEOUT_MS);
  server.stop().then(
    () => {
      clearTimeout(late);
      log.info('stopped');
      log.flush(() => process.exit(0));
    },
    (error: unknown) => {
      log.error({ err: error }, 'the server did not stop cleanly');
      log.flush(() => process.exit(1));
    },
  );
}
