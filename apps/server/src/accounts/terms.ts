/** At what terms orders are carried out, as the settings say. */
import type { Decimal, Mode } from '#libs/account';
import { valuingVenue, type VenueSettings } from '../market/venues.ts';

/** Where the orders of live agents go. */
type LiveBroker = 'none' | 'paper' | 'ccxt';

export interface TradeTerms {
  readonly liveBroker: LiveBroker;
  /** The exchange of `ccxt`, by ccxt's name for it; null with another broker. */
  readonly exchange: string | null;
  /** What a new account begins with, US dollars. */
  readonly balance: Decimal;
  /** Share of each fill's value that is its fee. */
  readonly feeRate: Decimal;
  /** Share of the price that a market order on paper pays more, or gets less. */
  readonly slippage: Decimal;
  /** Prices come from the simulated venue: no exchange is configured. */
  readonly simulatedPrices: boolean;
}

export const PAPER = 'paper';

/** The broker of an agent's orders, as their events name it: `paper`, `ccxt:binance`. Null: there is none. */
export function brokerOf(mode: Mode, { liveBroker, exchange }: TradeTerms): string | null {
  if (mode === 'sandbox' || liveBroker === 'paper') return PAPER;
  return liveBroker === 'none' ? null : `ccxt:${exchange}`;
}

/** What the settings say of it. */
interface TradeSettings {
  readonly LIVE_BROKER: LiveBroker;
  readonly BROKER_EXCHANGE?: string | undefined;
  readonly PAPER_BALANCE: Decimal;
  readonly PAPER_FEE: Decimal;
  readonly PAPER_SLIPPAGE: Decimal;
}

export function tradeTerms(settings: TradeSettings, venues: VenueSettings): TradeTerms {
  return {
    liveBroker: settings.LIVE_BROKER,
    exchange: settings.BROKER_EXCHANGE ?? null,
    balance: settings.PAPER_BALANCE,
    feeRate: settings.PAPER_FEE,
    slippage: settings.PAPER_SLIPPAGE,
    simulatedPrices: valuingVenue(venues) === 'simulated',
  };
}
