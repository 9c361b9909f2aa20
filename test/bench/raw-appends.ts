/**
 * What the client of EventStoreDB does by itself: appends of one event each to streams of their own, so many under way at
 * once: node raw-appends.ts URL CONCURRENCY SECONDS
 */
import { EventStoreDBClient, type JSONType, NO_STREAM } from '@eventstore/db-client';
import { streamNames } from '../../libs/stores/src/eventstoredb/names.ts';
import { partsOfUrl } from '../../libs/stores/src/eventstoredb/url.ts';
import { createBody } from './bodies.ts';
import { createdEvent } from './created-event.ts';

export interface RawAppends {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const WARM_UP_SECONDS = 1;

const [, , url, concurrency, seconds] = process.argv;
const { server, ledger } = partsOfUrl(url!);
const names = streamNames(ledger);
const client = EventStoreDBClient.connectionString(server);
let count = 0;

async function appendOne(): Promise<void> {
  const { signalId, event } = createdEvent(JSON.parse(createBody(count)), ++count);
  const { id, type, data, time, channelId, metadata } = event;
  // Not the stream of a signal: the ledger passes it over.
  await client.appendToStream(
    names.onServer(`bench-${signalId}`),
    { id, type, contentType: 'application/json', data: data as JSONType, metadata: { time, channelId, metadata } },
    { expectedRevision: NO_STREAM },
  );
}

async function measure(length: number): Promise<number[]> {
  const latencies: number[] = [];
  const until = performance.now() + length * 1_000;
  const writer = async (): Promise<void> => {
    for (let begun = performance.now(); begun < until; begun = performance.now()) {
      await appendOne();
      const now = performance.now();
      if (now < until) latencies.push(now - begun);
    }
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, writer));
  return latencies;
}

await measure(WARM_UP_SECONDS);
const latencies = (await measure(Number(seconds))).toSorted((left, right) => left - right);
const at = (share: number): number => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]!;
const raw: RawAppends = { perSecond: latencies.length / Number(seconds), p50: at(0.5), p99: at(0.99) };
process.send!(raw, () => process.exit(0));
