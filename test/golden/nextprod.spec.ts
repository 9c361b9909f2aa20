/**
 * The NextProd dialect's requests and answers, from its document. Each case stands alone: `before` (the file's, then
 * the case's own) runs first; `$id` is the signal that it made. Each file has a key of its own, and so a limit.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bearer, createNextprodWorld, type NextprodKey, type NextprodWorld } from '../support/nextprod.ts';
import { startServer, type TestServer } from '../support/server.ts';

interface Request {
  readonly method: string;
  readonly path: string;
  /** Whose key; the file's own of the sandbox channel where nothing is said, `nobody` for none. */
  readonly as?: keyof NextprodWorld['keys'] | 'nobody';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly raw?: string;
}

interface Case {
  readonly name: string;
  readonly before?: readonly Request[];
  readonly request: Request;
  /** A header that is null must be absent. */
  readonly response: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string | null>>;
    readonly body: unknown;
  };
  /** The signal's event afterwards. */
  readonly event?: unknown;
}

interface Golden {
  readonly source: string;
  readonly before?: readonly Request[];
  readonly cases: readonly Case[];
}

const FOLDER = new URL('./nextprod/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.json')).sort();

/** What stands for a value that each run makes anew. */
const ANY: Readonly<Record<string, RegExp>> = {
  $new: /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  $time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  $number: /^\d+$/,
  $uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
};

let world: NextprodWorld;
let server: TestServer;
const ownKeys = new Map<string, NextprodKey>();

beforeAll(async () => {
  world = await createNextprodWorld();
  for (const file of FILES) ownKeys.set(file, await world.directory.issueKey(world.channels.sandbox));
  server = await startServer(world.dataDir);
});

afterAll(async () => {
  await server.stop();
  await world.remove();
});

for (const file of FILES) {
  const golden = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Golden;
  describe(`${file} (${golden.source})`, () => {
    test.each(golden.cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
      let id = '';
      for (const step of [...(golden.before ?? []), ...(one.before ?? [])]) {
        const { status, body } = await send(file, step, id);
        expect({ step: step.path, ok: status < 300 }).toEqual({ step: step.path, ok: true });
        id = body.signal_id ?? id;
      }
      const answer = await send(file, one.request, id);
      const wanted = expected(one.response, id);
      expect({ status: answer.status, body: answer.body }).toEqual({ status: wanted.status, body: wanted.body });
      for (const [name, value] of Object.entries(wanted.headers ?? {}))
        expect({ [name]: answer.headers[name] ?? null }).toEqual({ [name]: value });
      if (one.event === undefined) return;
      const history = await server.call('GET', `/v1/signal/${answer.body.signal_id}/history?dialect=nextprod`, {
        key: world.anny,
      });
      const [event] = history.body.payload.events;
      expect(event.data).toEqual(expected(one.event, id));
      expect(event.time).toBe(answer.body.timestamp);
    });
  });
}

function send(file: string, { method, path, as, headers, body, raw }: Request, id: string) {
  const key = as === 'nobody' ? null : as === undefined ? ownKeys.get(file)! : world.keys[as];
  return server.call(method, filled(path, id), {
    ...(body !== undefined && { body: filled(body, id) }),
    ...(raw !== undefined && { raw: filled(raw, id) }),
    headers: { ...(key && bearer(key)), ...filled(headers ?? {}, id) },
  });
}

/** With the values of this run in the place of their names. */
function filled<Value>(value: Value, id: string): Value {
  const values: Record<string, string> = {
    $id: id,
    $compact: id.replaceAll('-', ''),
    $channel: world.channels.sandbox,
    $annyKey: world.anny.key,
    $4001: 'x'.repeat(4_001),
    $64K: 'x'.repeat(65_536),
  };
  const text = JSON.stringify(value).replaceAll(/\$(id|compact|channel|annyKey|4001|64K)\b/g, (name) => values[name]!);
  return JSON.parse(text) as Value;
}

function expected<Value>(value: Value, id: string): Value {
  return JSON.parse(JSON.stringify(filled(value, id)), (_key, inner: unknown) =>
    typeof inner === 'string' && inner in ANY ? expect.stringMatching(ANY[inner]!) : inner,
  ) as Value;
}
