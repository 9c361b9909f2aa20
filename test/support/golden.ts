/** Files of requests and answers: what the specs of all dialects read them as, and how they judge an answer. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { MarketEvent } from '#libs/signal';
import type { Answer } from './client.ts';

/** A request as a file tells it; `As` are the callers that the spec knows. */
export interface GoldenRequest<As extends string> {
  readonly method: string;
  readonly path: string;
  /** Whose key; that of the spec's own caller where nothing is said, `nobody` for none. */
  readonly as?: As | 'nobody';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly raw?: string;
}

/** In place of a request: what the market did to the signal made last. */
export interface GoldenMoves {
  readonly market: readonly MarketEvent[];
}

export function isMoves(step: object): step is GoldenMoves {
  return 'market' in step;
}

export interface GoldenResponse {
  readonly status: number;
  /** A header that is null must be absent. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body: unknown;
}

export interface GoldenCase<Request, Event> {
  readonly name: string;
  readonly before?: readonly (Request | GoldenMoves)[];
  readonly request: Request;
  readonly response: GoldenResponse;
  /** The signal's event afterwards. */
  readonly event?: Event;
}

export interface GoldenFile<Request, Event> {
  readonly file: string;
  readonly source: string;
  readonly before?: readonly Request[];
  readonly cases: readonly GoldenCase<Request, Event>[];
}

/** The files of one dialect, in order of name. */
export function goldenFiles<Request, Event = unknown>(dialect: string): readonly GoldenFile<Request, Event>[] {
  const folder = new URL(`../golden/${dialect}/`, import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map(
      (file) =>
        ({ file, ...(JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as object) }) as GoldenFile<
          Request,
          Event
        >,
    );
}

/** Status, body and the headers named, each to the letter. */
export function expectAnswer(answer: Answer, wanted: GoldenResponse): void {
  expect({ status: answer.status, body: answer.body }).toEqual({ status: wanted.status, body: wanted.body });
  for (const [name, value] of Object.entries(wanted.headers ?? {}))
    expect({ [name]: answer.headers[name] ?? null }).toEqual({ [name]: value });
}

/** The value with matchers in the place of the names that stand for what each run makes anew. */
export function matching<Value>(value: Value, made: Readonly<Record<string, unknown>>): Value {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) =>
    typeof inner === 'string' && inner in made ? made[inner] : inner,
  ) as Value;
}

/** The value with the values of a run in the place of their names, wherever these stand in a text. */
export function filledWith<Value>(value: Value, values: Readonly<Record<string, string>>): Value {
  const names = new RegExp(
    `\\$(${Object.keys(values)
      .map((name) => name.slice(1))
      .join('|')})\\b`,
    'g',
  );
  return JSON.parse(JSON.stringify(value).replaceAll(names, (name) => values[name]!)) as Value;
}
