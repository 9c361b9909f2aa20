/** Coins that agents may name by CoinGecko's id or by symbol. Names of coins are facts that stay; what they cost is asked elsewhere. */

/** A coin of the table. */
export interface KnownCoin {
  /** CoinGecko's: `bitcoin`. */
  readonly id: string;
  /** As exchanges write it, in capital letters: `BTC`. */
  readonly symbol: string;
  readonly name: string;
}

/** A coin as a source of prices has it. */
export interface Coin extends KnownCoin {
  /** What is asked and traded for it: `BTC/USDT`. */
  readonly pair: string;
}

/** The largest ones, roughly by size. What is not among them goes by the symbol that an exchange lists. */
export const KNOWN_COINS: readonly KnownCoin[] = [
  { id: 'bitcoin', symbol: 'BTC', name: 'Bitcoin' },
  { id: 'ethereum', symbol: 'ETH', name: 'Ethereum' },
  { id: 'tether', symbol: 'USDT', name: 'Tether' },
  { id: 'ripple', symbol: 'XRP', name: 'XRP' },
  { id: 'binancecoin', symbol: 'BNB', name: 'BNB' },
  { id: 'solana', symbol: 'SOL', name: 'Solana' },
  { id: 'usd-coin', symbol: 'USDC', name: 'USDC' },
  { id: 'dogecoin', symbol: 'DOGE', name: 'Dogecoin' },
  { id: 'tron', symbol: 'TRX', name: 'TRON' },
  { id: 'cardano', symbol: 'ADA', name: 'Cardano' },
  { id: 'chainlink', symbol: 'LINK', name: 'Chainlink' },
  { id: 'hyperliquid', symbol: 'HYPE', name: 'Hyperliquid' },
  { id: 'stellar', symbol: 'XLM', name: 'Stellar' },
  { id: 'sui', symbol: 'SUI', name: 'Sui' },
  { id: 'avalanche-2', symbol: 'AVAX', name: 'Avalanche' },
  { id: 'bitcoin-cash', symbol: 'BCH', name: 'Bitcoin Cash' },
  { id: 'hedera-hashgraph', symbol: 'HBAR', name: 'Hedera' },
  { id: 'litecoin', symbol: 'LTC', name: 'Litecoin' },
  { id: 'the-open-network', symbol: 'TON', name: 'Toncoin' },
  { id: 'shiba-inu', symbol: 'SHIB', name: 'Shiba Inu' },
  { id: 'polkadot', symbol: 'DOT', name: 'Polkadot' },
  { id: 'monero', symbol: 'XMR', name: 'Monero' },
  { id: 'uniswap', symbol: 'UNI', name: 'Uniswap' },
  { id: 'dai', symbol: 'DAI', name: 'Dai' },
  { id: 'pepe', symbol: 'PEPE', name: 'Pepe' },
  { id: 'aave', symbol: 'AAVE', name: 'Aave' },
  { id: 'bittensor', symbol: 'TAO', name: 'Bittensor' },
  { id: 'near', symbol: 'NEAR', name: 'NEAR Protocol' },
  { id: 'aptos', symbol: 'APT', name: 'Aptos' },
  { id: 'internet-computer', symbol: 'ICP', name: 'Internet Computer' },
  { id: 'ethereum-classic', symbol: 'ETC', name: 'Ethereum Classic' },
  { id: 'ondo-finance', symbol: 'ONDO', name: 'Ondo' },
  { id: 'mantle', symbol: 'MNT', name: 'Mantle' },
  { id: 'crypto-com-chain', symbol: 'CRO', name: 'Cronos' },
  { id: 'polygon-ecosystem-token', symbol: 'POL', name: 'Polygon' },
  { id: 'kaspa', symbol: 'KAS', name: 'Kaspa' },
  { id: 'cosmos', symbol: 'ATOM', name: 'Cosmos Hub' },
  { id: 'arbitrum', symbol: 'ARB', name: 'Arbitrum' },
  { id: 'vechain', symbol: 'VET', name: 'VeChain' },
  { id: 'algorand', symbol: 'ALGO', name: 'Algorand' },
  { id: 'render-token', symbol: 'RENDER', name: 'Render' },
  { id: 'filecoin', symbol: 'FIL', name: 'Filecoin' },
  { id: 'worldcoin-wld', symbol: 'WLD', name: 'Worldcoin' },
  { id: 'ethena', symbol: 'ENA', name: 'Ethena' },
  { id: 'sei-network', symbol: 'SEI', name: 'Sei' },
  { id: 'optimism', symbol: 'OP', name: 'Optimism' },
  { id: 'injective-protocol', symbol: 'INJ', name: 'Injective' },
  { id: 'celestia', symbol: 'TIA', name: 'Celestia' },
  { id: 'blockstack', symbol: 'STX', name: 'Stacks' },
  { id: 'immutable-x', symbol: 'IMX', name: 'Immutable' },
  { id: 'the-graph', symbol: 'GRT', name: 'The Graph' },
  { id: 'lido-dao', symbol: 'LDO', name: 'Lido DAO' },
  { id: 'bonk', symbol: 'BONK', name: 'Bonk' },
  { id: 'dogwifcoin', symbol: 'WIF', name: 'dogwifhat' },
  { id: 'floki', symbol: 'FLOKI', name: 'FLOKI' },
  { id: 'jupiter-exchange-solana', symbol: 'JUP', name: 'Jupiter' },
  { id: 'pyth-network', symbol: 'PYTH', name: 'Pyth Network' },
  { id: 'quant-network', symbol: 'QNT', name: 'Quant' },
  { id: 'tezos', symbol: 'XTZ', name: 'Tezos' },
  { id: 'theta-token', symbol: 'THETA', name: 'Theta Network' },
  { id: 'flow', symbol: 'FLOW', name: 'Flow' },
  { id: 'curve-dao-token', symbol: 'CRV', name: 'Curve DAO' },
  { id: 'the-sandbox', symbol: 'SAND', name: 'The Sandbox' },
  { id: 'decentraland', symbol: 'MANA', name: 'Decentraland' },
  { id: 'axie-infinity', symbol: 'AXS', name: 'Axie Infinity' },
  { id: 'zcash', symbol: 'ZEC', name: 'Zcash' },
  { id: 'dash', symbol: 'DASH', name: 'Dash' },
  { id: 'iota', symbol: 'IOTA', name: 'IOTA' },
];

const BY_ID: ReadonlyMap<string, KnownCoin> = new Map(KNOWN_COINS.map((coin) => [coin.id, coin]));
const BY_SYMBOL: ReadonlyMap<string, KnownCoin> = new Map(KNOWN_COINS.map((coin) => [coin.symbol, coin]));

/** The coin of this id or symbol, in any case of its letters; null where the table has none. */
export function coinNamed(text: string): KnownCoin | null {
  const name = text.trim();
  return BY_ID.get(name.toLowerCase()) ?? BY_SYMBOL.get(name.toUpperCase()) ?? null;
}
