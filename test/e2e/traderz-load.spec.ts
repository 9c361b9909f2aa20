/** 10,000 posts, 1,000 where a server stands in for MongoDB, with 30 % repeats from 64 connections against two server processes on one store. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ServerProcess, startProcess } from '../support/server.ts';
import { openEventsOf, STAND_IN } from '../support/stores.ts';
import { createDesks, type Desks, OPEN, send } from '../support/traderz.ts';

const POSTS = STAND_IN ? 1_000 : 10_000;
const CONNECTIONS = 64;

let world: Desks;
let servers: readonly ServerProcess[];

beforeAll(async () => {
  world = await createDesks();
  servers = await Promise.all([startProcess(world.dataDir), startProcess(world.dataDir)]);
}, 30_000);

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await world.remove();
}, 30_000);

/** Three in ten name a signal sent before: often one still on its way, through this process or the other. */
function clientIds(): readonly string[] {
  const ids: string[] = [];
  for (let n = 0; n < POSTS; n += 1) {
    const isRepeat = [3, 6, 9].includes(n % 10);
    const back = Math.floor(Math.random() * (n % 20 < 10 ? 20 : n));
    ids.push(isRepeat ? ids[Math.max(0, n - 1 - back)]! : `load-${n}`);
  }
  return ids;
}

test('exactly the distinct ones are stored, and every repeat is answered with its original id', async () => {
  const ids = clientIds();
  const distinct = new Set(ids);
  expect(distinct.size).toBe(POSTS * 0.7);
  const answers = new Map<string, { stored: string[]; repeated: string[] }>();
  let next = 0;
  const connection = async (server: ServerProcess): Promise<void> => {
    for (let at = next++; at < POSTS; at = next++) {
      const clientId = ids[at]!;
      const { status, body, text } = await send(server, world.desk.alpha, { ...OPEN, client_signal_id: clientId });
      const seen = answers.get(clientId) ?? { stored: [], repeated: [] };
      answers.set(clientId, seen);
      if (status === 201 && body.deduped === false) seen.stored.push(body.id);
      else if (status === 200 && body.deduped === true) seen.repeated.push(body.id);
      else throw new Error(`${status} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, n) => connection(servers[n % servers.length]!)));

  for (const { stored, repeated } of answers.values()) {
    expect(stored).toHaveLength(1);
    for (const id of repeated) expect(id).toBe(stored[0]);
  }
  const answered = [...answers].map(([clientId, { stored }]) => `${stored[0]} ${clientId}`).sort();
  expect(await storedSignals()).toEqual(answered);
}, 60_000);

/** Id and client_signal_id of every signal in the log. */
async function storedSignals(): Promise<string[]> {
  const events = await openEventsOf(world.dataDir);
  const found: string[] = [];
  for (let after = 0n; ;) {
    const page = await events.readAll(after, 1_000, 'signal-');
    for (const { stream, data } of page.events)
      found.push(`${stream.slice('signal-'.length)} ${(data as { clientSignalId: string }).clientSignalId}`);
    if (page.checkpoint === after) break;
    after = page.checkpoint;
  }
  await events.close();
  return found.sort();
}
