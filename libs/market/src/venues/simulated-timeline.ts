/** The one clock of a simulation: what may be told by now, remembered before it is told. */
import { begunAt, positionBy, resumedAt, type Segment, type Simulation } from './simulated-segments.ts';
import { readState, writtenState } from './simulated-state.ts';

/** A small text that outlives the process. */
export interface SimulationState {
  read(): Promise<string | null>;
  /** Resolves when the text is kept even if the process is killed. */
  write(text: string): Promise<void>;
}

export interface Timeline {
  readonly segments: readonly Segment[];
  /** Resolves when all that is told by a moment may be told. Rejects where that could not be remembered. */
  reserve(moment: number): Promise<void>;
  /**
   * Remembers that it goes on, for who reads the state elsewhere, up to a little beyond a moment; also where time stands
   * still. Nothing is told by it.
   */
  note(moment: number): Promise<void>;
  /** Remembers how far it came, so that it goes on from just there. */
  stop(now: number): Promise<void>;
}

export interface TimelineOptions {
  readonly state: SimulationState;
  readonly fingerprint: string;
  readonly speed: number;
  readonly now: number;
  /** Told why a simulation that was remembered can't be gone on with. */
  readonly onBegunAnew: (reason: string) => void;
}

/** How far ahead of the wall clock positions are remembered, so that it is done now and then and not for each price. */
const AHEAD_MS = 2_000;

/** So far ahead a clock that is read elsewhere is kept at least: to look after it again, and to write. */
const NOTED_AHEAD_MS = 750;

/** Goes on with the simulation that is remembered, or begins one. Nothing is written before something is to be told. */
export async function openTimeline(options: TimelineOptions): Promise<Timeline> {
  const { state, fingerprint } = options;
  let { simulation, isRemembered } = await simulationFrom(options);
  /** What an opening before may have told. */
  const openedAt = simulation.upTo;
  let writing: Promise<void> | null = null;
  /** The last moment that was told by: the wall clock may be set back, what was told stays told. */
  let toldBy = -Infinity;

  const write = async (upTo: number): Promise<void> => {
    const next = { ...simulation, upTo };
    await state.write(writtenState(fingerprint, next));
    simulation = next;
    isRemembered = true;
  };
  /** One write at a time: an older one must not overtake a newer one. */
  const writeInTurn = async (upTo: number): Promise<void> => {
    writing = write(upTo);
    try {
      await writing;
    } finally {
      writing = null;
    }
  };
  /** Remembers up to well beyond a moment, unless what holds already. */
  const writeUnless = async (holds: () => boolean, moment: number): Promise<void> => {
    while (!holds()) {
      // Who waits for another's write looks again whether it reaches far enough, and is not failed by it.
      if (writing === null) await writeInTurn(positionBy(simulation.segments, moment + AHEAD_MS));
      else await writing.catch(() => undefined);
    }
  };
  const reaches = (moment: number): boolean => positionBy(simulation.segments, moment) <= simulation.upTo;
  return {
    segments: simulation.segments,
    reserve: async (moment) => {
      await writeUnless(() => reaches(moment), moment);
      toldBy = Math.max(toldBy, moment);
    },
    note: (moment) => writeUnless(() => isRemembered && reaches(moment + NOTED_AHEAD_MS), moment),
    stop: async (now) => {
      while (writing !== null) await (writing as Promise<void>).catch(() => undefined);
      const reached = Math.max(openedAt, positionBy(simulation.segments, Math.max(now, toldBy)));
      // Also back from what was reserved ahead: nothing behind `reached` was told.
      if (reached !== simulation.upTo) await writeInTurn(reached);
    },
  };
}

interface Opened {
  readonly simulation: Simulation;
  /** The state says just this. */
  readonly isRemembered: boolean;
}

async function simulationFrom(options: TimelineOptions): Promise<Opened> {
  const { state, fingerprint, speed, now, onBegunAnew } = options;
  const text = await state.read();
  if (text === null) return { simulation: begunAt(now, speed), isRemembered: false };
  const read = readState(text, fingerprint);
  if (!('unfit' in read)) {
    const simulation = resumedAt(read, now, speed);
    return { simulation, isRemembered: simulation === read };
  }
  onBegunAnew(read.unfit);
  return { simulation: begunAt(now, speed), isRemembered: false };
}
