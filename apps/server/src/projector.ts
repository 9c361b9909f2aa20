/** Starts the projector's thread, tells the log what it says, and starts it again should it die. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { ProjectorNews, ProjectorSettings } from './projector.thread.ts';

const RESTART_MS = 1_000;
const STOP_MS = 5_000;

export class Projector {
  readonly #stores: ProjectorSettings;
  readonly #log: Logger;
  #worker: Worker | null = null;
  #stopped = false;

  constructor(stores: ProjectorSettings, log: Logger) {
    this.#stores = stores;
    this.#log = log;
  }

  start(): void {
    const extension = extname(import.meta.url);
    const worker = new Worker(new URL(`./projector.thread${extension}`, import.meta.url), {
      workerData: this.#stores,
      // Run from its sources, it takes those of the libraries too.
      execArgv: extension === '.ts' ? ['--conditions=mono-source'] : [],
    });
    this.#worker = worker;
    worker.on('message', (news: ProjectorNews) => this.#report(news));
    worker.on('error', (error) => this.#log.error({ err: error }, 'the projector died'));
    worker.on('exit', () => {
      if (this.#stopped) return;
      setTimeout(() => !this.#stopped && this.start(), RESTART_MS).unref();
    });
  }

  /** Lets the batch in hand be finished. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const worker = this.#worker;
    if (worker === null) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage('stop');
    const timer = setTimeout(() => void worker.terminate(), STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  #report(news: ProjectorNews): void {
    if (news.news === 'parked') this.#log.error(news, 'a stream could not be folded and was parked');
    else if (news.news === 'failed') this.#log.warn(news, 'a view could not be kept up to date');
    else if (news.news === 'building') this.#log.info(news, 'a view is being built');
    else if (news.news === 'standby') this.#log.info('another process keeps the views');
  }
}
