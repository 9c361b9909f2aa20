/** What the market role of this process has told of its work. */
import type { MarketThreadNews } from '../market/market.thread.ts';

export class MarketMeter {
  /** Whether this process follows the prices; null where it has not said, or has not the role. */
  leads: boolean | null = null;
  /** Events that prices made; the thread does not tell of those of settlements. */
  steps = 0;
  /** Past prices that were judged late. */
  missed = 0;
  troubles = 0;
  /** By venue: when a price was last heard of, milliseconds since 1970. The venues are those of the settings. */
  readonly heardAt = new Map<string, number>();

  note(news: MarketThreadNews, now: number): void {
    switch (news.news) {
      case 'steps':
        this.steps += news.count;
        return;
      case 'price':
        this.heardAt.set(news.desk.slice(0, news.desk.indexOf(' ')), now);
        return;
      case 'missed':
        this.missed += news.prices;
        return;
      case 'trouble':
        this.troubles += 1;
        return;
      case 'leading':
        this.leads = true;
        return;
      case 'standby':
        this.leads = false;
        return;
      case 'watching':
      case 'waiting':
      case 'unknown':
      case 'dropped':
        return;
    }
  }
}
