/** Carries orders to an exchange from a store on disk, in a process that a test may kill at any moment. */
import { createCcxtBroker } from '#libs/market';
import { createHandle } from '#libs/sourcing';
import { openEventStore } from '#libs/stores';
import { handledAccount } from '../../handled-account.ts';
import { LiveRunner } from '../live-runner.ts';
import { LiveAccount } from './live-account.ts';

const { url, baseUrl, keys } = JSON.parse(process.argv[2]!) as {
  url: string;
  baseUrl: string;
  keys: { apiKey: string; secret: string };
};
const events = await openEventStore(url);
const account = new LiveAccount(events);
await account.open();
const orderId = await account.place({ orderType: 'market', quantity: '0.01' });
process.stdout.write(`${JSON.stringify({ accountId: account.id, orderId })}\n`);
const runner = new LiveRunner({
  broker: createCcxtBroker({ exchange: 'binance', credentials: keys, baseUrl, memoryMb: 96 }),
  handle: createHandle(handledAccount, events),
  signal: new AbortController().signal,
  onTrouble: () => undefined,
});
await runner.start([await account.document(orderId)]);
await runner.run();
