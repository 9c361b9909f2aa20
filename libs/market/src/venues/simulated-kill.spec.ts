/** What becomes of the prices of the simulated venue when its process is killed, at any moment, again and again. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { scratchFile } from '../../../stores/src/testing/scratch.ts';
import { knownAt, type Price } from '../price.ts';
import type { Quoted, Venue } from '../venue.ts';
import { openSimulatedVenue } from './simulated.ts';
import { memoryState, taken, writtenPrices } from './testing/simulated.ts';

const prices = writtenPrices(scratchFile(''));
const NOON = Date.UTC(2026, 3, 4, 12);
const SYMBOLS = new Set(['A/B', 'C/D']);
const signal = new AbortController().signal;

/** From an opening to its end. */
interface Life {
  readonly speed: number;
  /** It ends after so many milliseconds, or so many prices, or in its so-manieth write, whichever comes first. */
  readonly lasts: number;
  readonly tells: number;
  readonly writes: number;
  /** Whether the write that it is killed in came through. */
  readonly written: boolean;
  /** Closed in order where it was not killed earlier. */
  readonly closed: boolean;
  /** How long nothing runs then, milliseconds. */
  readonly down: number;
}

const life: fc.Arbitrary<Life> = fc.record({
  speed: fc.constantFrom(0, 0.5, 1, 1, 1, 2.7, 20),
  lasts: fc.oneof(fc.nat(12_000), fc.nat(1_000)),
  tells: fc.oneof(fc.nat(40), fc.constant(Infinity)),
  writes: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(Infinity)),
  written: fc.boolean(),
  closed: fc.boolean(),
  down: fc.oneof(fc.constant(0), fc.nat(3_000), fc.nat(10_000_000)),
});

/** What was told of an instrument, in order; what is told again, as ticks of one moment are, changes nothing. */
type Had = Map<string, Price>;

class Killed extends Error {}

/** Runs one life as the engine does: history from the last price it has, then the stream. Answers when it ended. */
async function run(start: number, text: { now: string | null }, chosen: Life, had: Map<string, Had>) {
  let time = start;
  let left = chosen.tells;
  let writes = 0;
  const kill = new AbortController();
  const die = (): never => {
    kill.abort(new Killed());
    throw new Killed();
  };
  const state = {
    read: async () => text.now,
    write: async (written: string) => {
      if (kill.signal.aborted) die();
      writes += 1;
      if (writes < chosen.writes || chosen.written) text.now = written;
      if (writes >= chosen.writes) die();
    },
  };
  const sleep = async (milliseconds: number): Promise<void> => {
    time += milliseconds;
    if (time <= start + chosen.lasts) return;
    time = start + chosen.lasts;
    if (chosen.closed && !kill.signal.aborted) await venue.close();
    die();
  };
  const hear = ({ symbol, price }: Quoted): void => {
    if (left <= 0) die();
    left -= 1;
    had.get(symbol)!.set(JSON.stringify(price), price);
  };
  const venue: Venue = await openSimulatedVenue({
    source: prices.folder,
    speed: chosen.speed,
    state,
    now: () => time,
    sleep,
    onBegunAnew: (reason) => {
      throw new Error(reason);
    },
  });
  try {
    for (const [symbol, told] of had) {
      const from = [...told.values()].at(-1)?.time ?? NOON;
      for await (const quoted of venue.history!(symbol, from, time, kill.signal)) hear(quoted);
    }
    // What passes between history and stream is told by the stream.
    time += 700;
    for await (const quoted of venue.stream(() => SYMBOLS, { signal: kill.signal })) hear(quoted);
  } catch (error) {
    if (!kill.signal.aborted) throw error;
  }
  return time;
}

/** All that an opening at `start` would have told by much later, had nothing ended it; and what was told before it. */
async function undisturbed(text: string | null, start: number, speed: number, symbol: string): Promise<Price[]> {
  let time = start;
  const state = memoryState(text);
  const venue = await openSimulatedVenue({ source: prices.folder, speed, state, now: () => time });
  time = start + 30_000;
  return (await taken(venue.history!(symbol, 0, time, signal), Infinity)).map(({ price }) => price);
}

/** The last moment of a remembered simulation: what is known before it has its time for good. */
function certainUntil(text: string | null): number {
  if (text === null) return -Infinity;
  const { segments, upTo } = JSON.parse(text) as { segments: [number, number, number][]; upTo: number };
  const [fileTime, wallTime, speed] = segments.at(-1)!;
  return speed === 0 ? wallTime : wallTime + Math.floor((upTo - fileTime) / speed);
}

function textsOf(all: readonly Price[]): string[] {
  return all.map((price) => JSON.stringify(price));
}

/** What tells the prices of a file apart, in the order of the file. */
const IN_ORDER: ReadonlyMap<string, readonly string[]> = new Map([
  ['A/B', prices.candles.map(({ open }) => open)],
  ['C/D', prices.ticks.map(({ price }) => price)],
]);

const nameOf = (price: Price): string => (price.kind === 'tick' ? price.price : price.open);

describe('a simulation whose process is killed', () => {
  it('tells every price of its files once, in order, at one time: the one it would have had undisturbed', async () => {
    const last: Life = {
      speed: 1,
      lasts: 12_000,
      tells: Infinity,
      writes: Infinity,
      written: true,
      closed: true,
      down: 0,
    };
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 8 }), async (lives) => {
        const had = new Map<string, Had>([...SYMBOLS].map((symbol) => [symbol, new Map()]));
        const text: { now: string | null } = { now: null };
        const certain: { symbol: string; prices: Price[] }[] = [];
        let time = NOON;
        for (const chosen of [...lives, last]) {
          const [before, start] = [text.now, time];
          const ended = await run(start, text, chosen, had);
          for (const [symbol, told] of had) {
            const all = await undisturbed(before, start, chosen.speed, symbol);
            expect([...told.keys()]).toEqual(textsOf(all.slice(0, told.size)));
            const until = certainUntil(text.now);
            certain.push({ symbol, prices: all.filter((price) => knownAt(price) < until) });
          }
          time = ended + chosen.down;
        }
        for (const [symbol, texts] of had) {
          const told = [...texts.values()];
          const files = IN_ORDER.get(symbol)!;
          expect(told.length).toBeGreaterThan(0);
          expect(told.map(nameOf)).toEqual(told.map((_, index) => files[index % files.length]));
          expect(told.filter((price, index) => index > 0 && price.time < knownAt(told[index - 1]!))).toEqual([]);
        }
        for (const { symbol, prices: told } of certain) {
          const texts = [...had.get(symbol)!.keys()];
          expect(texts.slice(0, told.length)).toEqual(textsOf(told.slice(0, texts.length)));
        }
      }),
      { numRuns: 100 },
    );
  });
});
