/** A SignalCreated of the form and size that the ledger keeps: what is compared with the ledger stores no less. */
import { randomUUID } from 'node:crypto';
import { compactId, type NewEvent, newId } from '#libs/sourcing';

const CHANNEL = newId(Date.now());
const KEY = newId(Date.now());

/** From the body of a create. Its id is random, as a derived one is: an index pays for that. */
export function createdEvent(body: unknown, count: number): { readonly signalId: string; readonly event: NewEvent } {
  const now = Date.now();
  const time = new Date(now).toISOString();
  const order = body as Record<string, string>;
  const event = {
    id: randomUUID(),
    type: 'SignalCreated',
    time,
    channelId: CHANNEL,
    data: {
      channelId: CHANNEL,
      dialect: 'anny',
      sandbox: false,
      instrument: {
        class: 'crypto',
        venue: order['exchange'],
        symbol: `${order['coin']}/${order['trade_market']}`,
        base: order['coin'],
        quote: order['trade_market'],
        account: 'SPOT',
      },
      side: 'open',
      direction: 'long',
      entry: { min: order['entry_price_min'], max: order['entry_price_max'] },
      targets: [order['exit_price_1'], order['exit_price_2']],
      stop: order['stop_loss'],
      size: { kind: 'percent', value: '10' },
      leverage: '1',
      marginType: 'ISOLATED',
    },
    metadata: {
      commandId: newId(now),
      requestId: `bench-${count.toString(36)}`,
      dialect: 'anny',
      actor: `channel:${CHANNEL}`,
      keyId: KEY,
      receivedAt: time,
      schemaVersion: 1,
    },
  };
  return { signalId: compactId(newId(now)), event };
}
