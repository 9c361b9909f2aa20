/**
 * Many rounds of what crash.spec.ts does in 20: `npm run crash [-- --rounds 200 --seed 7 --servers 2 --clients 32]`.
 * Ctrl-C ends it after the round in hand, with all checks.
 *
 * On the stores that `TEST_EVENTSTORE_URL` and `TEST_MONGODB_URL` name, where they are given: the servers are killed, the
 * stores stay, and each run has a ledger of its own there. With `--stores` on the production pair, whichever is not given by what stands in for it: the double of
 * EventStoreDB, which ends with this process, and FerretDB, which takes minutes to save some hundred documents again, so
 * rounds and clients are few then unless told otherwise.
 */
import { parseArgs } from 'node:util';
import { buildDocumentServer } from '../support/document-server-build.ts';
import type { Combination } from '../support/stores.ts';
import { runRounds } from './rounds.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    servers: { type: 'string', default: '1' },
    clients: { type: 'string' },
    stores: { type: 'boolean', default: false },
  },
});
const isGiven = (name: string): boolean => (process.env[name] ?? '') !== '';
const [givenEvents, givenViews] = [isGiven('TEST_EVENTSTORE_URL'), isGiven('TEST_MONGODB_URL')];
const events = givenEvents || values.stores ? 'esdb' : 'sqlite';
const views = givenViews || values.stores ? 'mongodb' : 'sqlite';
const standsIn = views === 'mongodb' && !givenViews;
const stores: Combination = `${events}+${views}`;
if (standsIn) {
  const built = await buildDocumentServer();
  if ('missing' in built) {
    console.log(`skipped: views can't be kept in MongoDB here: ${built.missing}`);
    process.exit(0);
  }
}
const rounds = Number(values.rounds ?? (standsIn ? 4 : 200));
const clients = Number(values.clients ?? (standsIn ? 8 : 32));
const stop = new AbortController();
process.on('SIGINT', () => {
  if (stop.signal.aborted) process.exit(130);
  process.stderr.write('\nstopping after this round; Ctrl-C once more stops at once\n');
  stop.abort();
});

const told = [
  events === 'sqlite' ? 'SQLite' : givenEvents ? 'the given EventStoreDB' : 'the double of EventStoreDB',
  views === 'sqlite' ? 'SQLite' : givenViews ? 'the given MongoDB' : 'FerretDB for MongoDB',
];
console.log(`${rounds} rounds, seed ${values.seed}; events in ${told[0]}, views in ${told[1]}`);
const startedAt = performance.now();
const report = await runRounds({
  rounds,
  seed: Number(values.seed),
  servers: Number(values.servers),
  clients,
  agents: standsIn ? 2 : 4,
  stores,
  longestRound: 1_500,
  compareEvery: 10,
  stop: stop.signal,
  onRound: (round, { events, acknowledged, lost, rescued, documents, orders }) => {
    const seconds = (performance.now() - startedAt) / 1_000;
    const left = Math.round((seconds / round) * (rounds - round));
    console.log(
      `round ${round}/${rounds}: ${events} events, ${acknowledged} acknowledged, ${lost} answers lost, ` +
        `${rescued} rescued by key, ${orders.acknowledged} orders, ${documents} documents compared, ${left} s left`,
    );
  },
});
console.log({ ...report, seed: Number(values.seed) });
process.exit(report.problems.length === 0 ? 0 : 1);
