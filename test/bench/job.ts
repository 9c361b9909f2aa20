/** What the bench and its load generator say to each other. */
import type { Headers } from './bodies.ts';

/** One measurement. */
export interface Job {
  readonly job: 'load';
  readonly port: number;
  /**
   * `keyed`: a create with an Idempotency-Key of its own. `update`: a call on signals created before. `lookup`: a path
   * under a dialect that has no route, so that only the key is looked up; `nothing`: one under none.
   */
  readonly kind: 'create' | 'keyed' | 'update' | 'lookup' | 'nothing';
  /** Whether its signals are to be looked for in the log at the end. */
  readonly kept: boolean;
  readonly headers: Headers;
  readonly connections: number;
  /** Excluded from the figures, then measured. */
  readonly rampSeconds: number;
  readonly seconds: number;
  /** With `update`: how many signals are called in turn. */
  readonly signals?: number;
  /** Requests a second at most; as fast as answers come where there is none. */
  readonly rate?: number;
  /** Views file in which each write is waited for. */
  readonly watch?: string;
}

/** Looks for everything that was acknowledged. */
export interface Verify {
  readonly job: 'verify';
  readonly eventsFile: string;
}

export interface Percentiles {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Measured {
  readonly perSecond: number;
  readonly latency: Percentiles;
  /** Right answers, those outside of the measured time too. */
  readonly acknowledged: number;
  readonly errors: number;
  /** Some of them, in words. */
  readonly samples: readonly string[];
  /** Milliseconds from an answer to its event being in the view. */
  readonly visible?: Percentiles & { readonly count: number; readonly unseen: number };
}

export interface Verified {
  readonly creates: number;
  readonly updates: number;
  readonly wrong: readonly string[];
}

export type Reply = { readonly done: Measured | Verified } | { readonly failed: string };
