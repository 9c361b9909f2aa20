/**
 * The markets of sandbox channels, where `MARKETS_FILE` names no others. They hold the literal market strings of the
 * NextProd document, so that its snippets run as they are. Prices are invented.
 */
import type { Market } from './source.ts';

export const SANDBOX_MARKETS: readonly Market[] = [
  {
    exchange: 'kalshi',
    market: 'KXMLBGAME-26APR041905MIANYY-NYY',
    name: 'Miami at New York Y: New York Y wins',
    yesPrice: '0.45',
  },
  { exchange: 'kalshi', market: 'KXMLBGAME-...-NYY', name: 'Example game: New York Y wins', yesPrice: '0.45' },
  { exchange: 'kalshi', market: 'KXMLBGAME-...-BOS', name: 'Example game: Boston wins', yesPrice: '0.62' },
  {
    exchange: 'polymarket',
    market: '0x5f65177b394277fd294cd75650044e32ba009a95022d88a0c1d565897d72f8f1',
    name: 'Will the example market resolve YES?',
    yesPrice: '0.31',
  },
];
