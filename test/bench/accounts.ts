/** Orders on paper, on one account and on many; and what resting orders cost a tick. Rounds take turns. */
import type { Children } from './children.ts';
import { median } from './median.ts';
import type { OrderFigures } from './orders.ts';
import type { RestingFigures } from './resting.ts';

export interface AccountFigures {
  readonly orders: readonly { readonly accounts: number; readonly rounds: readonly OrderFigures[] }[];
  readonly resting: readonly { readonly orders: number; readonly rounds: readonly RestingFigures[] }[];
}

const ACCOUNTS = [1, 1_000];
const RESTING = [1_000, 1_000_000];

export async function measureAccounts(
  folder: string,
  children: Children,
  { rounds, seconds, say }: { readonly rounds: number; readonly seconds: number; readonly say: (line: string) => void },
): Promise<AccountFigures> {
  const orders = ACCOUNTS.map((accounts) => ({ accounts, rounds: [] as OrderFigures[] }));
  const resting = RESTING.map((count) => ({ orders: count, rounds: [] as RestingFigures[] }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const row of orders) {
      const figures = (await children.script(
        'orders.ts',
        String(row.accounts),
        String(seconds),
        folder,
      )) as OrderFigures;
      row.rounds.push(figures);
      say(`orders ${round}/${rounds} on ${row.accounts} accounts: ${Math.round(figures.perSecond)}/s`);
    }
    for (const row of resting) {
      const figures = (await children.script('resting.ts', String(row.orders), String(seconds))) as RestingFigures;
      row.rounds.push(figures);
      say(`resting ${round}/${rounds}, ${row.orders}: ${Math.round(figures.ticksPerSecond)} ticks/CPU s`);
    }
  }
  return { orders, resting };
}

export function accountLines(figures: AccountFigures | null): string[] {
  if (figures === null) return [];
  return [
    ...figures.orders.map(({ accounts, rounds }) => {
      const middle = (pick: (round: OrderFigures) => number): number => median(rounds.map(pick));
      const latency = `p50 ${middle((round) => round.latency.p50).toFixed(1)} ms, p99 ${middle((round) => round.latency.p99).toFixed(1)} ms`;
      return (
        `paper market orders on ${whole(accounts)} ${accounts === 1 ? 'account' : 'accounts'}: ` +
        `${whole(middle((round) => round.perSecond))}/s, ${latency} (64 under way, three durable events each, without HTTP)`
      );
    }),
    ...figures.resting.map(
      ({ orders, rounds }) =>
        `a tick with ${whole(orders)} resting limit orders: ${whole(nanosOf(rounds))} ns of CPU, ` +
        `${median(rounds.map((round) => round.fillsPerThousand)).toFixed(1)} fills in 1,000 ticks`,
    ),
  ];
}

/** How many times as much a tick costs with the most resting orders as with the fewest. */
export function restingRatio({ resting }: AccountFigures): number {
  return nanosOf(resting.at(-1)!.rounds) / nanosOf(resting[0]!.rounds);
}

function nanosOf(rounds: readonly RestingFigures[]): number {
  return median(rounds.map(({ ticksPerSecond }) => 1e9 / ticksPerSecond));
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
