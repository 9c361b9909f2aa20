/**
 * The Anny dialect's requests and answers, from its documents. Each case stands alone: `before` (the file's, then the
 * case's own) runs first; `$id` is the signal that it made.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AnnyKey } from '../support/directory.ts';
import { createWorld, startServer, type TestServer, type World } from '../support/server.ts';

interface Request {
  readonly method: string;
  readonly path: string;
  /** Whose key; `alpha` where nothing is said, `nobody` for none. */
  readonly as?: 'reader' | 'beta' | 'auditor' | 'revoked' | 'nobody';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly raw?: string;
}

interface Case {
  readonly name: string;
  readonly before?: readonly Request[];
  readonly request: Request;
  /** A header that is null must be absent. */
  readonly response: { readonly status: number; readonly headers?: Readonly<Record<string, string | null>>; readonly body: unknown };
  /** The last event of the signal afterwards. */
  readonly event?: { readonly type: string; readonly data: unknown };
}

interface Golden {
  readonly source: string;
  readonly before?: readonly Request[];
  readonly cases: readonly Case[];
}

const FOLDER = new URL('./anny/', import.meta.url);

/** What stands for a value that each run makes anew. */
const ANY: Readonly<Record<string, RegExp>> = {
  $new: /^[0-9a-f]{32}$/,
  $time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  $position: /^\d+$/,
  $cursor: /^\d+$/,
};

let world: World;
let server: TestServer;

beforeAll(async () => {
  world = await createWorld();
  server = await startServer(world.dataDir);
});

afterAll(async () => {
  await server.stop();
  await world.remove();
});

for (const file of readdirSync(FOLDER).sort()) {
  const golden = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Golden;
  describe(`${file} (${golden.source})`, () => {
    test.each(golden.cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
      let id = '';
      for (const step of [...(golden.before ?? []), ...(one.before ?? [])]) {
        const { status, body } = await send(step, id);
        expect({ step: step.path, status }).toEqual({ step: step.path, status: 200 });
        id = body.payload.parent_signal_id ?? id;
      }
      const answer = await send(one.request, id);
      const wanted = expected(one.response, id);
      expect({ status: answer.status, body: answer.body }).toEqual({ status: wanted.status, body: wanted.body });
      for (const [name, value] of Object.entries(wanted.headers ?? {}))
        expect({ [name]: answer.headers[name] ?? null }).toEqual({ [name]: value });
      if (one.event === undefined) return;
      const signalId = answer.body.payload.parent_signal_id ?? id;
      const history = await send({ method: 'GET', path: `/v1/signal/${signalId}/history` }, id);
      const { type, data } = history.body.payload.events.at(-1);
      expect({ type, data }).toEqual(expected(one.event, signalId));
    });
  });
}

function send({ method, path, as, headers, body, raw }: Request, id: string) {
  const key: AnnyKey | null = as === 'nobody' ? null : world.keys[as ?? 'alpha'];
  return server.call(method, filled(path, id), {
    key,
    ...(body !== undefined && { body: filled(body, id) }),
    ...(raw !== undefined && { raw }),
    ...(headers && { headers: filled(headers, id) }),
  });
}

/** With the values of this run in the place of their names. */
function filled<Value>(value: Value, id: string): Value {
  const { alpha, beta } = world.keys;
  const dashed = id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const values: Record<string, string> = {
    $id: id,
    $dashed: dashed,
    $alpha: world.channels.alpha,
    $key: alpha.key,
    $secret: alpha.secret,
    $betaSecret: beta.secret,
    $1001: 'x'.repeat(1001),
  };
  const text = JSON.stringify(value).replaceAll(/\$(id|dashed|alpha|key|secret|betaSecret|1001)\b/g, (name) => values[name]!);
  return JSON.parse(text) as Value;
}

function expected<Value>(value: Value, id: string): Value {
  return JSON.parse(JSON.stringify(filled(value, id)), (_key, inner: unknown) =>
    typeof inner === 'string' && inner in ANY ? expect.stringMatching(ANY[inner]!) : inner,
  ) as Value;
}
