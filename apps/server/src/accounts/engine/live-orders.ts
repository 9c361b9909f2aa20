/** Orders of live agents at an exchange, once that is proven to find them again by our ids. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type CcxtBrokerOptions, createCcxtBroker } from '#libs/market';
import { type Coordination, messageOf, type RecordedEvent } from '#libs/sourcing';
import type { OrderDocument } from '#libs/views';
import { isProven } from './broker-proof.ts';
import { LiveRunner } from './live-runner.ts';
import type { Telling } from './told-account.ts';

/** What of the settings an exchange is reached by. */
export type LiveSettings = Pick<CcxtBrokerOptions, 'exchange' | 'credentials' | 'baseUrl'>;

export interface LiveOrders {
  /** Events of an account, in order. */
  heard(accountId: string, events: readonly RecordedEvent[]): void;
  /** Takes up orders that are not over, then carries orders out until the signal aborts. */
  run(unsettled: readonly OrderDocument[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** How often it is looked whether the exchange was proven meanwhile. */
const LOOK_MS = 2_000;

/** Opens the exchange of the settings; it is asked nothing before it is proven. */
export function openLiveOrders(
  settings: LiveSettings,
  { coordination, ...telling }: Telling & { readonly coordination: Coordination },
): LiveOrders {
  const broker = createCcxtBroker(settings);
  const runner = new LiveRunner({ broker, ...telling });
  const { exchange } = settings;

  async function untilProven(signal: AbortSignal): Promise<void> {
    for (let isTold = false; !signal.aborted; isTold = true) {
      try {
        if (await isProven(coordination, settings)) return;
        if (!isTold)
          telling.onTrouble(broker.name, `no order is sent there before: signal-ledger broker check ${exchange}`);
      } catch (error) {
        telling.onTrouble(broker.name, messageOf(error));
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    heard: (accountId, events) => runner.heard(accountId, events),
    run: async (unsettled, signal) => {
      await untilProven(signal);
      if (signal.aborted) return;
      await runner.start(unsettled);
      await runner.run(signal);
    },
    close: () => broker.close(),
  };
}
