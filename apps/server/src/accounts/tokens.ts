/** Names under which Nest injects what is no class of ours. */
export const ACCOUNT_HANDLE = Symbol('Handle of accounts');
export const QUOTES = Symbol('Quotes');
/** The terms of trade that the settings name: `TradeTerms`. */
export const TRADE_TERMS = Symbol('Terms of trade');
