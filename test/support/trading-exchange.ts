/** Starts the small exchange that takes orders, in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Control, Misbehaviour, Seen } from './trading-exchange/control.ts';

export const KEYS = { apiKey: 'the-key-of-the-test', secret: 'the-secret-of-the-test' };

type Told<Do extends Control['do']> = Omit<Extract<Control, { do: Do }>, 'do'>;

export interface TradingExchange {
  /** For `baseUrl`: Binance's paths are under it. */
  readonly url: string;
  readonly plan: (...plans: readonly Misbehaviour[]) => Promise<void>;
  readonly set: (set: Told<'set'>['set'], clockMs?: number) => Promise<void>;
  readonly move: (pair: string, price: string) => Promise<void>;
  readonly fill: (clientOrderId: string, quantity: string, price: string) => Promise<void>;
  readonly cancel: (clientOrderId: string) => Promise<void>;
  readonly see: () => Promise<Seen>;
  /** How often a request to place this order came. */
  readonly sent: (clientOrderId: string) => Promise<number>;
  readonly stop: () => Promise<void>;
}

export async function startTradingExchange(): Promise<TradingExchange> {
  const code = fileURLToPath(new URL('trading-exchange/process.ts', import.meta.url));
  const child = spawn(process.execPath, [code, JSON.stringify(KEYS)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  const { port, controlPort } = JSON.parse(line) as { port: number; controlPort: number };
  const tell = async (control: Control): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${controlPort}/`, { method: 'POST', body: JSON.stringify(control) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return (JSON.parse(text) as { told: unknown }).told;
  };
  const see = (): Promise<Seen> => tell({ do: 'see' }) as Promise<Seen>;
  return {
    url: `http://127.0.0.1:${port}`,
    plan: async (...plans) => void (await tell({ do: 'plan', plans })),
    set: async (set, clockMs) => void (await tell({ do: 'set', set, ...(clockMs !== undefined && { clockMs }) })),
    move: async (pair, price) => void (await tell({ do: 'move', pair, price })),
    fill: async (clientOrderId, quantity, price) => void (await tell({ do: 'fill', clientOrderId, quantity, price })),
    cancel: async (clientOrderId) => void (await tell({ do: 'cancel', clientOrderId })),
    see,
    sent: async (clientOrderId) =>
      (await see()).requests.filter((one) => one.method === 'POST' && one.clientOrderId === clientOrderId).length,
    stop: async () => {
      const ended = once(child, 'close');
      child.stdin.end();
      await ended;
    },
  };
}
