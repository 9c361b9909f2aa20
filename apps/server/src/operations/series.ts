/** Metrics whose values are read when they are asked for: what is counted meanwhile are plain numbers. */
import type { Histogram, Registry } from 'prom-client';

/** One line of a metric. */
export interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Where it differs from that of the metric: the `_bucket`, `_sum` and `_count` of a histogram. */
  readonly metricName?: string;
}

export interface Series {
  readonly name: string;
  /** What it measures, and in which unit. */
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly read: () => readonly Sample[] | Promise<readonly Sample[]>;
}

/**
 * Adds a metric to a registry, which only writes it as text. Its own kinds look a set of labels up at every count: some
 * 1,000 ns where an addition takes 10.
 */
export function addSeries(registry: Registry, { name, help, type, read }: Series): void {
  const metric = { name, help, type, get: async () => ({ name, help, type, values: await read(), aggregator: 'sum' }) };
  // A registry asks no more of a metric than its name and `get`; the types name only prom-client's own.
  registry.registerMetric(metric as unknown as Histogram);
}
