/** Random lives of accounts. */
import fc from 'fast-check';
import type { AccountCommand } from '#libs/account';
import { ACCOUNT, marks, open, order, PAPER, place, VENUE } from './account-lives.ts';

type Draft = (now: string) => AccountCommand;

const orders = fc.integer({ min: 1, max: 6 });
const quantities = fc.constantFrom('0.1', '0.333', '0.5', '1', '2.5');
const prices = fc.constantFrom('40000', '49000.5', '50000', '61000', '70000');
const mark = prices.map((price) => marks(price));
const reason = 'because';

const placing: fc.Arbitrary<Draft> = fc
  .record({
    n: orders,
    symbol: fc.constantFrom('BTC', 'BTC', 'ETH'),
    side: fc.constantFrom('buy' as const, 'buy' as const, 'sell' as const),
    price: fc.option(prices),
    quantity: quantities,
    marks: mark,
    terms: fc.constantFrom(PAPER, VENUE),
  })
  .map(({ n, price, ...drawn }) => (now): AccountCommand => {
    const terms = { ...drawn.terms, pair: `${drawn.symbol}/USDT` };
    return place(n, { ...drawn, terms, now, price, orderType: price === null ? 'market' : 'limit' });
  });

const REPORTED = 'sent sent reduced accepted fill fill fill resting cancelled rejected unresolved unresolved'.split(
  ' ',
);

const reporting: fc.Arbitrary<Draft> = fc
  .record({
    n: orders,
    trade: fc.integer({ min: 1, max: 12 }),
    kind: fc.constantFrom(...REPORTED),
    quantity: quantities,
    price: prices,
    fee: fc.constantFrom('0', '0.01', '1.5', '-0.2'),
    feeCurrency: fc.constantFrom('USD', 'USDT', 'BTC', 'BNB'),
  })
  .map(({ n, trade, kind, ...fill }) => (now): AccountCommand => {
    const base = { accountId: ACCOUNT, orderId: order(n), now };
    switch (kind) {
      case 'sent':
        return { ...base, type: 'SendOrder' };
      case 'reduced':
        return { ...base, type: 'SendOrder', quantity: fill.quantity };
      case 'accepted':
        return { ...base, type: 'ReportAccepted', venueOrderId: `v${n}` };
      case 'fill':
        return { ...base, ...fill, type: 'ReportFill', tradeId: `t${trade}`, at: now };
      case 'resting':
        return { ...base, type: 'FillResting', price: fill.price, tradeId: `t${trade}`, at: now };
      case 'cancelled':
        return { ...base, type: 'ReportCancelled', by: 'venue', reason };
      case 'rejected':
        return { ...base, type: 'ReportRejected', code: 'MIN_NOTIONAL', reason };
      default:
        return { ...base, type: 'ReportUnresolved', reason };
    }
  });

const ASKED =
  'cancel modify modify modify close-all judge judge reset reset write-off pause resume resume permit'.split(' ');

const asking: fc.Arbitrary<Draft> = fc
  .record({
    n: orders,
    kind: fc.constantFrom(...ASKED),
    price: prices,
    quantity: quantities,
    marks: mark,
  })
  .map(({ n, kind, price, quantity, marks: known }) => (now): AccountCommand => {
    const base = { accountId: ACCOUNT, now };
    switch (kind) {
      case 'cancel':
        return { ...base, type: 'CancelOrder', orderId: order(n), by: 'agent', reason: null };
      case 'modify':
        return { ...base, type: 'ModifyOrder', orderId: order(n), price, quantity, terms: PAPER, marks: known };
      case 'close-all': {
        const sells = { BTC: { orderId: order(n + 20), terms: PAPER }, ETH: { orderId: order(n + 40), terms: PAPER } };
        return { ...base, type: 'CloseAll', by: 'agent', reason, sells, marks: known };
      }
      case 'judge':
        return { ...base, type: 'JudgeAccount', marks: known };
      case 'reset':
        return { ...base, type: 'ResetBreaker', reason, marks: known };
      case 'write-off':
        return { ...base, type: 'WriteOffHolding', symbol: n % 2 === 0 ? 'BTC' : 'ETH', reason };
      case 'pause':
        return { ...base, type: 'PauseAccount', by: 'operator', reason };
      case 'resume':
        return { ...base, type: 'ResumeAccount', by: 'operator', reason };
      default:
        return { ...base, type: 'ChangePermissions', permissions: ['read:market'] };
    }
  });

const revoking: Draft = (now) => ({ type: 'CloseAccount', accountId: ACCOUNT, now, reason });

/** Commands on one account, near enough to each other that many are accepted: fills late, odd and repeated included. */
export const lives: fc.Arbitrary<readonly AccountCommand[]> = fc
  .record({
    dailyLossLimit: fc.option(fc.constantFrom('500', '20000')),
    drafts: fc.array(
      fc.oneof(
        { weight: 5, arbitrary: placing },
        { weight: 8, arbitrary: reporting },
        { weight: 4, arbitrary: asking },
      ),
      { minLength: 5, maxLength: 80 },
    ),
    end: fc.option(fc.array(reporting, { maxLength: 4 })),
  })
  .map(({ dailyLossLimit, drafts, end }) => [
    open({ dailyLossLimit }),
    // An hour apart: now and then a day begins.
    ...[...drafts, ...(end === null ? [] : [revoking, ...end])].map((draft, n) =>
      draft(new Date(Date.UTC(2026, 3, 1, 12) + n * 3_600_000).toISOString()),
    ),
  ]);
