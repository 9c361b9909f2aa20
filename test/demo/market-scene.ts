/** A long signal that the server's simulated prices match: each step with its evidence, and the record it leaves. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Key, send } from './server.ts';
import { envelopeOf, type Event } from './walk.ts';

/**
 * A signal counts from the first candle that opens after it, and a candle is known when it closes: at SIM_SPEED=1 that
 * is up to two minutes later.
 */
const LONGEST_WAIT_MS = 130_000;

/** Who waited longer for the match is told how to look for the end, and need not wait again. */
const PATIENCE_MS = 20_000;

const STILL_WAITING_MS = 15_000;

const BODY = {
  coin: 'BTC',
  trade_market: 'USDT',
  exchange: 'BINANCE',
  invest: 10,
  entry_price_max: '100000',
  exit_price_1: '200000',
  stop_loss: '10000',
  type: 'long',
};

/** Answers how many answers were not as expected. */
export async function walkMarket(url: string, key: Key, print: (line: string) => void): Promise<number> {
  let wrong = 0;
  const judge = (right: boolean, sentence: string): void => {
    if (right) return;
    wrong += 1;
    print(`  NOT AS EXPECTED: ${sentence}`);
  };
  const told = new Set<number>();
  const ask = async (method: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>> => {
    print(`> ${method} ${path}`);
    if (body !== undefined) print(`> ${JSON.stringify(body)}`);
    const answer = await send(url, key, method, path, body);
    print(`< ${answer.status} ${answer.text}`);
    const envelope = envelopeOf(answer);
    judge(answer.status === 200 && envelope !== null, 'this should have been a success');
    return envelope?.payload ?? {};
  };
  const look = async (path: string) => envelopeOf(await send(url, key, 'GET', path))?.payload ?? {};

  print(`\n${'='.repeat(100)}\nA long signal on BTC/USDT that prices match\n${'='.repeat(100)}`);
  print('\n# create: its entry lies above the market, so it fills at the first price after it');
  const id = String((await ask('POST', '/v2/signal', BODY))['parent_signal_id']);
  if ((await look(`/v1/signal/${id}`))['tracking'] !== 'simulated') {
    print('\nThis server replays no prices of BTC/USDT (SIM_PRICES is none, or others), so nothing moves the signal.');
    return wrong;
  }

  /** Prints the steps that are new, until one of a type is there. Answers whether it came. */
  const until = async (type: string): Promise<boolean> => {
    const began = performance.now();
    for (let noted = began; ; await sleep(100)) {
      const events = ((await look(`/v1/signal/${id}/history`))['events'] ?? []) as readonly Event[];
      for (const event of events) {
        if (told.has(event.revision)) continue;
        told.add(event.revision);
        print(`  ${stepOf(event)}`);
      }
      if (events.some((event) => event.type === type)) return true;
      const now = performance.now();
      if (now - began > LONGEST_WAIT_MS) return false;
      if (now - noted < STILL_WAITING_MS) continue;
      noted = now;
      print('  … waiting for the next simulated price, up to two minutes where SIM_SPEED is 1');
    }
  };

  print('\n# its steps, as prices come');
  const began = performance.now();
  if (!(await until('SignalMatched'))) {
    judge(false, 'a price should have matched it: does a process with the role market run, and SIM_SPEED above 0?');
    return wrong;
  }
  const waited = performance.now() - began;
  judge((await look(`/v1/signal/${id}`))['status'] === 'matched', 'the signal should have been matched');

  print('\n# trailing stop: its distance is measured from the last price');
  const trailing = { trailing_stop_price: '20000', trailing_stop_limit_price: '19000' };
  await ask('POST', `/v1/signal/${id}/call/trailingstop`, { parent_signal_id: id, ...trailing });
  print('\n# cancel: the open position is closed at the next price');
  await ask('DELETE', `/v1/signal/${id}/cancel`, { parent_signal_id: id });
  if (waited < PATIENCE_MS) {
    judge(await until('SignalSettled'), 'the next price should have closed it');
    const { status, settlement } = await look(`/v1/signal/${id}`);
    judge(['win', 'loss', 'push'].includes(String(status)), 'the signal should have a result');
    print(`\n# its result\n  ${String(status)} ${JSON.stringify(settlement)}`);
  } else print(`  in a minute or two: GET /v1/signal/${id}`);

  print('\n# the record of all signals of the channel, which says that it is simulated');
  const { simulated, signals } = await ask('GET', '/v1/signal/record');
  judge(simulated === true && Number(signals) > 0, 'the record should count the signals, as simulated ones');
  return wrong;
}

/** One event, and what it rests on where a price decided it. */
function stepOf({ revision, time, type, data }: Event): string {
  const { at, price, evidence, ...rest } = data as { at: string; price: string | null; evidence?: object };
  const head = `${String(revision).padStart(2)}  ${time}  ${type.padEnd(17)}`;
  if (evidence === undefined) return `${head} ${JSON.stringify(data)}`;
  return `${head} ${price === null ? '' : `at ${price} `}(${at}) ${JSON.stringify(rest)}\n      evidence ${JSON.stringify(evidence)}`;
}
