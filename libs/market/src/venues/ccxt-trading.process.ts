/** Where ccxt trades: a process of its own, which is told its keys once, by its parent. */
import { type CcxtAnswer, CcxtFailure, type CcxtQuestion, type CcxtSettings, type Failure } from './ccxt-messages.ts';
import { openCcxtTrading } from './ccxt-trading.ts';
import type { TradingMethods, TradingStart } from './ccxt-trading-messages.ts';

let credentials: TradingStart['credentials'] | null = null;
let trading: TradingMethods | null = null;

type Method = (...args: readonly unknown[]) => Promise<unknown>;

async function answer([id, method, args]: CcxtQuestion<keyof TradingMethods>): Promise<CcxtAnswer> {
  try {
    if (credentials === null) throw new Error('no keys were told');
    trading ??= openCcxtTrading(JSON.parse(process.argv[2]!) as CcxtSettings, credentials);
    return { id, value: await (trading[method] as Method)(...args) };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof CcxtFailure) return { kind: error.kind, reason: error.message, retryIn: error.retryIn };
  return { kind: 'unavailable', reason: error instanceof Error ? error.message : String(error), retryIn: 0 };
}

// Signals to a whole group reach this process too: its parent decides when it ends, or ends itself.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => process.exit());
process.on('message', (message: CcxtQuestion<keyof TradingMethods> | TradingStart) => {
  if (!('credentials' in message)) return void answer(message).then((told) => process.send?.(told));
  ({ credentials } = message);
});
