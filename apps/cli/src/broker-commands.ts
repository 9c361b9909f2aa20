/** `broker check`, `orders`, `reconcile`, `settle`: the operator's hand on orders at a venue. */
import type { Command } from 'commander';
import { type Broker, ccxtIdOf, createCcxtBroker, createCcxtVenue, VenueUnavailable } from '#libs/market';
import { rememberProof } from '../../server/src/accounts/engine/broker-proof.ts';
import type { LiveSettings } from '../../server/src/accounts/engine/live-orders.ts';
import type { Settings } from '../../server/src/settings.ts';
import {
  describeReconciled,
  describeSettledOrder,
  type Ending,
  type LeftOrder,
  reconcileOrders,
  settleOrder,
} from './broker.ts';
import { checkVenue, describeCheck, describeStep } from './broker-check.ts';
import { ordersAtVenues } from './orders-now.ts';
import { CommandError, printResult } from './output.ts';
import { REASON } from './reason.ts';
import { describeVenueOrders, venueOrders } from './venue-orders.ts';
import { globalOptions, withLedger } from './wiring.ts';

interface SettleOptions {
  readonly filled?: string;
  readonly price?: string;
  readonly fee: string;
  readonly cancelled?: true;
  readonly rejected?: true;
  readonly force?: true;
  readonly reason?: string;
}

export function brokerCommands(program: Command): void {
  const broker = program.command('broker').description('the exchange that carries out the orders of live agents');

  broker
    .command('check')
    .description(
      'prove, with a tiny order far below the price, that a venue finds orders by their client order id; without it none is sent there',
    )
    .argument('<venue>', 'an exchange that ccxt knows (binance, bybit, …); its keys are those of the settings')
    .option('--pair <pair>', 'what to try it with', 'BTC/USDT')
    .action(async (venue: string, { pair }: { pair: string }, command: Command) => {
      const { settings, json } = globalOptions(command);
      const exchange = ccxtIdOf(venue.replace(/^ccxt:/i, ''));
      const checked = await withLedger(
        settings,
        async ({ coordination }) => {
          const place = await coordination();
          if (place === null)
            throw new CommandError('no_ledger', 'start the server once first: the proof is kept where it runs');
          const done = await withBroker(settings, exchange, (opened) =>
            checkVenue({
              broker: opened,
              pair,
              price: () => lastPrice(settings, exchange, pair),
              onStep: (step) => void (json || process.stdout.write(`${describeStep(step)}\n`)),
            }),
          );
          if (done.proven) await rememberProof(place, reachedBy(settings, exchange), new Date().toISOString());
          return done;
        },
        { existing: true },
      );
      printResult(json, checked, describeCheck);
      if (!checked.proven) process.exitCode = 1;
    });

  broker
    .command('orders')
    .description('the orders of all agents that are at a venue and not over; first those of which nobody knows')
    .option('--unresolved', 'only those of which nobody knows what became of them')
    .action(async ({ unresolved = false }: { unresolved?: boolean }, command: Command) => {
      const { settings, json } = globalOptions(command);
      const found = await withLedger(
        settings,
        async ({ events, views }) => venueOrders(events, await views(), { unresolved }),
        { existing: true },
      );
      printResult(json, found, describeVenueOrders);
    });

  broker
    .command('reconcile')
    .description('ask the venue what became of orders that are not settled; exit code 1 when some stay unresolved')
    .action(async (_options: object, command: Command) => {
      const { settings, json } = globalOptions(command);
      const left: LeftOrder[] = [];
      const reconciled = await withLedger(
        settings,
        async ({ events, views }) => {
          const kept = await views();
          // Without any there is nobody to ask, and no exchange needs to be named.
          if ((await ordersAtVenues(events, kept)).length === 0) return { settled: 0, unresolved: 0 };
          const onLeft = (order: LeftOrder): void => void left.push(order);
          return withBroker(settings, null, (opened) => reconcileOrders(events, kept, opened, { onLeft }));
        },
        { existing: true },
      );
      printResult(json, reconciled, (counts) => describeReconciled(counts, left));
      if (reconciled.unresolved > 0) process.exitCode = 1;
    });

  broker
    .command('settle')
    .description('record how an order ended, where the venue can not be asked; its history says that you told it')
    .argument('<order_id>', '32 hex digits, with or without dashes')
    .option('--filled <quantity>', 'so much of it was filled')
    .option('--price <price>', 'at this price')
    .option('--fee <fee>', 'US dollars that this cost', '0')
    .option('--cancelled', 'the rest of it is over')
    .option('--rejected', 'the venue never had it')
    .option('--force', 'also of an order that the venue is known to have: where that is gone for good')
    .option(...REASON)
    .action(async (orderId: string, options: SettleOptions, command: Command) => {
      const { settings, json } = globalOptions(command);
      const ending = endingOf(options);
      const settled = await withLedger(
        settings,
        async ({ events, views }) =>
          settleOrder(events, await views(), orderId, ending, { force: options.force === true }),
        { existing: true },
      );
      printResult(json, settled, describeSettledOrder);
    });
}

/** @throws CommandError where it is not one ending, whole */
export function endingOf({ filled, price, fee, cancelled, rejected, reason }: SettleOptions): Ending {
  const told = [filled, cancelled, rejected].filter((one) => one !== undefined).length;
  if (told !== 1)
    throw new CommandError('ending_invalid', 'tell one ending: --filled with --price, --cancelled, or --rejected');
  if (filled !== undefined) {
    if (price === undefined) throw new CommandError('price_missing', 'a fill has a price', 'price');
    return { filled, price, fee };
  }
  if (reason === undefined) throw new CommandError('reason_missing', 'a reason is needed', 'reason');
  return cancelled === true ? { cancelled, reason } : { rejected: true, reason };
}

/** @param exchange null: that of the settings */
async function withBroker<Result>(
  settings: Settings,
  exchange: string | null,
  use: (broker: Broker) => Promise<Result>,
): Promise<Result> {
  const broker = createCcxtBroker(reachedBy(settings, exchange));
  try {
    return await use(broker);
  } catch (error) {
    if (error instanceof VenueUnavailable) throw new CommandError('venue_unavailable', error.message, 'venue');
    throw error;
  } finally {
    await broker.close();
  }
}

/** @param exchange null: that of the settings */
function reachedBy(settings: Settings, exchange: string | null): LiveSettings {
  const { BROKER_EXCHANGE, BROKER_API_KEY: apiKey, BROKER_API_SECRET: secret, BROKER_URL: baseUrl } = settings;
  const named = exchange ?? BROKER_EXCHANGE;
  if (named === undefined)
    throw new CommandError('no_broker', 'no exchange is named: set BROKER_EXCHANGE, BROKER_API_KEY, BROKER_API_SECRET');
  if (apiKey === undefined || secret === undefined)
    throw new CommandError('no_keys', 'set BROKER_API_KEY and BROKER_API_SECRET: the exchange is asked with them');
  return { exchange: named, credentials: { apiKey, secret }, ...(baseUrl !== undefined && { baseUrl }) };
}

async function lastPrice({ BROKER_URL: baseUrl }: Settings, exchange: string, pair: string): Promise<string> {
  const venue = createCcxtVenue({ exchange, ...(baseUrl !== undefined && { baseUrl }) });
  try {
    const quoted = await venue.quote(pair);
    if (quoted === null) throw new CommandError('price_missing', `${venue.name} tells no price of ${pair}`, 'pair');
    return quoted.price.kind === 'tick' ? quoted.price.price : quoted.price.close;
  } finally {
    await venue.close();
  }
}
