/** A role on a thread of its own: started, started again should it die, and stopped in order. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';

/** A thread that died is started again so much later. */
const RESTART_MS = 1_000;

export interface RoleThreadOptions<News> {
  /** As the log names it. */
  readonly role: string;
  /** Its module, without an extension: run from its sources that of its parent is `.ts`, else `.js`. */
  readonly module: URL;
  /** Crosses to the thread, so plain data. */
  readonly settings: object;
  /** Milliseconds that it may take to end in order; then it is ended anyhow. */
  readonly stopMs: number;
  readonly log: Logger;
  readonly onNews: (news: News) => void;
}

/** The thread gets its settings as `workerData`, posts its news, and ends with the first message that it is sent. */
export class RoleThread<News> {
  readonly #options: RoleThreadOptions<News>;
  #worker: Worker | null = null;
  #stopped = false;

  constructor(options: RoleThreadOptions<News>) {
    this.#options = options;
  }

  start(): void {
    const { role, module, settings, log, onNews } = this.#options;
    const extension = extname(import.meta.url);
    const worker = new Worker(new URL(module.href + extension), {
      workerData: settings,
      // Run from its sources, it takes those of the libraries too.
      execArgv: extension === '.ts' ? ['--conditions=mono-source'] : [],
    });
    this.#worker = worker;
    worker.on('message', onNews);
    worker.on('error', (error) => log.error({ err: error }, `the ${role} died`));
    worker.on('exit', () => {
      this.#worker = null;
      if (this.#stopped) return;
      setTimeout(() => !this.#stopped && this.start(), RESTART_MS).unref();
    });
  }

  /** Lets it finish what it has in hand. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const worker = this.#worker;
    if (worker === null) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage('stop');
    const timer = setTimeout(() => void worker.terminate(), this.#options.stopMs);
    await ended;
    clearTimeout(timer);
  }
}
