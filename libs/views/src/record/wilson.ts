/** How sure a share of wins is. */
import { type Figure, figure } from '../figures.ts';

/** The 97.5 % point of the normal distribution: two sides of it leave 95 % between them. */
const Z = '1.959963984540054';

/**
 * The 95 % Wilson score interval of `wins` out of `trials` (above 0), as shares from 0 to 1. Source: E. B. Wilson,
 * "Probable inference, the law of succession, and statistical inference", 1927; without continuity correction.
 */
export function wilsonInterval(wins: number, trials: number): readonly [low: Figure, high: Figure] {
  const n = figure(trials);
  const share = figure(wins).div(n);
  const z2 = figure(Z).times(Z);
  const scale = z2.div(n).plus(1);
  const centre = z2.div(n.times(2)).plus(share);
  const spread = share
    .times(figure(1).minus(share))
    .div(n)
    .plus(z2.div(n.times(n).times(4)))
    .sqrt()
    .times(Z);
  return [bounded(centre.minus(spread).div(scale)), bounded(centre.plus(spread).div(scale))];
}

/** A root that does not end may step over a bound by its last place. */
function bounded(share: Figure): Figure {
  return share.lt(0) ? figure(0) : share.gt(1) ? figure(1) : share;
}
