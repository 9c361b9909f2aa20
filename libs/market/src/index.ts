export * from './price.ts';
export { SANDBOX_MARKETS } from './sandbox-markets.ts';
export type { Exchange, Market, MarketSource } from './source.ts';
export { createMarketTable, parseMarkets } from './table.ts';
export * from './venue.ts';
