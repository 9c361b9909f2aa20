/** The market's thread, what of its news goes to the log, and to those who ask for prices. */
import type { Logger } from 'pino';
import { RoleThread } from '../role-thread.ts';
import type { MarketThreadNews, MarketThreadSettings } from './market.thread.ts';
import type { Prices } from './prices.ts';

const STOP_MS = 10_000;

/** The same trouble is told to the log at most so often. */
const TROUBLE_MS = 60_000;
const MOST_TROUBLES = 1_000;

export class MarketRole {
  readonly #thread: RoleThread<MarketThreadNews>;
  readonly #log: Logger;
  readonly #troubles = new Map<string, number>();

  constructor(
    settings: MarketThreadSettings,
    prices: Prices,
    log: Logger,
    onNews: (news: MarketThreadNews) => void = () => undefined,
  ) {
    this.#log = log;
    this.#thread = new RoleThread({
      role: 'market',
      module: new URL('./market.thread', import.meta.url),
      settings,
      stopMs: STOP_MS,
      log,
      onNews: (news: MarketThreadNews) => {
        prices.note(news);
        onNews(news);
        this.#report(news);
      },
    });
  }

  start(): void {
    this.#thread.start();
  }

  /** Lets the steps in hand become durable. */
  stop(): Promise<void> {
    return this.#thread.stop();
  }

  #report(news: MarketThreadNews): void {
    switch (news.news) {
      case 'trouble':
        if (this.#isNew(`${news.what} ${news.reason}`)) this.#log.warn(news, 'the market has trouble');
        return;
      case 'watching':
        return this.#log.info(news, 'the market watches');
      case 'missed':
        return this.#log.info(news, 'prices that were missed have been judged');
      case 'waiting':
        return this.#log.info(news, 'a market is not settled');
      case 'unknown':
        return this.#log.warn(news, 'no such instrument at its venue: its signals stay as they are');
      case 'standby':
        return this.#log.info('another process follows the prices');
      case 'leading':
        return this.#log.info('this process follows the prices');
      case 'steps':
      case 'price':
      case 'dropped':
        return;
    }
  }

  /** Bounded: the oldest half is forgotten when there are too many. */
  #isNew(trouble: string): boolean {
    const now = Date.now();
    const before = this.#troubles.get(trouble);
    if (before !== undefined && now - before < TROUBLE_MS) return false;
    if (this.#troubles.size >= MOST_TROUBLES)
      for (const old of [...this.#troubles.keys()].slice(0, MOST_TROUBLES / 2)) this.#troubles.delete(old);
    this.#troubles.set(trouble, now);
    return true;
  }
}
