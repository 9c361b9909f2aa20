/** What the market role tells its parent, for the log and for readers of prices. Times are milliseconds since 1970. */
export type MarketNews =
  | { readonly news: 'trouble'; readonly what: string; readonly reason: string }
  | { readonly news: 'watching'; readonly signals: number; readonly instruments: number; readonly seconds: number }
  | { readonly news: 'missed'; readonly what: string; readonly prices: number }
  | { readonly news: 'price'; readonly desk: string; readonly price: string; readonly at: number }
  | { readonly news: 'waiting'; readonly what: string; readonly reason: string }
  | { readonly news: 'unknown'; readonly desk: string }
  /** It has had no signals for a while, and its last price is of no use any more. */
  | { readonly news: 'dropped'; readonly desk: string }
  | { readonly news: 'steps'; readonly count: number; readonly ms: number };
