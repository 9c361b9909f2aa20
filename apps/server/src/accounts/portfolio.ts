/** What an account is worth at the last prices. Pure. */
import Big from 'big.js';
import type { Decimal, Marks, SignedDecimal } from '#libs/account';
import type { AccountDocument, HoldingView } from '#libs/views';

/** Pieces of one coin. Money is US dollars. Null: there is no price of it to go by. */
interface PositionValue {
  readonly symbol: string;
  readonly quantity: SignedDecimal;
  /** What open sells do not keep back. */
  readonly free: SignedDecimal;
  /** `0` where no pieces are left. */
  readonly averageCost: SignedDecimal;
  readonly price: Decimal | null;
  readonly value: SignedDecimal | null;
  readonly unrealizedPnl: SignedDecimal | null;
}

export interface Portfolio {
  /** Cash and positions; a position without a price counts at what it cost. */
  readonly totalValue: SignedDecimal;
  readonly cash: SignedDecimal;
  /** What open buys do not keep back. */
  readonly freeCash: SignedDecimal;
  readonly positions: readonly PositionValue[];
  /** Without fees. */
  readonly realizedPnl: SignedDecimal;
  readonly fees: SignedDecimal;
}

/** Divides to 18 places, half to even. A constructor of its own: the settings of the shared one belong to nobody. */
const Average = Big();
Average.DP = 18;
Average.RM = Average.roundHalfEven;

export function portfolioOf(account: AccountDocument, marks: Marks): Portfolio {
  const { cash, reservedCash, holdings } = account;
  const positions = holdings.map((holding) => positionOf(holding, marks[holding.symbol]?.price ?? null));
  const total = positions.reduce((sum, { value }, at) => sum.plus(value ?? holdings[at]!.cost), new Big(cash));
  return {
    totalValue: total.toFixed(),
    cash,
    freeCash: new Big(cash).minus(reservedCash).toFixed(),
    positions,
    realizedPnl: account.realized,
    fees: account.fees,
  };
}

function positionOf({ symbol, quantity, cost, reserved }: HoldingView, price: Decimal | null): PositionValue {
  const pieces = new Big(quantity);
  const value = price === null ? null : pieces.times(price);
  // None is left where a venue sold more than it was asked to, while another open sell still keeps some back.
  const average = pieces.eq(0) ? new Big(0) : new Average(cost).div(pieces);
  return {
    symbol,
    quantity,
    free: pieces.minus(reserved).toFixed(),
    averageCost: average.toFixed(),
    price,
    value: value?.toFixed() ?? null,
    unrealizedPnl: value?.minus(cost).toFixed() ?? null,
  };
}
