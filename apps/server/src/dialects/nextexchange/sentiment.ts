/**
 * How the open signals of public channels lean, coin by coin: counted, and nothing else.
 *
 * One count serves all who ask within some seconds, so that asking often costs nothing.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject } from '@nestjs/common';
import type { Mode } from '#libs/account';
import type { ViewStore } from '#libs/sourcing';
import { type SignalDocument, signalsView } from '#libs/views';
import { VIEW_STORE } from '../../signals/tokens.ts';
import { PublicSignals, signalIn } from './public-signals.ts';

const FRESH_MS = 5_000;
const PAGE = 500;

/** Open signals that are looked at, at most: the newest. */
const MOST_SIGNALS = 20_000;

export const METHOD =
  'Open signals of public channels (registered or matched, opening, long or short, crypto) are counted by base asset; ' +
  'balance = (long - short) / (long + short), 0 where there is none. Counted anew every 5 seconds at most.';

export interface Lean {
  readonly symbol: string;
  readonly long: number;
  readonly short: number;
}

export interface Leans {
  readonly bySymbol: ReadonlyMap<string, Lean>;
  /** Signals of sandbox channels are among them. */
  readonly simulated: boolean;
  /** There were more open signals than are looked at. */
  readonly partial: boolean;
}

interface Counted {
  readonly at: number;
  readonly leans: Promise<Leans>;
}

export class Sentiment {
  readonly #views: ViewStore;
  readonly #signals: PublicSignals;
  readonly #counted = new Map<Mode, Counted>();

  constructor(@Inject(VIEW_STORE) views: ViewStore, @Inject(PublicSignals) signals: PublicSignals) {
    this.#views = views;
    this.#signals = signals;
  }

  /** As agents of a mode see it. A count that failed is not kept. */
  leans(mode: Mode): Promise<Leans> {
    const now = Date.now();
    const known = this.#counted.get(mode);
    if (known !== undefined && now - known.at <= FRESH_MS) return known.leans;
    const leans = this.#count(mode);
    this.#counted.set(mode, { at: now, leans });
    leans.catch(() => this.#counted.delete(mode));
    return leans;
  }

  async #count(mode: Mode): Promise<Leans> {
    const channels = new Map(this.#signals.channelsFor({ mode }).map((channel) => [channel.channelId, channel]));
    const bySymbol = new Map<string, Lean>();
    let simulated = false;
    let before: bigint | null = null;
    for (let looked = 0; channels.size > 0 && looked < MOST_SIGNALS; looked += PAGE) {
      const page = await this.#openBefore([...channels.keys()], before);
      for (const { side, direction, instrument, channelId } of page) {
        if (side !== 'open' || instrument.class !== 'crypto' || (direction !== 'long' && direction !== 'short'))
          continue;
        const symbol = (instrument.base ?? instrument.symbol).toUpperCase();
        const lean = bySymbol.get(symbol) ?? { symbol, long: 0, short: 0 };
        bySymbol.set(symbol, { ...lean, [direction]: lean[direction] + 1 });
        if (channels.get(channelId)?.sandbox === true) simulated = true;
      }
      if (page.length < PAGE) return { bySymbol, simulated, partial: false };
      before = BigInt(page.at(-1)!.created);
      // Reading documents is work: other requests come in between.
      await nextTurn();
    }
    return { bySymbol, simulated, partial: channels.size > 0 };
  }

  async #openBefore(channelIds: readonly string[], before: bigint | null): Promise<readonly SignalDocument[]> {
    const found = await this.#views.find(signalsView.name, {
      where: [
        { field: 'channelId', is: 'in', value: channelIds },
        before === null ? { field: 'open', is: 'gte', value: 0n } : { field: 'open', is: 'lt', value: before },
      ],
      orderBy: { field: 'open', direction: 'desc' },
      limit: PAGE,
    });
    return found.map(signalIn);
  }
}

/** From -1, all short, to 1, all long; 0 where there is none. */
export function balanceOf({ long, short }: Lean): number {
  return long + short === 0 ? 0 : (long - short) / (long + short);
}
