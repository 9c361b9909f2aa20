/** How long requests take, by dialect, method and class of status: few enough to be kept whatever is sent. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Buckets } from './buckets.ts';
import type { Sample } from './series.ts';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const DIALECTS = ['none', 'anny', 'nextprod', 'traderz', 'nextexchange'] as const;
const METHODS = ['other', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const CLASSES = ['other', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** Labels are found by number: none is made, or looked up as text, while a request is answered. */
const DIALECT_NUMBERS: Readonly<Record<string, number>> = numbered(DIALECTS);
const METHOD_NUMBERS: Readonly<Record<string, number>> = numbered(METHODS);

export type RequestDialect = (typeof DIALECTS)[number];

export class RequestMeter {
  /** By the numbers of dialect, method and class; absent until the first of its kind. */
  readonly #buckets: (Buckets | undefined)[] = Array.from({
    length: DIALECTS.length * METHODS.length * CLASSES.length,
  });

  observe(dialect: RequestDialect, method: string, status: number, seconds: number): void {
    const ofClass = status >= 100 && status < 600 ? Math.floor(status / 100) : 0;
    const at =
      ((DIALECT_NUMBERS[dialect] ?? 0) * METHODS.length + (METHOD_NUMBERS[method] ?? 0)) * CLASSES.length + ofClass;
    (this.#buckets[at] ??= new Buckets(SECONDS)).observe(seconds);
  }

  /** As lines of the histogram `name`. */
  samples(name: string): Sample[] {
    return this.#buckets.flatMap((buckets, at) => {
      if (buckets === undefined) return [];
      const pair = Math.floor(at / CLASSES.length);
      return buckets.samples(name, {
        dialect: DIALECTS[Math.floor(pair / METHODS.length)]!,
        method: METHODS[pair % METHODS.length]!,
        status: CLASSES[at % CLASSES.length]!,
      });
    });
  }
}

/** Counts every request that a route, or the answer that there is none, has answered. */
export function measureRequests(app: FastifyInstance, meter: RequestMeter): void {
  app.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, next: () => void) => {
    meter.observe(request.edge?.name ?? 'none', request.method, reply.statusCode, reply.elapsedTime / 1_000);
    next();
  });
}

type Answering = (error: Error, request: FastifyRequest, reply: FastifyReply) => void;

/** Counts those whose path the router can't read: no hook runs on them, and they are nobody's. */
export function measuredAnswering(answer: Answering, meter: RequestMeter): Answering {
  return (error, request, reply) => {
    answer(error, request, reply);
    meter.observe('none', request.method, reply.statusCode, reply.elapsedTime / 1_000);
  };
}

function numbered(names: readonly string[]): Record<string, number> {
  return Object.assign(Object.create(null) as object, Object.fromEntries(names.map((name, at) => [name, at])));
}
