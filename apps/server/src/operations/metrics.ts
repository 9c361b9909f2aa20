/** What this process counts and measures, as Prometheus reads it. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Meters } from './meters.ts';
import { seriesOf } from './metric-names.ts';
import { addSeries } from './series.ts';
import type { ViewLag } from './view-lag.ts';

/** Those of the process itself; made once, for their observers last as long as it does. */
let ofProcess: Registry | null = null;

export class Metrics {
  readonly #own = new Registry();
  #telling: Promise<string> | null = null;

  /** `mostInFlight` is the number of commands past which more are refused. */
  constructor(meters: Meters, lag: ViewLag, mostInFlight: number) {
    for (const series of seriesOf(meters, lag, mostInFlight)) addSeries(this.#own, series);
  }

  get contentType(): string {
    return this.#own.contentType;
  }

  /**
   * All of them in Prometheus' text form. Those who ask at once share one answer, so that asking often costs little.
   * The process's own delays and pauses are counted from the first question on.
   */
  text(): Promise<string> {
    this.#telling ??= this.#tell().finally(() => {
      this.#telling = null;
    });
    return this.#telling;
  }

  async #tell(): Promise<string> {
    if (ofProcess === null) {
      ofProcess = new Registry();
      collectDefaultMetrics({ register: ofProcess });
    }
    return `${await this.#own.metrics()}\n${await ofProcess.metrics()}`;
  }
}
