/** What holds for any history of commands, whatever they were. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AccountCommand } from './commands.ts';
import {
  accountDecider,
  type AccountEvent,
  bookFill,
  cashOf,
  compare,
  type ExistingAccount,
  feeOf,
  freeCash,
  freeHolding,
  isOver,
  multiply,
  NO_HOLDING,
  remainingOf,
  REMEMBERED_ORDERS,
  subtract,
  sum,
  upcast,
} from './index.ts';
import { fills, lives, paperLives } from './testing/arbitrary.ts';
import { AT_VENUE, limit, open, orderId, place, send } from './testing/commands.ts';
import { fold, owned, run } from './testing/history.ts';

/** Every state of a life in which there is an account. */
function states(life: readonly AccountCommand[]): readonly ExistingAccount[] {
  return run(life).flatMap(({ after }) => (after.status === 'none' ? [] : [after]));
}

function allEvents(life: readonly AccountCommand[]): readonly AccountEvent[] {
  return run(life).flatMap(({ events }) => events);
}

describe('any history', () => {
  it('mostly is one: commands are taken and refused often enough to mean something', () => {
    const runs = fc.sample(lives, { numRuns: 800, seed: 1 }).map((life) => run(life));
    const events = runs.flatMap((steps) => steps.flatMap((step) => step.events));
    expect(new Set(events.map(({ type }) => type)).size).toBe(19);
    const flags = events.flatMap((event) => (event.type === 'OrderFilled' ? event.data.flags : []));
    expect(new Set(flags)).toEqual(new Set(['after_finish', 'overfill', 'overdrawn', 'fee_in_base', 'fee_elsewhere']));
    const realized = events.filter((event) => event.type === 'OrderFilled' && event.data.realized !== '0');
    expect(realized.length).toBeGreaterThan(100);
    const refused = new Set(runs.flatMap((steps) => steps.map((step) => step.refused)));
    expect(refused.size).toBeGreaterThan(15);
  });

  it('conserves money: cash and what holdings cost are the balance with what was realised, less fees', () => {
    fc.assert(
      fc.property(lives, (life) => {
        for (const account of states(life)) {
          const { balance, realized, fees } = account;
          expect(owned(account)).toBe(subtract(sum(balance, realized), fees));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('conserves money also where it is shuffled and told twice', () => {
    const shuffled = lives.chain(([opening, ...calls]) =>
      fc
        .shuffledSubarray([...calls, ...calls], { minLength: calls.length })
        .map((mixed) => [opening!, ...calls, ...mixed]),
    );
    fc.assert(
      fc.property(shuffled, (life) => {
        const account = states(life).at(-1)!;
        expect(owned(account)).toBe(subtract(sum(account.balance, account.realized), account.fees));
      }),
    );
  });

  it('keeps back what its open orders keep back, and nothing else', () => {
    fc.assert(
      fc.property(lives, (life) => {
        for (const { open: orders, reservedCash, holdings, buying } of states(life)) {
          const ofOrders = [...orders.values()];
          const buys = ofOrders.filter(({ side }) => side === 'buy');
          expect(reservedCash).toBe(sum(...buys.map(({ reserved }) => reserved)));
          for (const symbol of ['BTC', 'ETH']) {
            const sells = ofOrders.filter((order) => order.side === 'sell' && order.symbol === symbol);
            expect(holdings.get(symbol)?.reserved ?? '0').toBe(sum(...sells.map(({ reserved }) => reserved)));
            const ofSymbol = buys.filter((order) => order.symbol === symbol);
            expect(buying.get(symbol) ?? '0').toBe(sum(...ofSymbol.map(remainingOf)));
          }
        }
      }),
    );
  });

  it('keeps orders open or over, and few of those that are over', () => {
    fc.assert(
      fc.property(lives, (life) => {
        for (const { open: orders, over, overIds } of states(life)) {
          expect([...orders.values()].filter(isOver)).toEqual([]);
          expect([...over.values()].every(isOver)).toBe(true);
          expect([...overIds].toSorted()).toEqual([...over.keys()].toSorted());
          expect(over.size).toBeLessThanOrEqual(REMEMBERED_ORDERS);
          expect([...over.values()].every(({ reserved }) => reserved === '0')).toBe(true);
        }
      }),
    );
  });

  it('keeps no holding of nothing', () => {
    fc.assert(
      fc.property(lives, (life) => {
        for (const { holdings } of states(life)) {
          for (const { quantity, cost, reserved } of holdings.values()) {
            if (quantity === '0') expect([cost, reserved === '0']).toEqual(['0', false]);
          }
        }
      }),
    );
  });

  it('folds to the state that was threaded while it happened, also from what was stored', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const events = allEvents(life);
        const stored = JSON.parse(JSON.stringify(events)) as readonly AccountEvent[];
        expect(stored).toStrictEqual(events);
        expect(fold(stored.map(({ type, data }) => upcast(type, 1, data)))).toEqual(run(life).at(-1)!.after);
      }),
    );
  });

  it('adds nothing by a command told twice', () => {
    fc.assert(
      fc.property(lives, (life) => {
        for (const { command, refused, after } of run(life)) {
          if (refused !== null) continue;
          const again = accountDecider.decide(command, after);
          expect('refused' in again ? [] : again.events).toEqual([]);
        }
      }),
    );
  });

  it('is told by its events alone: a portfolio is folded from them without the orders', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const { cash, fees, realized, held } = portfolioOf(allEvents(life));
        const account = states(life).at(-1)!;
        expect({ cash, fees, realized }).toEqual({
          cash: account.cash,
          fees: account.fees,
          realized: account.realized,
        });
        for (const [symbol, { quantity, cost }] of account.holdings) {
          expect(held.get(symbol) ?? NO_HOLDING).toMatchObject({ quantity, cost });
        }
      }),
    );
  });
});

function portfolioOf(events: readonly AccountEvent[]) {
  let [cash, fees, realized] = ['0', '0', '0'];
  const held = new Map<string, typeof NO_HOLDING>();
  for (const { type, data } of events) {
    if (type === 'AccountOpened') cash = data.balance;
    if (type === 'HoldingWrittenOff') {
      realized = sum(realized, data.realized);
      held.delete(data.symbol);
    }
    if (type !== 'OrderFilled') continue;
    cash = sum(cash, cashOf(data));
    fees = sum(fees, feeOf(data));
    realized = sum(realized, data.realized);
    held.set(data.symbol, bookFill(held.get(data.symbol) ?? NO_HOLDING, data));
  }
  return { cash, fees, realized, held };
}

describe('on paper', () => {
  it('free cash and free holdings are never below zero, and nothing is odd about a fill', () => {
    fc.assert(
      fc.property(paperLives, (life) => {
        for (const account of states(life)) {
          expect(compare(freeCash(account), '0')).not.toBe(-1);
          for (const symbol of account.holdings.keys()) {
            expect(compare(freeHolding(account, symbol), '0')).not.toBe(-1);
            expect(compare(account.holdings.get(symbol)!.cost, '0')).not.toBe(-1);
          }
        }
        for (const event of allEvents(life)) if (event.type === 'OrderFilled') expect(event.data.flags).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('a fill is never worse than its limit', () => {
    fc.assert(
      fc.property(paperLives, (life) => {
        for (const { events, after } of run(life)) {
          for (const event of events) {
            if (event.type !== 'OrderFilled' || after.status === 'none') continue;
            const { side, price } = after.over.get(event.data.orderId)!;
            if (price === null) continue;
            expect(compare(event.data.price, price)).not.toBe(side === 'buy' ? 1 : -1);
          }
        }
      }),
    );
  });
});

describe('limits', () => {
  it('no buy is taken that brings the position beyond its cap', () => {
    fc.assert(
      fc.property(lives, (life) => {
        for (const { command, events, before, after } of run(life)) {
          if (command.type !== 'PlaceOrder' || command.side === 'sell' || events.length === 0) continue;
          if (before.status === 'none' || after.status === 'none' || after.maxPositionSize === null) continue;
          const { symbol, marks } = command;
          const position = sum(after.holdings.get(symbol)?.quantity ?? '0', after.buying.get(symbol) ?? '0');
          expect(compare(multiply(position, marks[symbol]!.price), after.maxPositionSize)).not.toBe(1);
        }
      }),
    );
  });

  it('no buy is taken while paused, tripped, or beyond the loss of the day', () => {
    fc.assert(
      fc.property(lives, (life) => {
        for (const { command, events, before, after } of run(life)) {
          if (command.type !== 'PlaceOrder' || command.side === 'sell' || events.length === 0) continue;
          if (before.status === 'none' || after.status === 'none') continue;
          expect(before.paused).toBeNull();
          if (after.dailyLossLimit !== null) expect(after.day).toMatchObject({ tripped: false });
        }
      }),
    );
  });

  it('64 orders decided one after the other never spend the same money twice', () => {
    const order = fc.record({
      quantity: fc.constantFrom('1', '2.5', '0.7', '9'),
      price: fc.option(fc.constantFrom('90', '99.5', '100', '130')),
      atVenue: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(order, { minLength: 64, maxLength: 64 }), (orders) => {
        const placed = orders.map(({ quantity, price, atVenue }, at) => {
          const named = { orderId: orderId(at + 1), quantity, ...(atVenue && { terms: AT_VENUE }) };
          return price === null ? place(named) : limit(price, named);
        });
        const account = states([open({ balance: '1000' }), ...placed]).at(-1)!;
        expect(compare(freeCash(account), '0')).not.toBe(-1);
        expect(compare(owned(account), '1000')).not.toBe(1);
      }),
    );
  });
});

describe('reports of trades', () => {
  const orders = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].flatMap((at) => {
    const named = { orderId: orderId(at), symbol: at % 2 === 0 ? 'ETH' : 'BTC', quantity: '5' };
    return [limit('50', { ...named, terms: { ...AT_VENUE, pair: `${named.symbol}/USDT` } }), send(named)];
  });

  it('come to the same cash, pieces and fees in any order, and however often they are told', () => {
    const told = fc
      .uniqueArray(fills, { selector: ({ orderId: id, tradeId }) => `${id} ${tradeId}`, maxLength: 12 })
      .chain((trades) =>
        fc.tuple(
          fc.constant(trades),
          fc.shuffledSubarray([...trades, ...trades, ...trades], { minLength: trades.length * 3 }),
        ),
      );
    fc.assert(
      fc.property(told, ([once, often]) => {
        const before = [open(), ...orders];
        const sums = (trades: readonly AccountCommand[]) => {
          const { cash, fees, holdings, balance, realized } = states([...before, ...trades]).at(-1)!;
          expect(owned({ cash, holdings } as ExistingAccount)).toBe(subtract(sum(balance, realized), fees));
          return { cash, fees, pieces: holdings.map(({ quantity }) => quantity).filter((held) => held !== '0') };
        };
        expect(sums(often)).toEqual(sums(once));
      }),
    );
  });
});
