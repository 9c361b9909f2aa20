export { SANDBOX_MARKETS } from './sandbox-markets.ts';
export type { Exchange, Market, MarketSource } from './source.ts';
export { createMarketTable, parseMarkets } from './table.ts';
