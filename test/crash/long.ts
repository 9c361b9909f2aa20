/**
 * Many rounds of what crash.spec.ts does in 20: `npm run crash [-- --rounds 200 --seed 7 --servers 2]`.
 * Ctrl-C ends it after the round in hand, with all checks.
 */
import { parseArgs } from 'node:util';
import { runRounds } from './rounds.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    servers: { type: 'string', default: '1' },
  },
});
const rounds = Number(values.rounds);
const stop = new AbortController();
process.on('SIGINT', () => {
  if (stop.signal.aborted) process.exit(130);
  process.stderr.write('\nstopping after this round; Ctrl-C once more stops at once\n');
  stop.abort();
});

console.log(`${rounds} rounds, seed ${values.seed}`);
const startedAt = performance.now();
const report = await runRounds({
  rounds,
  seed: Number(values.seed),
  servers: Number(values.servers),
  longestRound: 1_500,
  compareEvery: 10,
  stop: stop.signal,
  onRound: (round, { events, acknowledged, lost, rescued, documents }) => {
    const seconds = (performance.now() - startedAt) / 1_000;
    const left = Math.round((seconds / round) * (rounds - round));
    console.log(
      `round ${round}/${rounds}: ${events} events, ${acknowledged} acknowledged, ${lost} answers lost, ` +
        `${rescued} rescued by key, ${documents} documents compared, ${left} s left`,
    );
  },
});
console.log({ ...report, seed: Number(values.seed) });
process.exit(report.problems.length === 0 ? 0 : 1);
