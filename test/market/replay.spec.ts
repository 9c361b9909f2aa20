/** The replay as its user meets it: files in, outcomes or one clear error out. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../apps/cli/src/replay/outcome.ts';
import type { Notice } from '../../apps/cli/src/replay/subject.ts';

/** The built command. */
const MAIN = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));

const START = Date.parse('2026-04-05T00:00:00.000Z');
const MINUTE = 60_000;
const at = (minutes: number): string => new Date(START + minutes * MINUTE).toISOString();

interface Printed {
  readonly outcomes: readonly Outcome[];
  readonly record: Readonly<Record<string, unknown>>;
  readonly notices: readonly Notice[];
}

const temporary = mkdtempSync(join(tmpdir(), 'signal-ledger-'));
let files = 0;

/** A folder for one test's files. */
function newFolder(): string {
  const folder = join(temporary, `case-${(files += 1)}`);
  mkdirSync(folder);
  return folder;
}

async function run(...args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, 'replay', ...args], {
    env: { PATH: process.env['PATH'], DATA_DIR: join(temporary, 'data') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => (stdout += String(text)));
  child.stderr.on('data', (text) => (stderr += String(text)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

async function replayed(signals: string, ...prices: readonly string[]): Promise<Printed> {
  const { code, stdout, stderr } = await run('--json', '--signals', signals, '--prices', ...prices);
  expect({ code, stderr, lines: stdout.split('\n').length }).toEqual({ code: 0, stderr: '', lines: 2 });
  return JSON.parse(stdout) as Printed;
}

/** A line of candles: when it opens, in minutes, then open, high, low, close. */
type Row = readonly [opens: number, open: string, high: string, low: string, close: string];

function csvOf(rows: readonly Row[]): string {
  const lines = rows.map(([opens, ...prices]) => [START + opens * MINUTE, ...prices].join(','));
  return `${['time,open,high,low,close', ...lines].join('\n')}\n`;
}

const long = {
  coin: 'BTC',
  trade_market: 'USDT',
  exchange: 'BINANCE',
  invest: 10,
  entry_price_max: '100000',
  exit_price_1: '110000',
  exit_price_2: '120000',
  stop_loss: '90000',
};

interface Line {
  readonly id: string;
  readonly at: string;
  readonly signal: object;
  readonly calls?: readonly object[];
}

const line = (id: string, signal: object = {}, calls?: readonly object[]): Line => ({
  id,
  at: at(0),
  signal: { ...long, ...signal },
  ...(calls !== undefined && { calls }),
});

function written(folder: string, name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function signalsIn(folder: string, ...lines: readonly Line[]): string {
  return written(folder, 'signals.jsonl', `${lines.map((one) => JSON.stringify(one)).join('\n')}\n`);
}

/** To the entry, over the first target, back to the stop. */
const rows: readonly Row[] = [
  [0, '105000', '106000', '101000', '102000'],
  [1, '102000', '103000', '99000', '101000'],
  [2, '101000', '112000', '100000', '111000'],
  [3, '111000', '111000', '89000', '95000'],
];

let folder: string;
let signals: string;
let candles: string;
let usual: Printed;

beforeAll(async () => {
  folder = newFolder();
  signals = signalsIn(folder, line('one'));
  candles = written(folder, 'BTC-USDT_1m.csv', csvOf(rows));
  usual = await replayed(signals, candles);
});

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

describe('what is printed', () => {
  it('is one JSON value of the form that is documented', () => {
    const { outcomes, notices, record } = usual;
    expect(Object.keys(outcomes[0]!)).toEqual([
      'id',
      'status',
      'matched_at',
      'entry_price',
      'closed_at',
      'result_pct',
      'result_r',
      'steps',
    ]);
    expect(outcomes).toEqual([
      {
        id: 'one',
        status: 'push',
        matched_at: at(2),
        entry_price: '100000.00000000',
        closed_at: at(4),
        result_pct: '0.00000000',
        result_r: '0.00000000',
        steps: [
          { kind: 'matched', price: '100000.00000000', share: '100.00000000', at: at(2), decided_by: 'candle' },
          { kind: 'target', price: '110000.00000000', share: '50.00000000', at: at(3), decided_by: 'candle' },
          { kind: 'stop', price: '90000.00000000', share: '50.00000000', at: at(4), decided_by: 'candle' },
        ],
      },
    ]);
    expect(notices).toEqual([]);
    expect(record).toEqual(expect.any(Object));
  });

  it('without --json is a table with the id and what became of it', async () => {
    const { code, stdout } = await run('--signals', signals, '--prices', candles);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ID .*\none +push +2026-04-05T00:02:00\.000Z +100000\.00000000 /);
  });

  it('is the same each time', async () => {
    expect(JSON.stringify(await replayed(signals, candles))).toBe(JSON.stringify(usual));
  });

  it('has every signal in the order of the file, with ends that have no price', async () => {
    const own = newFolder();
    const lines = [
      line('expired', { entry_price_max: '80000', stop_loss: '70000', ttl_buy_order: 90_000 }),
      line('cancelled', { entry_price_max: '80000', stop_loss: '70000' }, [{ at: at(1.5), call: 'cancel' }]),
      line('left', {}, [{ at: at(2), call: 'cancel', body: {} }]),
      line('waiting', { entry_price_max: '80000', stop_loss: '70000' }),
      line('refused', { stop_loss: '100001' }),
      line('short', {
        type: 'short',
        entry_price_max: '106000',
        entry_price_min: '106000',
        exit_price_1: '96000',
        exit_price_2: '89000',
        stop_loss: '116000',
        account: 'FUTURES',
      }),
    ];
    const { outcomes, notices } = await replayed(signalsIn(own, ...lines), candles);
    expect(outcomes.map(({ id, status }) => [id, status])).toEqual([
      ['expired', 'expired'],
      ['cancelled', 'cancelled'],
      ['left', 'win'],
      ['waiting', 'registered'],
      ['refused', 'refused'],
      ['short', 'win'],
    ]);
    const [expired, cancelled, left, waiting, refused] = outcomes;
    const nothing = { matched_at: null, entry_price: null, result_pct: null, result_r: null };
    expect(expired).toMatchObject({ ...nothing, closed_at: at(1.5) });
    expect(expired!.steps).toEqual([
      { kind: 'expired', price: null, share: null, at: at(1.5), decided_by: 'order-rule' },
    ]);
    expect(cancelled).toMatchObject({ ...nothing, closed_at: at(1.5) });
    expect(cancelled!.steps.map(({ kind, price }) => [kind, price])).toEqual([['cancelled', null]]);
    expect(left!.steps.map(({ kind, price }) => [kind, price])).toEqual([
      ['matched', '100000.00000000'],
      ['cancelled', '101000.00000000'],
    ]);
    expect(waiting).toEqual({ id: 'waiting', status: 'registered', ...nothing, closed_at: null, steps: [] });
    expect(refused).toEqual({ id: 'refused', status: 'refused', ...nothing, closed_at: null, steps: [] });
    expect(notices.map(({ id, about }) => [id, about])).toEqual([['refused', 'signal']]);
  });
});

describe('calls', () => {
  it('count from the next candle when they come inside one', async () => {
    const own = newFolder();
    // Beyond the last close that was known inside the candle: so it closes at the next price (outcome rules, rule 19).
    const stop = (minutes: number) => [{ at: at(minutes), call: 'updateprice', body: { stop_loss: '105000' } }];
    const lines = [line('inside', {}, stop(2.5)), line('after', {}, stop(3.5))];
    const { outcomes } = await replayed(signalsIn(own, ...lines), candles);
    expect(outcomes.map(({ steps }) => steps.at(-1)!.price)).toEqual(['111000.00000000', '90000.00000000']);
  });

  it('know the last closed candle: a trail keeps its distance from it', async () => {
    const own = newFolder();
    const trail = {
      at: at(2),
      call: 'trailingstop',
      body: { trailing_stop_price: '98000', trailing_stop_limit_price: '97000' },
    };
    const { outcomes } = await replayed(signalsIn(own, line('trailed', {}, [trail])), candles);
    // 3000 behind the high of 112000.
    expect(outcomes[0]!.steps.slice(-1)).toMatchObject([{ kind: 'trailing', price: '109000.00000000' }]);
  });

  it('that are refused are told with their reason, and change nothing', async () => {
    const own = newFolder();
    const calls = [
      { at: at(0.5), call: 'takeprofit', body: { order_type: 'market', sell_amount_relative: 100 } },
      { at: at(0.6), call: 'dca', body: { buy_price: 'low', multiplier: 1 } },
      { at: at(9), call: 'cancel', body: {} },
    ];
    const { outcomes, notices } = await replayed(signalsIn(own, line('one', {}, calls)), candles);
    expect(outcomes[0]!.status).toBe('push');
    expect(notices.map(({ id, at: when, about }) => [id, when, about])).toEqual([
      ['one', at(0.5), 'takeprofit'],
      ['one', at(0.6), 'dca'],
      ['one', at(9), 'cancel'],
    ]);
    expect(notices[1]!.reason).toContain('buy_price');
    for (const { reason } of notices) expect(reason).not.toBe('');
  });

  it('of an entry mode other than range are kept, and told', async () => {
    const own = newFolder();
    const { outcomes, notices } = await replayed(signalsIn(own, line('one', { entry_mode: 'limit' })), candles);
    expect(outcomes[0]!.status).toBe('push');
    expect(notices).toEqual([{ id: 'one', at: at(0), about: 'entry_mode', reason: expect.stringContaining('range') }]);
  });
});

describe('files of prices', () => {
  it('may be packed, and signals too', async () => {
    const own = newFolder();
    const packed = written(own, 'BTC-USDT_1m.csv.gz', gzipSync(csvOf(rows)));
    const lines = written(own, 'signals.jsonl.gz', gzipSync(`${JSON.stringify(line('one'))}\n`));
    expect((await replayed(lines, packed)).outcomes).toEqual(usual.outcomes);
  });

  it('may be a folder', async () => {
    const own = newFolder();
    written(own, 'BTC-USDT_1m.csv', csvOf(rows));
    written(own, 'NOTICE', 'not a price file');
    expect((await replayed(signals, own)).outcomes).toEqual(usual.outcomes);
  });

  it('of several intervals are told as the finest that covers all of a candle', async () => {
    const own = newFolder();
    const two = written(
      own,
      'BTC-USDT_2m.csv',
      csvOf([
        [0, '105000', '106000', '99000', '101000'],
        [2, '101000', '112000', '89000', '95000'],
        [4, '95000', '121000', '80000', '100000'],
      ]),
    );
    // Alone the second coarse candle leaves open which came first.
    const alone = await replayed(signals, two);
    expect(alone.outcomes[0]!.steps.slice(-1)).toMatchObject([{ kind: 'stop', decided_by: 'order-rule' }]);
    const both = await replayed(signals, two, candles);
    expect(both.outcomes).toEqual(usual.outcomes);
  });

  it('may be ticks', async () => {
    const own = newFolder();
    const ticks = [
      [0, '105000'],
      [1, '100000'],
      [2, '125000'],
    ].map(([minutes, price]) => `${START + Number(minutes) * MINUTE},${price}`);
    const file = written(own, 'BTC-USDT_ticks.csv', `time,price\n${ticks.join('\n')}\n`);
    const { outcomes } = await replayed(signals, file);
    expect(outcomes[0]).toMatchObject({ status: 'win', result_r: '1.50000000', matched_at: at(1) });
    expect(new Set(outcomes[0]!.steps.map(({ decided_by }) => decided_by))).toEqual(new Set(['tick']));
  });

  it('with a hole say so, and decide nothing in it', async () => {
    const own = newFolder();
    const holed = written(own, 'BTC-USDT_1m.csv', csvOf([rows[0]!, [5, '99000', '100000', '98000', '99000']]));
    const { outcomes, notices } = await replayed(signals, holed);
    expect(outcomes[0]!.steps).toMatchObject([{ kind: 'matched', price: '100000.00000000', at: at(5) }]);
    expect(notices).toMatchObject([{ id: 'one', at: at(1), about: 'prices' }]);
    expect(notices[0]!.reason).toContain(at(1));
    expect(notices[0]!.reason).toContain(at(5));
  });

  it('that are of no instrument asked for say so', async () => {
    const own = newFolder();
    const { outcomes, notices } = await replayed(signalsIn(own, line('one', { coin: 'ETH' })), candles);
    expect(outcomes[0]!.status).toBe('registered');
    expect(notices).toMatchObject([{ id: 'one', about: 'prices', reason: expect.stringContaining('ETH/USDT') }]);
  });
});

describe('what is wrong with a file', () => {
  const header = 'time,open,high,low,close\n';
  const good = `${START},105000,106000,101000,102000\n`;

  /** A failure: nothing on stdout, and one error that names file and line. */
  async function fails(args: readonly string[], ...names: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await run('--json', ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const { error } = JSON.parse(stderr) as { error: { message: string } };
    for (const name of names) expect(error.message).toContain(name);
  }

  it('without --json is one sentence on stderr', async () => {
    const path = written(newFolder(), 'signals.jsonl', `${JSON.stringify(line('one'))}\n{"id":\n`);
    const { code, stdout, stderr } = await run('--signals', path, '--prices', candles);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`${path}, line 2: `);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each([
    ['a line that is no JSON', `${JSON.stringify(line('one'))}\n{"id":\n`, 'line 2'],
    ['a line that is no object', '[1]\n', 'line 1'],
    ['a signal without an id', `\n${JSON.stringify({ ...line('one'), id: undefined })}\n`, 'line 2'],
    ['an id that stands there twice', `${JSON.stringify(line('one'))}\n`.repeat(2), 'line 2'],
    ['a time without a zone', `${JSON.stringify({ ...line('one'), at: '2026-04-05T00:00:00' })}\n`, 'line 1'],
    ['a call that there is not', `${JSON.stringify(line('one', {}, [{ at: at(1), call: 'sell' }]))}\n`, 'line 1'],
    ['calls that are no list', `${JSON.stringify({ ...line('one'), calls: {} })}\n`, 'line 1'],
  ])('signals: %s', async (_what, text, place) => {
    const path = written(newFolder(), 'signals.jsonl', text);
    await fails(['--signals', path, '--prices', candles], path, place);
  });

  it.each([
    ['no decimal', `${header}${good}${START + MINUTE},1e5,106000,101000,102000\n`, 'line 3', 'open'],
    ['a high below the low', `${header}${START},105000,100000,101000,102000\n`, 'line 2', 'high'],
    ['a close outside', `${header}${START},105000,106000,101000,107000\n`, 'line 2', 'close'],
    ['a time that stands there twice', `${header}${good}${good}`, 'line 3', 'time'],
    ['a time that goes back', `${header}${good}${START - MINUTE},1,1,1,1\n`, 'line 3', 'time'],
    ['a candle inside the one before', `${header}${good}${START + 1},1,1,1,1\n`, 'line 3', 'time'],
    ['a field too few', `${header}${START},105000,106000\n`, 'line 2', 'fields'],
    ['a header without a column', `time,open,high,low\n${good}`, 'line 1', 'close'],
    ['no header', '', 'empty', 'columns'],
  ])('prices: %s', async (_what, text, place, word) => {
    const path = written(newFolder(), 'BTC-USDT_1m.csv', text);
    await fails(['--signals', signals, '--prices', path], path, place, word);
  });

  it('prices: a name that does not say what is in the file', async () => {
    const path = written(newFolder(), 'prices.csv', header + good);
    await fails(['--signals', signals, '--prices', path], path, 'BTC-USDT_5m.csv');
  });

  it('prices: two files of the same instrument and interval', async () => {
    const other = written(newFolder(), 'BTC-USDT_1m.csv', header + good);
    await fails(['--signals', signals, '--prices', candles, other], candles, other);
  });

  it('a file that is not there', async () => {
    const gone = join(temporary, 'gone.jsonl');
    await fails(['--signals', gone, '--prices', candles], gone);
    await fails(['--signals', signals, '--prices', join(temporary, 'BTC-USDT_5m.csv')], 'BTC-USDT_5m.csv');
  });

  it('a packed file that is damaged', async () => {
    const own = newFolder();
    const prices = written(own, 'BTC-USDT_1m.csv.gz', gzipSync(csvOf(rows)).subarray(0, 40));
    await fails(['--signals', signals, '--prices', prices], prices);
    const lines = written(own, 'signals.jsonl.gz', gzipSync(JSON.stringify(line('one'))).subarray(0, 40));
    await fails(['--signals', lines, '--prices', candles], lines);
  });

  it('a folder without prices', async () => {
    const own = newFolder();
    await fails(['--signals', signals, '--prices', own], own);
  });

  it('wrong usage is told as such', async () => {
    const { code, stdout } = await run('--prices', candles);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});
