/** Observations counted by size, as a Prometheus histogram has them. */
import type { Sample } from './series.ts';

export class Buckets {
  readonly #bounds: readonly number[];
  /** How many were within each bound and beyond the one before; the last are beyond all. */
  readonly #counts: Float64Array;
  #sum = 0;

  /** `bounds` in ascending order. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let at = 0;
    while (at < bounds.length && value > bounds[at]!) at += 1;
    this.#counts[at]! += 1;
    this.#sum += value;
  }

  /** As lines of the histogram `name`: each bucket counts those of the smaller ones too. */
  samples(name: string, labels: Readonly<Record<string, string>> = {}): Sample[] {
    const samples: Sample[] = [];
    let count = 0;
    for (const [at, counted] of this.#counts.entries()) {
      count += counted;
      const le = at < this.#bounds.length ? String(this.#bounds[at]) : '+Inf';
      samples.push({ metricName: `${name}_bucket`, labels: { le, ...labels }, value: count });
    }
    samples.push({ metricName: `${name}_sum`, labels, value: this.#sum });
    samples.push({ metricName: `${name}_count`, labels, value: count });
    return samples;
  }
}
