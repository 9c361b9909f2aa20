/** Markets and their prices: the pure core, and the venues at its edge. */
export * from './broker.ts';
export { costOf, fittingQuantity } from './brokers/order-rules.ts';
export { deadAtOf, FENCE_MARGIN_MS, type Look, settle, type Settled, type SettlePolicy } from './brokers/settle.ts';
export * from './charts.ts';
export { type Coin, coinNamed, KNOWN_COINS, type KnownCoin } from './coins.ts';
export * from './price.ts';
export * from './quote-source.ts';
export { SANDBOX_MARKETS } from './sandbox-markets.ts';
export { mergeSeries, type Hole } from './series/merge.ts';
export { seriesNameOf } from './series/name.ts';
export { readSeries, seriesFilesIn } from './series/read.ts';
export type { Series } from './series/series.ts';
export type { Exchange, FoundMarket, Market, MarketSource } from './source.ts';
export { createVenueMarkets } from './source-venues.ts';
export { createMarketTable, parseMarkets } from './table.ts';
export * from './venue.ts';
export { checkCcxtExchange, createCcxtVenue } from './venues/ccxt.ts';
export { type CcxtBrokerOptions, createCcxtBroker } from './venues/ccxt-broker.ts';
export { ccxtIdOf } from './venues/ccxt-names.ts';
export { createCoinGecko, type CoinGecko } from './venues/coingecko.ts';
export { createKalshi } from './venues/kalshi.ts';
export { createPolymarket } from './venues/polymarket.ts';
export { createSandboxVenue, sandboxSymbol } from './venues/sandbox.ts';
export { checkSimulation, openSimulatedVenue } from './venues/simulated.ts';
export {
  openSimulationReader,
  type SimulationReader,
  type SimulationReaderOptions,
} from './venues/simulated-reader.ts';
export { SHIPPED_PRICES } from './venues/simulated-shipped.ts';
export { Watch, type Waits } from './watch.ts';
