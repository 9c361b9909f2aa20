/** The Traderz dialect on several servers over one store: each with its own memory, as separate processes have. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startServer, type TestServer } from '../support/server.ts';
import { createDesks, type Desks, OPEN, send, show, stored } from '../support/traderz.ts';

let world: Desks;
let one: TestServer;
let two: TestServer;
let alpha: string;

beforeAll(async () => {
  world = await createDesks();
  [one, two] = [await startServer(world.dataDir), await startServer(world.dataDir, { ROLES: 'api' })];
  alpha = world.desk.alpha;
});

afterAll(async () => {
  await two.stop();
  await one.stop();
  await world.remove();
});

describe('repeats', () => {
  test('on the other server, afterwards and at once', async () => {
    for (let n = 0; n < 20; n += 1) {
      const body = { ...OPEN, client_signal_id: `later-${n}` };
      const [here, there] = n % 2 === 0 ? [one, two] : [two, one];
      const id = await stored(here, alpha, body);
      expect(await send(there, alpha, body)).toMatchObject({ status: 200, body: { id, deduped: true } });
    }
    for (let n = 0; n < 5; n += 1) {
      const body = { ...OPEN, symbol: `R${n}`, client_signal_id: `at-once-${n}` };
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, at) => send(at % 2 === 0 ? one : two, alpha, body)),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
      expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    }
  });

  test('another body on the other server is told', async () => {
    const id = await stored(one, alpha, { ...OPEN, client_signal_id: 'mismatch' });
    const answer = await send(two, alpha, { ...OPEN, price: 1, client_signal_id: 'mismatch' });
    expect(answer).toMatchObject({ status: 200, body: { id, deduped: true } });
    expect(answer.headers['x-idempotency-mismatch']).toBe('true');
    expect((await show(two, alpha, id)).body.price).toBe(OPEN.price);
  });
});

describe('closes', () => {
  test('find what the other server just stored, and are seen by it', async () => {
    for (let n = 0; n < 20; n += 1) {
      const [here, there] = n % 2 === 0 ? [one, two] : [two, one];
      const opened = await stored(here, alpha, { ...OPEN, symbol: 'X/USDT' });
      const close = await stored(there, alpha, { ...OPEN, symbol: 'X/USDT', side: 'close' });
      const [shownClose, shownOpen] = [await show(here, alpha, close), await show(here, alpha, opened)];
      expect(shownClose.body).toMatchObject({ closes_signal_id: opened, closed_by_signal_id: null });
      expect(shownOpen.body).toMatchObject({ closes_signal_id: null, closed_by_signal_id: close });
    }
  });
});
