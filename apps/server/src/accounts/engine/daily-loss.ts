/**
 * The days of accounts and the losses of each: a UTC day is started with the prices at 00:00, and the breaker trips as
 * soon as a price takes an account to its limit.
 */
import type { AccountEvent, Mark, Marks } from '#libs/account';
import { messageOf, newId } from '#libs/sourcing';
import { dayOf, midnightOf } from '../days.ts';
import { type Exposure, exposureOf, Exposures, type Known, mayHaveLost } from './exposure.ts';
import { tellAccount, type Telling } from './told-account.ts';

/** Days that are started side by side. */
const SIDE_BY_SIDE = 64;

/** A last price older than this values nothing. */
const STALE_MS = 150_000;

/** A price from so long before midnight still is the price at midnight. */
const BEFORE_MIDNIGHT_MS = 600_000;

/** A venue that could not tell a price at midnight is asked for it again after so long. */
const ASK_AGAIN_MS = 5_000;

/** A day waits so long for its prices at midnight, then it starts at those of now: until it starts, nothing trips. */
const WAIT_FOR_MIDNIGHT_MS = 60_000;

export interface DailyLossOptions extends Telling {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /**
   * The price of a holding at a moment, where its venue keeps the past; null where it is not known. Rejects where the
   * venue can't be asked now.
   */
  readonly priceAt: (symbol: string, moment: number) => Promise<Mark | null>;
}

export class DailyLoss {
  readonly exposures = new Exposures();
  readonly #options: DailyLossOptions;
  readonly #now: () => number;
  readonly #marks = new Map<string, Mark>();
  /** Being judged right now: one price after the other would ask for the same. */
  readonly #judging = new Set<string>();
  #today: string;
  /** By symbol: the price at the last midnight, told once; null where it is not known. */
  #atMidnight = new Map<string, Promise<Mark | null | 'unanswered'>>();
  /** By symbol: when the venue could not tell that price, milliseconds since 1970. */
  #unansweredAt = new Map<string, number>();
  /** By account: since when its day waits for such a price, milliseconds since 1970. */
  #waitingSince = new Map<string, number>();
  #starting: Promise<void> | null = null;

  constructor(options: DailyLossOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#today = dayOf(this.#now());
  }

  /**
   * Takes up an account as it is known. One that holds nothing needs no following: its commands judge it. One that is
   * closed is judged no more.
   */
  know(known: Known): void {
    const exposure = exposureOf(known);
    if (exposure.quantities.size === 0 || known.status === 'closed') this.exposures.delete(known.accountId);
    else this.exposures.set(exposure);
  }

  /** Takes in an event; answers false where the account must be made known first. */
  heard(accountId: string, event: AccountEvent, revision: number): boolean {
    const exposure = this.exposures.get(accountId);
    if (exposure === null) return event.type !== 'OrderFilled';
    this.exposures.heard(exposure, event, revision);
    if (exposure.quantities.size === 0 || event.type === 'AccountClosed') this.exposures.delete(accountId);
    return true;
  }

  /** A price of something that is held. Resolves when what it trips is durable. */
  async price(symbol: string, mark: Mark): Promise<void> {
    this.#turnDay();
    const before = this.#marks.get(symbol);
    // One that comes too late tells nothing of now.
    if (before !== undefined && before.at > mark.at) return;
    this.#marks.set(symbol, mark);
    const lost: Exposure[] = [];
    for (const exposure of this.exposures.holders(symbol)) {
      if (mayHaveLost(exposure, this.#markOf)) lost.push(exposure);
    }
    for (let at = 0; at < lost.length; at += SIDE_BY_SIDE) {
      await Promise.all(lost.slice(at, at + SIDE_BY_SIDE).map((exposure) => this.#judge(exposure)));
    }
  }

  /** To be called now and then: starts the day of whoever has not got it, as far as prices are known. */
  turn(): void {
    this.#turnDay();
    this.#starting ??= this.#startDays().finally(() => {
      this.#starting = null;
    });
  }

  /** Resolves when no day is being started. */
  async idle(): Promise<void> {
    await this.#starting;
  }

  /** The last prices before midnight are those at midnight. */
  #turnDay(): void {
    const now = this.#now();
    const today = dayOf(now);
    if (today === this.#today) return;
    const oldest = midnightOf(now) - BEFORE_MIDNIGHT_MS;
    const last = [...this.#marks].filter(([, { at }]) => Date.parse(at) >= oldest);
    this.#atMidnight = new Map(last.map(([symbol, mark]) => [symbol, Promise.resolve(mark)]));
    this.#unansweredAt = new Map();
    this.#waitingSince = new Map();
    this.#today = today;
  }

  async #startDays(): Promise<void> {
    const undated = [...this.exposures.all()].filter(
      ({ day, quantities }) =>
        day?.day !== this.#today && [...quantities.keys()].every((symbol) => this.#markOf(symbol) !== null),
    );
    for (let at = 0; at < undated.length; at += SIDE_BY_SIDE) {
      if (this.#options.signal.aborted) return;
      await Promise.all(undated.slice(at, at + SIDE_BY_SIDE).map((exposure) => this.#judge(exposure)));
    }
  }

  async #judge(exposure: Exposure): Promise<void> {
    const { accountId } = exposure;
    if (this.#judging.has(accountId)) return;
    this.#judging.add(accountId);
    try {
      const now = this.#now();
      const symbols = [...exposure.quantities.keys()];
      const told = exposure.day?.day === this.#today ? null : await this.#midnight(symbols, now);
      if (told === 'unanswered' && this.#mayWait(accountId, now)) return;
      const atMidnight = told === 'unanswered' ? null : told;
      await tellAccount(
        this.#options,
        {
          type: 'JudgeAccount',
          accountId,
          now: new Date(now).toISOString(),
          marks: this.#young(symbols),
          ...(atMidnight !== null && { atMidnight }),
        },
        newId(now),
      );
    } catch (error) {
      if (!this.#options.signal.aborted) this.#options.onTrouble(accountId, String(error));
    } finally {
      this.#judging.delete(accountId);
    }
  }

  /** Whether an account's day still waits for its prices at midnight, from the first time on that they were asked for. */
  #mayWait(accountId: string, askedAt: number): boolean {
    const since = this.#waitingSince.get(accountId) ?? askedAt;
    this.#waitingSince.set(accountId, since);
    return this.#now() - since < WAIT_FOR_MIDNIGHT_MS;
  }

  /** What all that is held cost at 00:00 UTC; null where a price of it is not known. */
  async #midnight(symbols: readonly string[], now: number): Promise<Marks | null | 'unanswered'> {
    const marks: Record<string, Mark> = {};
    for (const symbol of symbols) {
      const mark = await this.#markAtMidnight(symbol, now);
      if (mark === null || mark === 'unanswered') return mark;
      marks[symbol] = mark;
    }
    return marks;
  }

  /** Whoever asks while the venue is being asked waits for the same answer; that it failed is no answer to keep. */
  #markAtMidnight(symbol: string, now: number): Promise<Mark | null | 'unanswered'> | 'unanswered' {
    const told = this.#atMidnight.get(symbol);
    if (told !== undefined) return told;
    if (now - (this.#unansweredAt.get(symbol) ?? -Infinity) < ASK_AGAIN_MS) return 'unanswered';
    // Those of the day that is asked about: it may be over when the venue answers.
    const atMidnight = this.#atMidnight;
    const unansweredAt = this.#unansweredAt;
    const asked = this.#options.priceAt(symbol, midnightOf(now)).catch((error: unknown) => {
      atMidnight.delete(symbol);
      unansweredAt.set(symbol, this.#now());
      const { onTrouble, signal } = this.#options;
      if (!signal.aborted) onTrouble(symbol, `its price at midnight: ${messageOf(error)}`);
      return 'unanswered' as const;
    });
    atMidnight.set(symbol, asked);
    return asked;
  }

  #young(symbols: readonly string[]): Marks {
    const marks: Record<string, Mark> = {};
    for (const symbol of symbols) if (this.#markOf(symbol) !== null) marks[symbol] = this.#marks.get(symbol)!;
    return marks;
  }

  readonly #markOf = (symbol: string): number | null => {
    const mark = this.#marks.get(symbol);
    return mark === undefined || this.#now() - Date.parse(mark.at) > STALE_MS ? null : Number(mark.price);
  };
}
