/** Invented prices never value, or trade, what rests on real ones, nor the other way round. */
import { describe, expect, it } from '@jest/globals';
import { given } from '../../sourcing/src/testing/given.ts';
import { accountDecider, type Marks, type Terms } from './index.ts';
import {
  closeAll,
  judge,
  limit,
  marks,
  modify,
  onPaper,
  open,
  orderId,
  place,
  resetBreaker,
  writeOff,
} from './testing/commands.ts';
import { accountAfter, history } from './testing/history.ts';

const real = marks;
const invented = (prices: Readonly<Record<string, string>>): Marks =>
  Object.fromEntries(Object.entries(marks(prices)).map(([symbol, mark]) => [symbol, { ...mark, source: 'simulated' }]));
const INVENTED: Terms = { ...onPaper('t2'), simulated: true };

describe.each([
  ['real', 'simulated', {}, {}, INVENTED, real, invented],
  [
    'simulated',
    'real',
    { terms: INVENTED, marks: invented({ BTC: '100' }) },
    { terms: INVENTED },
    onPaper('t2'),
    invented,
    real,
  ],
] as const)('what was bought on %s prices', (own, asked, first, resting, otherTerms, ownMarks, otherMarks) => {
  const held = [open({ dailyLossLimit: '50' }), place(first)] as const;
  const refusal = {
    code: 'other_prices',
    message: `What this account has rests on ${own} prices: nothing of it is traded on ${asked} ones.`,
  };

  it('is not sold on the others, nor is more bought, nor all of it closed', () => {
    const other = { orderId: orderId(2), terms: otherTerms, marks: otherMarks({ BTC: '200' }) };
    for (const order of [place({ ...other, side: 'sell' }), place(other), limit('90', other)])
      given(accountDecider, history(...held))
        .when(order)
        .thenRefused(refusal);
    const sells = { BTC: { orderId: orderId(2), terms: otherTerms } };
    const known = ownMarks({ BTC: '100' });
    given(accountDecider, history(...held))
      .when(closeAll({ sells, marks: known }))
      .thenRefused(refusal);
    given(accountDecider, history(...held))
      .when(closeAll({ sells, marks: other.marks }))
      .thenRefused({ code: 'quote_unavailable' });
  });

  it('is not judged by the others', () => {
    given(accountDecider, history(...held))
      .when(judge({ marks: otherMarks({ BTC: '1' }) }))
      .then();
    const atMidnight = otherMarks({ BTC: '500' });
    const now = '2026-11-22T10:00:00.000Z';
    const judged = accountAfter(...held, judge({ now, atMidnight, marks: ownMarks({ BTC: '100' }) }));
    expect(judged.day).toMatchObject({ day: '2026-11-22', baseline: '99999.9', tripped: false });
    const tripped = [...held, judge({ marks: ownMarks({ BTC: '10' }) })] as const;
    given(accountDecider, history(...tripped))
      .when(resetBreaker({ marks: otherMarks({ BTC: '500' }) }))
      .thenRefused({ code: 'quote_unavailable' });
  });

  it('keeps an order that rests from filling on the others when it is changed', () => {
    const rests = [open(), limit('90', { ...first, ...resting, marks: ownMarks({ BTC: '100' }) })] as const;
    const changed = accountAfter(...rests, modify({ price: '95', marks: otherMarks({ BTC: '80' }) }));
    expect(changed.open.get(orderId(1))).toMatchObject({ status: 'open', price: '95' });
  });

  it('is no hindrance once nothing of it is left', () => {
    const other = place({ orderId: orderId(2), terms: otherTerms, marks: otherMarks({ BTC: '200' }) });
    expect(accountAfter(open(), place(first), writeOff(), other)).toMatchObject({ simulated: asked === 'simulated' });
  });
});
