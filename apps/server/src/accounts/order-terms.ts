/** What an order is carried out at, as the settings and the prices of the moment say. */
import { markOf, type Marks, type Refusal, SIMULATED, type Terms } from '#libs/account';
import { compactId, newId } from '#libs/sourcing';
import type { AccountDocument } from '#libs/views';
import type { Coin, Quotes } from './quotes.ts';
import { PAPER, type TradeTerms } from './terms.ts';
import { ONLY_SIMULATED } from './valued.ts';

/** An order is not sent to a venue later than this after it was received. */
const SEND_WITHIN_MS = 10_000;

/** Share by which a market buy at a venue may cost more than its quote: so much more is kept back for it. */
const MARKET_RESERVE = '0.02';

export interface OrderedAt {
  readonly broker: string;
  readonly marks: Marks;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

export function orderTerms(trade: TradeTerms, { symbol, pair }: Coin, { broker, marks, receivedAt }: OrderedAt): Terms {
  const { feeRate, simulatedPrices } = trade;
  const mark = markOf(marks, symbol);
  const simulated = mark === undefined ? simulatedPrices : mark.source === SIMULATED;
  const shared = { broker, pair, simulated, feeRate };
  if (broker === PAPER) return { ...shared, paper: paperFill(trade, receivedAt), sendBy: null, marketReserve: '0' };
  const sendBy = new Date(receivedAt + SEND_WITHIN_MS).toISOString();
  return { ...shared, paper: null, sendBy, marketReserve: MARKET_RESERVE };
}

export function paperFill({ slippage }: TradeTerms, receivedAt: number): NonNullable<Terms['paper']> {
  return { slippage, tradeId: compactId(newId(receivedAt)) };
}

/** The orders of a close-all, by symbol of what is held; what no coin is named by is left for the account to refuse. */
export type Sells = Readonly<Record<string, { readonly orderId: string; readonly terms: Terms }>>;

/** The orders that sell all that an account holds at the market. */
export function sellsOf(
  account: Pick<AccountDocument, 'holdings'> | null,
  at: OrderedAt,
  { trade, quotes }: { readonly trade: TradeTerms; readonly quotes: Pick<Quotes, 'coin'> },
): { readonly sells: Sells } | { readonly refused: Refusal } {
  const sells: Record<string, Sells[string]> = {};
  for (const { symbol } of account?.holdings ?? []) {
    const coin = quotes.coin(symbol);
    if (coin === null) continue;
    const terms = orderTerms(trade, coin, at);
    if (at.broker !== PAPER && terms.simulated) return { refused: ONLY_SIMULATED };
    sells[symbol] = { orderId: compactId(newId(at.receivedAt)), terms };
  }
  return { sells };
}
