/**
 * Where ccxt runs: a process of its own. A thread would not do: an answer made to take all memory when it is parsed
 * ends the process that the thread belongs to.
 */
import { openCcxtExchange } from './ccxt-exchange.ts';
import { type CcxtAnswer, CcxtFailure, type CcxtQuestion, type CcxtSettings, type Failure } from './ccxt-messages.ts';

let exchange: ReturnType<typeof openCcxtExchange> | null = null;

async function answer([id, method, args]: CcxtQuestion): Promise<CcxtAnswer> {
  try {
    exchange ??= openCcxtExchange(JSON.parse(process.argv[2]!) as CcxtSettings);
    return { id, value: await (exchange[method] as (...args: readonly unknown[]) => Promise<unknown>)(...args) };
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
process.on('message', (question: CcxtQuestion) => void answer(question).then((told) => process.send?.(told)));
