/** Whether a price crosses what a signal waits for, judged in decimals: what an index of many signals must not miss. */
import Big from 'big.js';
import type { CandlePoint, PricePoint } from '../market/price-point.ts';
import type { SignalWaits } from '../market/waits.ts';

export type Wait = 'below' | 'above' | 'until' | 'next' | 'trail';

/** Each of its waits that a price crosses. */
export function crossed(waits: SignalWaits, point: PricePoint): readonly Wait[] {
  const [low, high] = point.kind === 'tick' ? [point.price, point.price] : [point.low, point.high];
  const known = point.kind === 'tick' ? point.at : point.closes;
  const found: Wait[] = [];
  if (waits.below !== null && new Big(low).lte(waits.below)) found.push('below');
  if (waits.above !== null && new Big(high).gte(waits.above)) found.push('above');
  if (waits.until !== null && known >= waits.until) found.push('until');
  if (waits.next) found.push('next');
  if (waits.trail !== null && crossesTrail(waits.trail, point)) found.push('trail');
  return found;
}

type Trail = NonNullable<SignalWaits['trail']>;

/** Within a candle: the open, the end that is worse for the trail, the better one, the close (rules 10 and 14). */
function crossesTrail(trail: Trail, point: PricePoint): boolean {
  let best = new Big(trail.best);
  const hit = (price: string): boolean => best.minus(price).times(trail.sign).gte(trail.distance);
  const rides = (price: string): void => {
    if (new Big(price).minus(best).times(trail.sign).gt(0)) best = new Big(price);
  };
  if (point.kind === 'tick') return hit(point.price);
  const [worse, better] = endsFor(trail, point);
  let reached = hit(point.open);
  rides(point.open);
  reached ||= hit(worse);
  rides(better);
  return reached || hit(point.close);
}

function endsFor({ sign }: Trail, { low, high }: CandlePoint): readonly [worse: string, better: string] {
  return sign > 0 ? [low, high] : [high, low];
}
