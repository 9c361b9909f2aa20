/**
 * Windows of rates: counted together with the other processes, and by this one alone while those can't be reached.
 *
 * Alone it goes on from what it was told last, so a window is not begun anew. What it counted meanwhile is taken from
 * the shared windows before they are asked again. Processes that are all alone let pass up to the limit each.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Coordination, RecentlyUsed, StoreUnavailable, type WindowRule, type WindowState } from '#libs/sourcing';
import { Hearing } from './hearing.ts';

type Counting = Pick<Coordination, 'take' | 'peek'>;
type Taken = Awaited<ReturnType<Coordination['take']>>;

/** Others who answered nobody for so long are taken to be away. Only who asks first waits for that. */
const LIMIT_MS = 5_000;

/** Between two looks whether the others can be reached again. */
const AGAIN_MS = 250;

/** Windows whose last shared state is remembered, and those counted alone at most. */
const REMEMBERED = 100_000;
const ALONE_LIMIT = 100_000;

/** How often a window is taken from that others change meanwhile, before it is left for the next look. */
const TRIES = 5;

/** What was told of a shared window. */
interface Seen {
  readonly used: number;
  readonly endsAt: number;
}

/** What was counted alone, and has not been taken from the shared window yet. */
interface Owed {
  readonly rule: WindowRule;
  readonly used: number;
  readonly endsAt: number;
}

export interface WindowsOptions {
  /** The others can't be reached; told once until they are. */
  readonly onAlone?: (error: unknown) => void;
  readonly onTogether?: () => void;
  readonly limitMs?: number;
}

export class Windows implements Counting {
  readonly #shared: Pick<Coordination, 'take' | 'peek' | 'ready'>;
  readonly #options: WindowsOptions;
  readonly #hearing: Hearing;
  readonly #stopping = new AbortController();
  readonly #seen = new RecentlyUsed<Seen>(REMEMBERED);
  readonly #owed = new Map<string, Owed>();
  readonly #paying = new Map<string, Promise<void>>();
  #alone = false;
  /** The look for the others, and the payment of what is owed; null where there is nothing to look for. */
  #looking: Promise<void> | null = null;

  constructor(shared: Pick<Coordination, 'take' | 'peek' | 'ready'>, options: WindowsOptions = {}) {
    this.#shared = shared;
    this.#options = options;
    this.#hearing = new Hearing(options.limitMs ?? LIMIT_MS);
  }

  /** As `Coordination.take`. @throws StoreUnavailable where more windows would be counted alone than are kept. */
  async take(name: string, cost: number, rule: WindowRule, now: number): Promise<Taken> {
    if (this.#alone) return this.#takeAlone(name, cost, rule, now);
    let taking: Promise<Taken> | null = null;
    try {
      if (this.#owed.has(name)) await this.#pay(name);
      taking = this.#shared.take(name, cost, rule, now);
      const taken = await this.#hearing.answered(taking);
      this.#see(name, rule, taken);
      return taken;
    } catch (error) {
      this.#leave(error);
      const taken = this.#takeAlone(name, cost, rule, now);
      // An answer that comes too late tells that it was counted there: then it is not owed as well.
      if (taken.allowed)
        taking?.then(
          (late) => late.allowed && this.#paid(name, cost, late),
          () => undefined,
        );
      return taken;
    }
  }

  async peek(name: string, rule: WindowRule, now: number): Promise<WindowState> {
    if (!this.#alone) {
      try {
        if (this.#owed.has(name)) await this.#pay(name);
        const state = await this.#hearing.answered(this.#shared.peek(name, rule, now));
        this.#see(name, rule, state);
        return state;
      } catch (error) {
        this.#leave(error);
      }
    }
    const { used, endsAt } = this.#known(name, rule, now);
    return { remaining: Math.max(rule.limit - used, 0), resetAt: endsAt };
  }

  /** What is still owed is forgotten with the process. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
  }

  /** What is used of a window, as far as this process knows, and when it ends. */
  #known(name: string, { windowMs }: WindowRule, now: number): Seen {
    const seen = openAt(this.#seen.get(name), now);
    const owed = openAt(this.#owed.get(name), now);
    return {
      used: (seen?.used ?? 0) + (owed?.used ?? 0),
      endsAt: seen?.endsAt ?? owed?.endsAt ?? now + windowMs,
    };
  }

  #takeAlone(name: string, cost: number, rule: WindowRule, now: number): Taken {
    const { used, endsAt } = this.#known(name, rule, now);
    const allowed = used + cost <= rule.limit;
    if (allowed) this.#owe(name, { rule, used: (openAt(this.#owed.get(name), now)?.used ?? 0) + cost, endsAt }, now);
    return { allowed, remaining: Math.max(rule.limit - used - (allowed ? cost : 0), 0), resetAt: endsAt };
  }

  #owe(name: string, owed: Owed, now: number): void {
    if (this.#owed.size >= ALONE_LIMIT && !this.#owed.has(name)) {
      for (const [one, { endsAt }] of this.#owed) if (endsAt <= now) this.#owed.delete(one);
      if (this.#owed.size >= ALONE_LIMIT)
        throw new StoreUnavailable(`more than ${ALONE_LIMIT} windows would be counted by this process alone`);
    }
    this.#owed.set(name, owed);
  }

  #see(name: string, { limit }: WindowRule, { remaining, resetAt }: WindowState): void {
    const used = limit - remaining;
    const seen = this.#seen.get(name);
    // Answers may come in another order than they were made. A window that has not begun is none.
    if (used === 0 || (seen !== undefined && (seen.endsAt > resetAt || (seen.endsAt === resetAt && seen.used > used))))
      return;
    this.#seen.set(name, { used, endsAt: resetAt });
  }

  /** `cost` of what is owed was taken from the shared window. */
  #paid(name: string, cost: number, taken: WindowState): void {
    const owed = this.#owed.get(name);
    if (owed === undefined) return;
    if (owed.used <= cost) this.#owed.delete(name);
    else this.#owed.set(name, { ...owed, used: owed.used - cost });
    this.#see(name, owed.rule, taken);
  }

  /** @throws the error, where it tells of anything but others that can't be reached. */
  #leave(error: unknown): void {
    if (!(error instanceof StoreUnavailable)) throw error;
    this.#alone = true;
    if (this.#looking !== null || this.#stopping.signal.aborted) return;
    this.#options.onAlone?.(error);
    this.#looking = this.#look().finally(() => {
      this.#looking = null;
    });
  }

  async #look(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await sleep(AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.#hearing.answered(this.#shared.ready());
        // From now on whoever takes from a window pays first; those that nobody asks for are paid here.
        this.#alone = false;
        for (const name of this.#owed.keys()) await this.#pay(name);
      } catch {
        this.#alone = true;
      }
      if (!this.#alone) return this.#options.onTogether?.();
    }
  }

  /** Takes what is owed from the shared window; whoever asks meanwhile waits for the same payment. */
  async #pay(name: string): Promise<void> {
    const paying =
      this.#paying.get(name) ??
      this.#payNow(name).finally(() => {
        this.#paying.delete(name);
      });
    this.#paying.set(name, paying);
    return paying;
  }

  /** What is over the limit is let go: the window is used up then. */
  async #payNow(name: string): Promise<void> {
    let first = true;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const now = Date.now();
      const owed = openAt(this.#owed.get(name), now);
      if (owed === null) return void this.#owed.delete(name);
      const { remaining } = await this.#hearing.answered(this.#shared.peek(name, owed.rule, now));
      const cost = Math.min(owed.used, remaining);
      if (cost === 0) return void this.#owed.delete(name);
      // In the name of the moment at which it began here: callers were told when it ends.
      const at = first ? owed.endsAt - owed.rule.windowMs : now;
      const taken = await this.#hearing.answered(this.#shared.take(name, cost, owed.rule, at));
      // An older window that had not ended at that moment has by now: what was taken from it counts for nothing.
      if (taken.allowed && taken.resetAt > now) return this.#paid(name, cost, taken);
      first = false;
    }
  }
}

function openAt<Window extends { readonly endsAt: number }>(window: Window | undefined, now: number): Window | null {
  return window !== undefined && window.endsAt > now ? window : null;
}
