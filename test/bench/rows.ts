/** The rows that are loads on a server: what is sent where. And those that are loads on the market's index. */
import type { Job } from './job.ts';
import type { RowName } from './options.ts';

export type Target = 'bare' | 'ceiling' | 'ledger';

export interface LoadRow {
  readonly name: RowName;
  readonly title: string;
  readonly target: Target;
  readonly connections: number;
  readonly load: Pick<Job, 'kind' | 'signals'>;
}

const create = { kind: 'create' } as const;

/** Signals that the row `many` calls in turn: fewer than a server remembers the state of. */
const MANY = 2_000;

export const LOAD_ROWS: readonly LoadRow[] = [
  { name: 'bare', title: 'bare Fastify + ajv, no storage', target: 'bare', connections: 64, load: create },
  { name: 'ceiling', title: 'the same + our SQLite writer', target: 'ceiling', connections: 64, load: create },
  { name: 'create', title: 'POST /v2/signal', target: 'ledger', connections: 64, load: create },
  { name: 'create1', title: 'POST /v2/signal', target: 'ledger', connections: 1, load: create },
  { name: 'create16', title: 'POST /v2/signal', target: 'ledger', connections: 16, load: create },
  { name: 'create256', title: 'POST /v2/signal', target: 'ledger', connections: 256, load: create },
  {
    name: 'many',
    title: `PUT updateprice on ${MANY} signals`,
    target: 'ledger',
    connections: 64,
    load: { kind: 'update', signals: MANY },
  },
  {
    name: 'hot',
    title: 'PUT updateprice on one signal',
    target: 'ledger',
    connections: 64,
    load: { kind: 'update', signals: 1 },
  },
  {
    name: 'keyed',
    title: 'POST /v2/signal, Idempotency-Key',
    target: 'ledger',
    connections: 64,
    load: { kind: 'keyed' },
  },
  {
    name: 'nothing',
    title: 'GET of no route, no key asked for',
    target: 'ledger',
    connections: 64,
    load: { kind: 'nothing' },
  },
  {
    name: 'lookup',
    title: 'the same, after one key among 1,000 was found',
    target: 'ledger',
    connections: 64,
    load: { kind: 'lookup' },
  },
];

export interface MarketRow {
  readonly name: RowName;
  readonly title: string;
  /** Open signals, on all instruments together. */
  readonly signals: number;
}

export const MARKET_ROWS: readonly MarketRow[] = [
  { name: 'ticks-1k', title: 'ticks on 100 instruments', signals: 1_000 },
  { name: 'ticks-100k', title: 'ticks on 100 instruments', signals: 100_000 },
  { name: 'ticks-1m', title: 'ticks on 100 instruments', signals: 1_000_000 },
];
