/**
 * What a tick costs at an instrument with so many resting limit orders, in this process alone: node resting.ts ORDERS SECONDS
 *
 * However many there are, twenty wait near the price, and it swings so that it reaches those and never the rest: the same
 * fills in each row, so that what differs is what the others cost.
 */
import { RestingBook, type RestingOrder } from '../../apps/server/src/accounts/engine/resting-book.ts';

export interface RestingFigures {
  /** A second of CPU. */
  readonly ticksPerSecond: number;
  readonly fillsPerThousand: number;
}

const NEAR = 20;
const LEVEL = 1_000;
const TICKS_AT_ONCE = 20_000;
const WARM_UP_MS = 500;

const [orders, seconds] = process.argv.slice(2).map(Number) as [number, number];
const book = new RestingBook();
let now = 1_750_000_000_000;
for (let place = 0; place < orders; place += 1) book.set(orderAt(place));
measure(WARM_UP_MS);
const { ticks, fills, milliseconds } = measure(seconds * 1_000);
if (book.size !== orders) throw new Error(`${book.size} orders rest instead of ${orders}`);
const figures: RestingFigures = {
  ticksPerSecond: (ticks * 1_000) / milliseconds,
  fillsPerThousand: (fills * 1_000) / ticks,
};
process.send!(figures, () => process.exit(0));

/** Half buy below the price and half sell above it: some within its swing, the others far beyond. */
function orderAt(place: number): RestingOrder {
  const away = place < NEAR ? 5 + (place % 5) : 100 + ((place * 7_919) % 100_000) / 250;
  const side = place % 2 === 0 ? 'buy' : 'sell';
  const limit = side === 'buy' ? LEVEL - away : LEVEL + away;
  return { orderId: String(place), accountId: String(place % 1_000), side, limit: limit.toFixed(4), from: now };
}

/** In milliseconds of CPU, all threads of this process. What is filled rests anew on the other side, as part of the time. */
function measure(least: number): { ticks: number; fills: number; milliseconds: number } {
  let [ticks, fills, milliseconds] = [0, 0, 0];
  while (milliseconds < least) {
    const start = process.cpuUsage();
    for (let tick = 0; tick < TICKS_AT_ONCE; tick += 1) {
      now += 1;
      const price = (LEVEL + 8 * Math.sin(now / 1_000)).toFixed(4);
      for (const { order } of book.touched({ kind: 'tick', time: now, price })) {
        book.delete(order.orderId);
        const side = order.side === 'buy' ? 'sell' : 'buy';
        book.set({ ...order, side, limit: (2 * LEVEL - Number(order.limit)).toFixed(4), from: now + 1 });
        fills += 1;
      }
    }
    const { user, system } = process.cpuUsage(start);
    milliseconds += (user + system) / 1_000;
    ticks += TICKS_AT_ONCE;
  }
  return { ticks, fills, milliseconds };
}
