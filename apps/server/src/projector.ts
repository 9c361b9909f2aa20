/** The projector's thread, and what of its news goes to the log. */
import type { Logger } from 'pino';
import type { ProjectorNews, ProjectorSettings } from './projector.thread.ts';
import { RoleThread } from './role-thread.ts';

const STOP_MS = 5_000;

export class Projector {
  readonly #thread: RoleThread<ProjectorNews>;
  readonly #log: Logger;

  constructor(settings: ProjectorSettings, log: Logger) {
    this.#log = log;
    this.#thread = new RoleThread({
      role: 'projector',
      module: new URL('./projector.thread', import.meta.url),
      settings,
      stopMs: STOP_MS,
      log,
      onNews: (news: ProjectorNews) => this.#report(news),
    });
  }

  start(): void {
    this.#thread.start();
  }

  /** Lets the batch in hand be finished. */
  stop(): Promise<void> {
    return this.#thread.stop();
  }

  #report(news: ProjectorNews): void {
    if (news.news === 'parked') this.#log.error(news, 'a stream could not be folded and was parked');
    else if (news.news === 'failed') this.#log.warn(news, 'a view could not be kept up to date');
    else if (news.news === 'building') this.#log.info(news, 'a view is being built');
    else if (news.news === 'standby') this.#log.info('another process keeps the views');
  }
}
