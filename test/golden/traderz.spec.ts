/**
 * The Traderz dialect's requests and answers, from its documents. Each case stands alone: `before` (the file's, then the
 * case's own) runs first; `$id` is the signal that the last of it made, `$first` the one the first of it made.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startServer, type TestServer } from '../support/server.ts';
import { bearer, createDesks, type Desks } from '../support/traderz.ts';

interface Request {
  readonly method?: string;
  readonly path?: string;
  /** Whose key; `alpha` where nothing is said, `nobody` for none. */
  readonly as?: 'second' | 'reader' | 'beta' | 'revoked' | 'suspended' | 'nobody';
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
  /** The first event of the signal afterwards. */
  readonly event?: unknown;
}

interface Golden {
  readonly source: string;
  readonly before?: readonly Request[];
  readonly cases: readonly Case[];
}

const FOLDER = new URL('./traderz/', import.meta.url);

let world: Desks;
let server: TestServer;
let turn = 0;

beforeAll(async () => {
  world = await createDesks();
  server = await startServer(world.dataDir);
});

afterAll(async () => {
  await server.stop();
  await world.remove();
});

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.json')).sort()) {
  const golden = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Golden;
  describe(`${file} (${golden.source})`, () => {
    test.each(golden.cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
      turn += 1;
      const made: string[] = [];
      for (const step of [...(golden.before ?? []), ...(one.before ?? [])]) {
        const { status, body } = await call(step, made);
        expect([200, 201]).toContain(status);
        made.push(body.id);
      }
      const answer = await call(one.request, made);
      const wanted = expected(one.response, made);
      expect({ status: answer.status, body: answer.body }).toEqual({ status: wanted.status, body: wanted.body });
      for (const [name, value] of Object.entries(wanted.headers ?? {}))
        expect({ [name]: answer.headers[name] ?? null }).toEqual({ [name]: value });
      if (one.event === undefined) return;
      const history = await server.call('GET', `/v1/signal/${answer.body.id}/history?dialect=all`, {
        key: world.keys.alpha,
      });
      expect(history.body.payload.events[0].data).toEqual(expected(one.event, made));
    });
  });
}

function call({ method = 'POST', path = '/v1/signals', as, headers, body, raw }: Request, made: string[]) {
  return server.call(method, filled(path, made), {
    headers: { ...(as !== 'nobody' && bearer(world.desk[as ?? 'alpha'])), ...(headers && filled(headers, made)) },
    ...(body !== undefined && { body: filled(body, made) }),
    ...(raw !== undefined && { raw }),
  });
}

/** With the values of this run in the place of their names. `$turn` makes a name the case's own. */
function filled<Value>(value: Value, made: readonly string[]): Value {
  const values: Record<string, string> = {
    $id: made.at(-1) ?? '',
    $first: made[0] ?? '',
    $dashed: (made.at(-1) ?? '').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    $alpha: world.channels.alpha,
    $key: world.desk.alpha,
    $turn: String(turn),
    $long: 'x'.repeat(256),
  };
  const text = JSON.stringify(value).replaceAll(
    /\$(id|first|dashed|alpha|key|turn|long)\b/g,
    (name) => values[name]!,
  );
  return JSON.parse(text) as Value;
}

/** `$new` and `$ms` stand for values that each run makes anew. */
function expected<Value>(value: Value, made: readonly string[]): Value {
  return JSON.parse(JSON.stringify(filled(value, made)), (_key, inner: unknown) =>
    inner === '$new' ? expect.stringMatching(/^[0-9a-f]{32}$/) : inner === '$ms' ? expect.any(Number) : inner,
  ) as Value;
}
