/** One measurement: requests over some connections for some time, each answer checked. */
import type { Acknowledged } from './acknowledged.ts';
import { createBody, httpRequest, updateBody } from './bodies.ts';
import { type Answer, Connection, headerOf } from './connection.ts';
import type { Job, Measured, Percentiles } from './job.ts';
import { ViewWatch } from './view-watch.ts';

/** Requests whose bodies differ, made once and sent in turn. */
const VARIANTS = 500;

/** Longest wait for the answers still due when time is up. */
const DRAIN_MS = 15_000;

const SAMPLES = 5;

export async function runLoad(job: Job, acknowledged: Acknowledged): Promise<Measured> {
  const next = requestsOf(job, acknowledged);
  const watch = job.watch === undefined ? null : new ViewWatch(job.watch);
  const latencies: number[] = [];
  const samples: string[] = [];
  const connections = new Set<Connection>();
  const idle: Connection[] = [];
  let answers = 0;
  let errors = 0;
  let underWay = 0;
  let sent = 0;
  const from = performance.now() + job.rampSeconds * 1_000;
  const until = from + job.seconds * 1_000;

  const { promise: drained, resolve: onDrained } = Promise.withResolvers<void>();
  const fault = (what: string): void => {
    errors += 1;
    if (samples.length < SAMPLES) samples.push(what);
  };
  const send = (connection: Connection): void => {
    underWay += 1;
    sent += 1;
    connection.send(next());
  };
  const proceed = (connection: Connection, now: number): void => {
    if (now >= until) {
      if (underWay === 0) onDrained();
    } else if (job.rate === undefined) send(connection);
    else idle.push(connection);
  };
  const answered = (connection: Connection, answer: Answer): void => {
    const now = performance.now();
    underWay -= 1;
    if (now >= from && now < until) latencies.push(now - connection.sentAt);
    const id = successOf(answer);
    if (job.kind === 'lookup' || job.kind === 'nothing') {
      if (answer.status === 404) answers += 1;
      else fault(`${answer.status} ${answer.body.slice(0, 300)}`);
    } else if (id === null) fault(`${answer.status} ${answer.body.slice(0, 300)}`);
    else {
      answers += 1;
      if (job.kept && job.kind === 'update') acknowledged.updates += 1;
      else if (job.kept) acknowledged.created.push(id);
      watch?.written(Number(headerOf(answer.head, 'x-position')), now);
    }
    proceed(connection, now);
  };
  const lost = (connection: Connection, reason: string, asked: boolean): void => {
    connections.delete(connection);
    if (asked) underWay -= 1;
    fault(`a connection was lost: ${reason}`);
    if (performance.now() >= until) {
      if (underWay === 0) onDrained();
    } else setTimeout(open, 50);
  };
  const open = (): void => {
    if (performance.now() >= until) return;
    connections.add(new Connection(job.port, { opened: (one) => proceed(one, performance.now()), answered, lost }));
  };

  for (let count = 0; count < job.connections; count += 1) open();
  const pacer = job.rate === undefined ? null : pace(job.rate, until, idle, () => sent, send);
  // A server that answers nothing more, or has nothing under way when time is up, must not hold the bench.
  const end = setTimeout(() => underWay === 0 && onDrained(), until - performance.now() + 20);
  const late = setTimeout(() => onDrained(), until - performance.now() + DRAIN_MS);
  await drained;
  if (underWay > 0) fault(`${underWay} requests were never answered`);
  clearTimeout(end);
  clearTimeout(late);
  clearInterval(pacer ?? undefined);
  for (const connection of connections) connection.close();
  if (job.kind === 'keyed') await repeatKeys(job, acknowledged, fault);
  const visible = watch === null ? undefined : await watch.finish();
  return {
    perSecond: latencies.length / job.seconds,
    latency: percentiles(latencies),
    acknowledged: answers,
    errors,
    samples,
    ...(visible && {
      visible: { ...percentiles(visible.delays), count: visible.delays.length, unseen: visible.unseen },
    }),
  };
}

/** Sends what is due every millisecond, as far as connections are free. */
function pace(
  rate: number,
  until: number,
  idle: Connection[],
  sent: () => number,
  send: (connection: Connection) => void,
): NodeJS.Timeout {
  const start = performance.now();
  return setInterval(() => {
    const now = performance.now();
    if (now >= until) return;
    const due = ((now - start) / 1_000) * rate;
    while (sent() < due && idle.length > 0) send(idle.pop()!);
  }, 1);
}

function requestsOf(job: Job, acknowledged: Acknowledged): () => string | Buffer {
  if (job.kind === 'update') {
    const ids = acknowledged.created.slice(0, job.signals);
    if (ids.length === 0) throw new Error('there are no signals to call yet');
    return () => {
      const n = acknowledged.sent++;
      const id = ids[n % ids.length]!;
      return httpRequest('PUT', `/v1/signal/${id}/updateprice`, job.headers, updateBody(id, n));
    };
  }
  if (job.kind === 'keyed') {
    const body = Array.from({ length: VARIANTS }, (_, n) => createBody(n));
    return () => {
      const n = acknowledged.sent++;
      return httpRequest(
        'POST',
        '/v2/signal',
        { ...job.headers, 'idempotency-key': `bench-${n}` },
        body[n % VARIANTS]!,
      );
    };
  }
  if (job.kind === 'lookup' || job.kind === 'nothing') {
    const path = job.kind === 'lookup' ? '/v1/signal/no/route' : '/no/route';
    const request = Buffer.from(httpRequest('GET', path, job.headers, ''), 'latin1');
    return () => request;
  }
  const requests = Array.from({ length: VARIANTS }, (_, n) =>
    Buffer.from(httpRequest('POST', '/v2/signal', job.headers, createBody(n)), 'latin1'),
  );
  return () => requests[acknowledged.sent++ % VARIANTS]!;
}

/** Keys that are sent again when a keyed load is over. */
const REPEATS = 20;

/** A key sent again must be answered with the signal of the first time. */
async function repeatKeys(job: Job, { sent, created }: Acknowledged, fault: (what: string) => void): Promise<void> {
  const known = new Set(created);
  for (let n = Math.max(0, sent - REPEATS); n < sent; n += 1) {
    const headers = { ...job.headers, 'content-type': 'application/json', 'idempotency-key': `bench-${n}` };
    const url = `http://127.0.0.1:${job.port}/v2/signal`;
    const answer = await fetch(url, { method: 'POST', headers, body: createBody(n % VARIANTS) });
    const id = successOf({ status: answer.status, head: '', body: await answer.text() });
    if (id === null || !known.has(id)) fault(`the repeated key bench-${n} was answered with another signal`);
  }
}

const HEAD = '{"result":{"type":"OPERATION_PERFORMED"},"payload":{"parent_signal_id":"';
const TAIL = '","result":"success"}}';
const ID = /^[0-9a-f]{32}$/;

/** The id of a well-formed success, or null. */
function successOf({ status, body }: Answer): string | null {
  if (status !== 200) return null;
  const id = body.startsWith(HEAD) && body.endsWith(TAIL) ? body.slice(HEAD.length, -TAIL.length) : idByParsing(body);
  return ID.test(id) ? id : null;
}

/** For an envelope that is right but written otherwise. */
function idByParsing(body: string): string {
  try {
    const { result, payload } = JSON.parse(body) as { result: { type: string }; payload: Record<string, unknown> };
    if (result.type !== 'OPERATION_PERFORMED' || payload['result'] !== 'success') return '';
    return String(payload['parent_signal_id']);
  } catch {
    return '';
  }
}

function percentiles(values: number[]): Percentiles {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
