/** Random commands, near enough to each other that many are accepted and many are not. */
import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { AccountCommand, OpenAccount, PlaceOrder, ReportFill, Terms } from '../commands.ts';
import type { Marks, OrderSide } from '../values.ts';
import {
  ACCOUNT_ID,
  approve,
  AT_VENUE,
  cancel,
  close,
  closeAll,
  fillResting,
  judge,
  limit,
  marks,
  modify,
  NOW,
  onPaper,
  open,
  orderId,
  pause,
  place,
  reportAccepted,
  reportCancelled,
  reportFill,
  reportRejected,
  reportUnresolved,
  resetBreaker,
  resume,
  send,
  writeOff,
} from './commands.ts';

/** Orders that a life speaks of: those placed first, so that most of what is said of them finds one. */
const ORDERS = 5;

const symbols = fc.constantFrom('BTC', 'ETH');
const sides: Arbitrary<OrderSide> = fc.constantFrom('buy', 'sell');
const ids = fc.integer({ min: 1, max: ORDERS }).map(orderId);
const trades = fc.integer({ min: 1, max: 30 }).map((place) => `trade-${place}`);
/** Odd ones, so that quotients have to be rounded. */
const quantities = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom('1', '3', '7', '0.1', '0.333333333333333333', '1.70', '0.00000001', '13') },
  { weight: 1, arbitrary: fc.constant('0') },
);
const prices = fc.constantFrom('80', '90', '95.5', '99.99', '100', '100.01', '110', '123.456789', '7');
const moments = fc.constantFrom(
  '2026-11-21T10:00:00.000Z',
  '2026-11-21T10:00:11.000Z',
  '2026-11-21T23:59:59.999Z',
  '2026-11-22T00:00:00.000Z',
  '2026-11-23T12:00:00.000Z',
);

const quotes: Arbitrary<Marks> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ BTC: prices, ETH: prices }).map(marks) },
  { weight: 1, arbitrary: fc.record({ ETH: prices }).map(marks) },
  { weight: 1, arbitrary: fc.constant(marks({})) },
);

const asked = fc.record({ now: moments, marks: quotes });

function paperTerms(symbol: string): Arbitrary<Terms> {
  return fc
    .tuple(trades, fc.constantFrom('0', '0.0005', '0.01'), fc.constantFrom('0', '0.001', '0.0033'))
    .map(([tradeId, slippage, feeRate]) =>
      onPaper(tradeId, { pair: `${symbol}/USDT`, feeRate, paper: { slippage, tradeId } }),
    );
}

function venueTerms(symbol: string): Arbitrary<Terms> {
  return fc.constantFrom('0', '0.02').map((marketReserve) => ({ ...AT_VENUE, pair: `${symbol}/USDT`, marketReserve }));
}

type TermsOf = (symbol: string) => Arbitrary<Terms>;

function orders(termsOf: TermsOf): Arbitrary<PlaceOrder> {
  return symbols.chain((symbol) =>
    fc
      .record({
        asked,
        orderId: ids,
        side: fc.oneof({ weight: 3, arbitrary: fc.constant<OrderSide>('buy') }, { weight: 2, arbitrary: sides }),
        quantity: quantities,
        price: fc.option(prices),
        terms: termsOf(symbol),
      })
      .map(({ asked: { now, marks: known }, price, ...named }) =>
        price === null
          ? place({ symbol, now, marks: known, ...named })
          : limit(price, { symbol, now, marks: known, ...named }),
      ),
  );
}

/** Ids of the orders that sell everything. */
const sellIds = fc.integer({ min: 100, max: 140 }).map(orderId);

/** Everything out. */
function ways(termsOf: TermsOf): Arbitrary<AccountCommand> {
  return fc
    .record({ asked, btc: sellIds, eth: sellIds, btcTerms: termsOf('BTC'), ethTerms: termsOf('ETH') })
    .map(({ asked: now, btc, eth, btcTerms, ethTerms }) =>
      closeAll({
        ...now,
        sells: { BTC: { orderId: btc, terms: btcTerms }, ETH: { orderId: eth, terms: ethTerms } },
      }),
    );
}

const changes: Arbitrary<AccountCommand> = fc
  .record({
    asked,
    orderId: ids,
    price: fc.option(prices),
    quantity: fc.option(quantities),
    tradeId: trades,
  })
  .map(({ asked: now, orderId: id, price, quantity, tradeId }) =>
    modify({
      ...now,
      orderId: id,
      ...(price !== null && { price }),
      ...(quantity !== null && { quantity }),
      terms: { paper: { slippage: '0', tradeId } },
    }),
  );

const ofTheAccount: Arbitrary<AccountCommand> = fc.oneof(
  asked.map((named) => judge(named)),
  asked.map((named) => resetBreaker(named)),
  fc.constantFrom<AccountCommand>(
    pause(),
    pause({ by: 'operator' }),
    resume(),
    resume({ by: 'operator' }),
    resume({ by: 'operator' }),
    approve(),
    { type: 'ChangePermissions', accountId: ACCOUNT_ID, now: NOW, permissions: ['read:market'] },
  ),
);

/** Trades of the venue, with fees of every kind. */
export const fills: Arbitrary<ReportFill> = fc
  .record({
    orderId: ids,
    tradeId: trades,
    quantity: quantities,
    price: prices,
    fee: fc.constantFrom('0', '0', '0.01', '0.333333333333333333', '-0.02', '5'),
    feeCurrency: fc.constantFrom('USD', 'USD', 'BTC', 'ETH', 'BNB', 'USDT'),
  })
  .map((named) => reportFill(named));

const reports: Arbitrary<AccountCommand> = fc.oneof(
  fills,
  fc.tuple(ids, quantities).map(([id, quantity]) => send({ orderId: id, quantity })),
  ids.chain((id) =>
    fc.constantFrom<AccountCommand>(
      send({ orderId: id }),
      send({ orderId: id }),
      reportAccepted({ orderId: id }),
      reportCancelled({ orderId: id }),
      reportRejected({ orderId: id }),
      reportUnresolved({ orderId: id }),
      reportUnresolved({ orderId: id }),
    ),
  ),
);

const touches: Arbitrary<AccountCommand> = fc
  .tuple(ids, prices, trades)
  .map(([id, price, tradeId]) => fillResting(price, { orderId: id, tradeId }));

const writeOffs: Arbitrary<AccountCommand> = symbols.map((symbol) => writeOff({ symbol }));

const cancels: Arbitrary<AccountCommand> = ids.map((id) => cancel({ orderId: id }));

const openings: Arbitrary<OpenAccount> = fc
  .record({
    balance: fc.constantFrom('1000', '2000.5', '100000'),
    dailyLossLimit: fc.constantFrom(null, null, '20', '200'),
    maxPositionSize: fc.constantFrom(null, null, null, '500', '1500'),
  })
  .map((named) => open(named));

const liveOpenings = openings.map((opening) =>
  open({
    ...opening,
    mode: 'live',
    dailyLossLimit: opening.dailyLossLimit ?? '7',
    maxPositionSize: opening.maxPositionSize ?? '500',
  }),
);

/** Orders get the next id each, but for a few, which take one that may be taken. */
function numbered(calls: readonly AccountCommand[]): readonly AccountCommand[] {
  let next = 0;
  return calls.map((call) => {
    if (call.type !== 'PlaceOrder' || call.quantity === '13') return call;
    next += 1;
    return { ...call, orderId: orderId(next) };
  });
}

function life(termsOf: TermsOf, ...others: readonly Arbitrary<AccountCommand>[]): Arbitrary<readonly AccountCommand[]> {
  const call = fc.oneof(
    { weight: 12, arbitrary: orders(termsOf) },
    { weight: 3, arbitrary: changes },
    { weight: 3, arbitrary: cancels },
    { weight: 5, arbitrary: touches },
    { weight: 1, arbitrary: ways(termsOf) },
    { weight: 2, arbitrary: ofTheAccount },
    { weight: 1, arbitrary: writeOffs },
    ...others.map((arbitrary) => ({ weight: 8, arbitrary })),
  );
  const end = fc.constant(close());
  const later = fc
    .tuple(
      fc.array(orders(termsOf), { minLength: 3, maxLength: 6, size: 'max' }),
      fc.array(fc.oneof({ weight: 300, arbitrary: call }, { weight: 1, arbitrary: end }), {
        maxLength: 40,
        size: 'max',
      }),
    )
    .map(([first, calls]) => numbered([...first, ...calls]));
  return fc.oneof(
    { weight: 5, arbitrary: fc.tuple(openings, later).map(([opening, calls]) => [opening, ...calls]) },
    {
      weight: 1,
      arbitrary: fc.tuple(liveOpenings, later).map(([opening, calls]) => [opening, approve(), ...calls]),
    },
  );
}

/** An account that trades on paper alone. */
export const paperLives = life(paperTerms);

/** One whose orders go to a venue or stay on paper, or to either in turn; reports come as they like, late, repeated, in any order. */
export const lives = fc.oneof(
  { weight: 1, arbitrary: life(paperTerms, reports) },
  { weight: 4, arbitrary: life(venueTerms, reports) },
  { weight: 1, arbitrary: life((symbol) => fc.oneof(paperTerms(symbol), venueTerms(symbol)), reports) },
);
