/** Commands to test with: an account of 100000 dollars on paper, and orders of BTC at 100 and ETH at 10. */
import type {
  CancelOrder,
  CloseAccount,
  CloseAll,
  FillResting,
  JudgeAccount,
  ModifyOrder,
  OpenAccount,
  PauseAccount,
  PlaceOrder,
  ReportAccepted,
  ReportCancelled,
  ReportFill,
  ReportRejected,
  ReportUnresolved,
  ResetBreaker,
  ResumeAccount,
  SendOrder,
  WriteOffHolding,
  Terms,
} from '../commands.ts';
import type { Marks } from '../values.ts';

export const ACCOUNT_ID = `agent_${'a'.repeat(32)}`;
export const NOW = '2026-11-21T10:00:00.000Z';
/** The moment after which orders at the venue are not sent. */
export const SEND_BY = '2026-11-21T10:00:10.000Z';
export const TOMORROW = '2026-11-22T00:00:01.000Z';

const addressed = { accountId: ACCOUNT_ID, now: NOW } as const;

/** The id of the nth order. */
export function orderId(place: number): string {
  return place.toString(16).padStart(32, '0');
}

export function marks(prices: Readonly<Record<string, string>>): Marks {
  return Object.fromEntries(
    Object.entries(prices).map(([symbol, price]) => [symbol, { price, at: NOW, source: 'ccxt:binance' }]),
  );
}

export const MARKS = marks({ BTC: '100', ETH: '10' });

/** A fee of 0.1 %, no slippage. */
export function onPaper(tradeId: string, named: Partial<Terms> = {}): Terms {
  return {
    broker: 'paper',
    pair: 'BTC/USDT',
    simulated: false,
    feeRate: '0.001',
    paper: { slippage: '0', tradeId },
    sendBy: null,
    marketReserve: '0',
    ...named,
  };
}

export const AT_VENUE: Terms = {
  broker: 'ccxt:binance',
  pair: 'BTC/USDT',
  simulated: false,
  feeRate: '0.001',
  paper: null,
  sendBy: SEND_BY,
  marketReserve: '0.02',
};

type Named<Command extends { readonly type: string }> = Partial<Omit<Command, 'type'>>;

export function open(named: Named<OpenAccount> = {}): OpenAccount {
  return {
    type: 'OpenAccount',
    ...addressed,
    name: 'My Alpha Bot',
    mode: 'sandbox',
    permissions: ['read:market', 'read:portfolio', 'write:orders'],
    balance: '100000',
    dailyLossLimit: null,
    maxPositionSize: null,
    keyHash: 'f'.repeat(64),
    sealedSecret: null,
    ...named,
  };
}

/** A market buy of 1 BTC on paper, the account's first order, unless told otherwise. */
export function place(named: Named<PlaceOrder> = {}): PlaceOrder {
  const id = named.orderId ?? orderId(1);
  return {
    type: 'PlaceOrder',
    ...addressed,
    orderId: id,
    symbol: 'BTC',
    side: 'buy',
    orderType: 'market',
    quantity: '1',
    price: null,
    signalId: null,
    by: 'agent',
    terms: onPaper(`trade-${id}`),
    marks: MARKS,
    ...named,
  };
}

/** A limit order on paper. */
export function limit(price: string, named: Named<PlaceOrder> = {}): PlaceOrder {
  return place({ orderType: 'limit', price, ...named });
}

export function modify(named: Named<ModifyOrder> = {}): ModifyOrder {
  const id = named.orderId ?? orderId(1);
  return {
    type: 'ModifyOrder',
    ...addressed,
    orderId: id,
    terms: { paper: { slippage: '0', tradeId: `modified-${id}` } },
    marks: MARKS,
    ...named,
  };
}

export function cancel(named: Named<CancelOrder> = {}): CancelOrder {
  return { type: 'CancelOrder', ...addressed, orderId: orderId(1), by: 'agent', reason: null, ...named };
}

export function closeAll(named: Named<CloseAll> = {}): CloseAll {
  return {
    type: 'CloseAll',
    ...addressed,
    by: 'agent',
    reason: 'enough',
    sells: {
      BTC: { orderId: orderId(0xb), terms: onPaper('sold-b') },
      ETH: { orderId: orderId(0xe), terms: onPaper('sold-e', { pair: 'ETH/USDT' }) },
    },
    marks: MARKS,
    ...named,
  };
}

export function judge(named: Named<JudgeAccount> = {}): JudgeAccount {
  return { type: 'JudgeAccount', ...addressed, marks: MARKS, ...named };
}

export function resetBreaker(named: Named<ResetBreaker> = {}): ResetBreaker {
  return { type: 'ResetBreaker', ...addressed, reason: 'looked at it', marks: MARKS, ...named };
}

export function writeOff(named: Named<WriteOffHolding> = {}): WriteOffHolding {
  return { type: 'WriteOffHolding', ...addressed, symbol: 'BTC', reason: 'too little to sell', ...named };
}

export function pause(named: Named<PauseAccount> = {}): PauseAccount {
  return { type: 'PauseAccount', ...addressed, by: 'agent', reason: 'lunch', ...named };
}

export function resume(named: Named<ResumeAccount> = {}): ResumeAccount {
  return { type: 'ResumeAccount', ...addressed, by: 'agent', reason: 'back', ...named };
}

export function close(named: Named<CloseAccount> = {}): CloseAccount {
  return { type: 'CloseAccount', ...addressed, reason: 'revoked', ...named };
}

export function approve() {
  return { type: 'ApproveAccount', ...addressed } as const;
}

export function send(named: Named<SendOrder> = {}): SendOrder {
  return { type: 'SendOrder', ...addressed, orderId: orderId(1), ...named };
}

export function reportAccepted(named: Named<ReportAccepted> = {}): ReportAccepted {
  return { type: 'ReportAccepted', ...addressed, orderId: orderId(1), venueOrderId: 'v-1', ...named };
}

/** All of the first order at 100, without fee. */
export function reportFill(named: Named<ReportFill> = {}): ReportFill {
  return {
    type: 'ReportFill',
    ...addressed,
    orderId: orderId(1),
    tradeId: 'trade-1',
    quantity: '1',
    price: '100',
    fee: '0',
    feeCurrency: 'USD',
    at: NOW,
    ...named,
  };
}

export function fillResting(price: string, named: Named<FillResting> = {}): FillResting {
  return { type: 'FillResting', ...addressed, orderId: orderId(1), price, tradeId: 'touch-1', at: NOW, ...named };
}

export function reportCancelled(named: Named<ReportCancelled> = {}): ReportCancelled {
  return { type: 'ReportCancelled', ...addressed, orderId: orderId(1), by: 'venue', reason: null, ...named };
}

export function reportRejected(named: Named<ReportRejected> = {}): ReportRejected {
  return {
    type: 'ReportRejected',
    ...addressed,
    orderId: orderId(1),
    code: 'insufficient_funds',
    reason: 'the venue has no such money',
    ...named,
  };
}

export function reportUnresolved(named: Named<ReportUnresolved> = {}): ReportUnresolved {
  return { type: 'ReportUnresolved', ...addressed, orderId: orderId(1), reason: 'no answer', ...named };
}
