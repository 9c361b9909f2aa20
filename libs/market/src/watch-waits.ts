/** What a signal waits for on its instrument, as a filter in doubles. */

/** What one signal waits for. Each price is the double nearest to its decimal; times are milliseconds since 1970. */
export interface Waits {
  /** Touched by a price at or below this: the highest of those it waits for. */
  readonly below: number | null;
  /** Touched by a price at or above this: the lowest of those it waits for. */
  readonly above: number | null;
  /** Touched by any price known at or after this moment. */
  readonly until: number | null;
  /** Touched by the very next price: an order that came into force, an exit at the next price. */
  readonly next: boolean;
  readonly trail: Trail | null;
  /** Prices whose time lies before this do not concern it: it, or its last change, came later. */
  readonly from: number;
}

/** A trailing stop, and the best price that it has ridden since it began. */
export interface Trail {
  /** 1: the best is the highest price, touched at or below best − distance. -1: the lowest, at or above best + distance. */
  readonly sign: 1 | -1;
  /** The double nearest to its decimal. */
  readonly distance: number;
  /** As the venue wrote it. */
  readonly best: string;
}

/** @throws RangeError naming the field that is no number. */
export function check({ below, above, until, trail, from }: Waits): void {
  refuseNaN('below', below);
  refuseNaN('above', above);
  refuseNaN('until', until);
  refuseNaN('from', from);
  if (trail === null) return;
  refuseNaN('trail.distance', trail.distance);
  valueOf('trail.best', trail.best);
}

/** It would be neither above nor below anything, and a heap would lose its order over it. */
function refuseNaN(field: string, number: number | null): void {
  if (Number.isNaN(number)) throw new RangeError(`${field}: is not a number`);
}

/**
 * The double nearest to a decimal.
 * @throws RangeError naming the field where the text is none.
 */
export function valueOf(field: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || text === '')
    throw new RangeError(`${field}: ${JSON.stringify(text)} is not a decimal`);
  return value;
}
