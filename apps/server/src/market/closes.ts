/** Signals that close another: what they name is left at its next price, called off, or left as its provider reports. */
import { type ExistingSignal, isOver, type MarketCommand, type SignalCommand, type SignalState } from '#libs/signal';
import { type Handle, messageOf } from '#libs/sourcing';
import type { Arrivals } from './arrivals.ts';
import type { Desks } from './desks.ts';
import { instant, sourceOf } from './judging.ts';
import { metadataOf } from './recorded.ts';
import type { Route, Routed } from './routes.ts';
import type { States } from './states.ts';
import { surely } from './surely.ts';

const LONGEST_WAIT_MS = 30_000;

export interface ClosesOptions {
  readonly states: States;
  readonly handle: Handle<SignalState, SignalCommand>;
  readonly desks: Desks;
  readonly arrivals: Arrivals;
  readonly routeOf: (signal: Routed) => Route | null;
  readonly signal: AbortSignal;
  readonly onTrouble: (what: string, reason: string) => void;
}

/** A closing signal that is registered. */
export interface Close {
  readonly id: string;
  readonly state: ExistingSignal;
  /** The signal that it closes. */
  readonly opened: string;
  /** When it was received, ms. */
  readonly at: number;
}

export class Closes {
  readonly #options: ClosesOptions;

  constructor(options: ClosesOptions) {
    this.#options = options;
  }

  /** What it names is closed at its next price, or as reported where no venue knows its instrument. */
  async begin(close: Close): Promise<void> {
    const { states, routeOf, desks } = this.#options;
    const state = await states.get(close.opened).catch(() => null);
    if (state === null) return;
    if (isOver(state.status)) return this.#finish(close, state);
    const route = routeOf(state);
    if (route === null) return this.#report(close, state);
    const desk = desks.of(route);
    void desk.run(async () => {
      const { arrivals } = this.#options;
      const current = await states.read(close.opened);
      if (isOver(current.status)) return this.#finish(close, current);
      const { isQuoted } = desk;
      if (current.position !== null) {
        if (!desk.has(close.opened)) await arrivals.takeNow(desk, close.opened, current);
        if (desk.has(close.opened)) await desk.close(close.opened, close.id, close.at);
      } else if (isQuoted) {
        return this.#withdraw(close, current);
      } else {
        // Its end is certain, only not which: no price shall enter it until its venue has said what it knows.
        desk.forget(close.opened);
      }
      if (!isQuoted) void this.#endByVenue(close, route, current.position !== null);
    });
  }

  /** The end of a signal of whose instrument no price was heard of late. `isClosing`: its next price closes it. */
  async #endByVenue(close: Close, route: Route, isClosing: boolean): Promise<void> {
    const { states, desks, signal, onTrouble } = this.#options;
    const venue = {
      signal,
      onTrouble: (reason: string) => onTrouble(close.id, reason),
      longestWaitMs: LONGEST_WAIT_MS,
    };
    try {
      const isListed = await surely(() => desks.isListed(desks.of(route)), venue);
      const state = await surely(() => states.read(close.opened), venue);
      if (isOver(state.status)) return await this.#finish(close, state);
      if (!isListed) await this.#report(close, state);
      else if (state.position === null) await this.#withdraw(close, state);
      else if (!isClosing) await this.begin(close);
    } catch (error) {
      // The next start finds both as they are.
      if (!signal.aborted) onTrouble(close.id, messageOf(error));
    }
  }

  /** A process that was killed between the two has closed what was open, and not carried out what closes it. */
  async #finish(close: Close, state: ExistingSignal): Promise<void> {
    if (state.settled?.closedBySignalId === close.id) await this.carryOut(close.id, state);
  }

  /** Entered and left at the prices that the provider gave, and so marked; without both it stays as it is. */
  async #report({ id, state: { entry }, opened, at }: Close, state: ExistingSignal): Promise<void> {
    const { handle, states } = this.#options;
    const price = entry?.max ?? entry?.min ?? null;
    if (price === null) return;
    const command: MarketCommand = {
      type: 'ReportClose',
      signalId: opened,
      channelId: state.channelId,
      now: instant(Date.now()),
      price,
      closedBySignalId: id,
      at: instant(at),
      evidence: { decidedBy: 'reported', ...sourceOf('provider', id, { kind: 'tick', time: at, price }) },
    };
    const outcome = await handle(command, metadataOf(opened, state.version, Date.now()));
    if (!outcome.done || outcome.state.status === 'none') return;
    states.set(opened, outcome.state);
    await this.carryOut(id, outcome.state);
  }

  /** What was not entered is not closed but called off: nobody shall be entered later into what its provider gave up. */
  async #withdraw({ opened, at }: Close, { channelId, dialect, version }: ExistingSignal): Promise<void> {
    const { handle, states } = this.#options;
    const command = { type: 'CancelSignal', signalId: opened, channelId, dialect, now: instant(at) } as const;
    const outcome = await handle(command, metadataOf(opened, version, at));
    if (outcome.done && outcome.state.status !== 'none') states.set(opened, outcome.state);
  }

  /** The closing signal is matched at what the other one was closed at. */
  async carryOut(closing: string, { channelId, settled }: ExistingSignal): Promise<void> {
    const { handle, states, onTrouble } = this.#options;
    if (settled === null || settled.price === null) return;
    const command: MarketCommand = {
      type: 'CarryOutClose',
      signalId: closing,
      channelId,
      now: instant(Date.now()),
      price: settled.price,
      at: settled.at,
      evidence: settled.evidence,
    };
    try {
      const outcome = await handle(command, metadataOf(closing, 1, Date.now()));
      if (outcome.done && outcome.state.status !== 'none') states.set(closing, outcome.state);
    } catch (error) {
      // The next start finds the closing signal as it is, and what it closes closed.
      onTrouble(closing, messageOf(error));
    }
  }
}
