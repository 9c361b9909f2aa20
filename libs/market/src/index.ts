/** Markets and their prices: the pure core, and the venues at its edge. */
export * from './price.ts';
export { SANDBOX_MARKETS } from './sandbox-markets.ts';
export { mergeSeries, type Hole } from './series/merge.ts';
export { seriesNameOf } from './series/name.ts';
export { readSeries, seriesFilesIn } from './series/read.ts';
export type { Series } from './series/series.ts';
export type { Exchange, Market, MarketSource } from './source.ts';
export { createMarketTable, parseMarkets } from './table.ts';
export * from './venue.ts';
export { checkCcxtExchange, createCcxtVenue } from './venues/ccxt.ts';
export { ccxtIdOf } from './venues/ccxt-names.ts';
export { createKalshi } from './venues/kalshi.ts';
export { createPolymarket } from './venues/polymarket.ts';
export { createSandboxVenue, sandboxSymbol } from './venues/sandbox.ts';
export { checkSimulation, openSimulatedVenue } from './venues/simulated.ts';
export { SHIPPED_PRICES } from './venues/simulated-shipped.ts';
export { Watch, type Waits } from './watch.ts';
