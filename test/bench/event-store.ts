/**
 * Durable creates with the events in EventStoreDB beside what its client does by itself, in turns: a create is an HTTP
 * request that is answered when its event is acknowledged, and a raw append is one of the client's own.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { credentials } from '../support/client.ts';
import { TestDirectory } from '../support/directory.ts';
import { endStoresOf, openEventsOf, storesOf } from '../support/stores.ts';
import type { Children, LoadGenerator } from './children.ts';
import type { Measured } from './job.ts';
import type { RawAppends } from './raw-appends.ts';

export const APPENDS_AT_ONCE = 64;

const PAGE = 1_000;

export interface EventStoreFigures {
  /** `double`: what the tests have in place of a server, in memory, in the bench's own process. */
  readonly kind: 'double' | 'server';
  readonly rounds: readonly EventStoreRound[];
  readonly wrong: readonly string[];
}

export interface EventStoreRound {
  /** By a process that only answers, as several beside each other do. */
  readonly api: Measured;
  /** By one that keeps the views and follows prices, too. */
  readonly all: Measured;
  readonly raw: RawAppends;
}

export interface EventStoreRun {
  readonly rounds: number;
  readonly seconds: number;
  readonly quick: boolean;
  readonly say: (line: string) => void;
}

export async function measureEventStore(
  folder: string,
  children: Children,
  load: LoadGenerator,
  { rounds, seconds, quick, say }: EventStoreRun,
): Promise<EventStoreFigures> {
  const dataDir = join(folder, 'event-store');
  mkdirSync(dataDir);
  const { environment, double } = await storesOf(dataDir, 'esdb+sqlite');
  const kind = double === null ? 'server' : 'double';
  const figures: EventStoreRound[] = [];
  const wrong: string[] = [];
  try {
    const directory = await TestDirectory.open(dataDir);
    const headers = credentials(await directory.issueKey(await directory.addChannel('bench', true)));
    await directory.close();
    let position = await headOf(dataDir);
    const measure = async (settings: Readonly<Record<string, string>>): Promise<Measured> => {
      // Each ends before the next begins: a projector would read what others append.
      const server = await children.ledger(dataDir, [], { ...environment, ...settings });
      const job = { job: 'load', port: server.port, kind: 'create', kept: false, headers } as const;
      const loaded = { ...job, connections: APPENDS_AT_ONCE, rampSeconds: 0.2 };
      const warm = await load.run({ ...loaded, seconds: quick ? 1 : 3 });
      const measured = await load.run({ ...loaded, seconds });
      await server.stop();
      const found = await createsAfter(dataDir, position);
      position = found.position;
      const acknowledged = warm.acknowledged + measured.acknowledged;
      if (found.creates !== acknowledged)
        wrong.push(`event-store: ${acknowledged} creates were acknowledged, the log has ${found.creates}`);
      for (const { errors, samples } of [warm, measured])
        if (errors > 0) wrong.push(`event-store: ${errors} wrong answers, such as: ${samples.join(' | ')}`);
      return measured;
    };
    const rawArgs = [environment.EVENT_STORE_URL, String(APPENDS_AT_ONCE), String(seconds)];
    for (let round = 1; round <= rounds; round += 1) {
      const api = await measure({ ROLES: 'api' });
      const raw = (await children.script('raw-appends.ts', ...rawArgs)) as RawAppends;
      const all = await measure({});
      figures.push({ api, all, raw });
      const rates = [api, all, raw].map(({ perSecond }) => Math.round(perSecond));
      say(`event-store ${round}/${rounds}: api ${rates[0]}/s, all roles ${rates[1]}/s, raw ${rates[2]}/s`);
    }
    return { kind, rounds: figures, wrong };
  } finally {
    await endStoresOf(dataDir);
  }
}

async function headOf(dataDir: string): Promise<bigint> {
  const events = await openEventsOf(dataDir);
  try {
    return await events.head();
  } finally {
    await events.close();
  }
}

/** Signals that were created after a position, and where the log ends. */
async function createsAfter(dataDir: string, after: bigint): Promise<{ creates: number; position: bigint }> {
  const events = await openEventsOf(dataDir);
  let creates = 0;
  let position = after;
  try {
    for (const head = await events.head(); position < head;) {
      const page = await events.readAll(position, PAGE, 'signal-');
      creates += page.events.filter(({ type }) => type === 'SignalCreated').length;
      position = page.checkpoint;
    }
    return { creates, position };
  } finally {
    await events.close();
  }
}
