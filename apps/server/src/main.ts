/** Settings → server → listen. */
import { messageOf } from '#libs/sourcing';
import 'reflect-metadata';
import { createLogger } from './operations/log.ts';
import { createServer } from './server.module.ts';
import { readSettings, WrongSettings } from './settings.ts';

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
  const server = await createServer(settings, log);
  await server.app.listen({ host: settings.HOST, port: settings.PORT });
  log.info({ url: await server.app.getUrl(), roles: settings.ROLES, dataDir: settings.DATA_DIR }, 'listening');

  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    const late = setTimeout(() => {
      log.error('accepted requests were not finished in time');
      log.flush();
      process.exit(1);
    }, settings.STOP_DELAY_MS + settings.STOP_TIMEOUT_MS);
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
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
}
