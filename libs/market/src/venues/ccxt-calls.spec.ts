import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { type CcxtCalls, createCcxtCalls } from './ccxt-calls.ts';
import { CcxtFailure } from './ccxt-messages.ts';

/** A process that does what the symbol of `resolve` says. */
const CODE = `
  let asked = 0;
  process.on('disconnect', () => process.exit());
  process.on('message', ([id, method, [what]]) => {
    asked += 1;
    if (what === 'die') process.exit(7);
    if (what === 'kill') process.kill(process.pid, 'SIGKILL');
    if (what === 'throw') throw new Error('out of order');
    if (what === 'spin') for (;;);
    if (what === 'silent') return;
    if (what === 'environment') process.send({ id, value: Object.keys(process.env) });
    else process.send({ id, value: { pid: process.pid, asked } });
  });`;

const folder = mkdtempSync(join(tmpdir(), 'signal-ledger-'));
const code = pathToFileURL(join(folder, 'code.mjs'));
writeFileSync(code, CODE);
afterAll(() => rmSync(folder, { recursive: true }));

type Told = { pid: number; asked: number };
const settings = { exchange: 'binance', baseUrl: null, timeoutMs: 100 };

describe('questions to a process', () => {
  let calls: CcxtCalls;
  const open = (deadlineMs = 20_000, restartMs = 1): void => {
    calls = createCcxtCalls(settings, { deadlineMs, memoryMb: 64, restartMs, code });
  };
  const ask = (what: string): Promise<Told> => calls.ask('resolve', what) as unknown as Promise<Told>;
  const refusal = (what: string): Promise<CcxtFailure> =>
    ask(what).then(
      () => Promise.reject(),
      (error) => error,
    );
  /** Asks until the wait for a new process is over. */
  const again = async (): Promise<Told> => {
    for (;;) {
      const told = await ask('well?').catch(() => null);
      if (told !== null) return told;
      await sleep(5);
    }
  };
  afterEach(() => calls.close());

  it('go to one process', async () => {
    open();
    const [first, second] = [await ask('a'), await ask('b')];
    expect(second).toEqual({ pid: first.pid, asked: 2 });
    expect(first.pid).not.toBe(process.pid);
  });

  it.each([
    ['die', 'it ended with 7'],
    ['kill', 'it was ended by SIGKILL'],
    ['throw', 'Error: out of order'],
  ])('are told when it is lost (%s), and a new one answers after a wait', async (what, reason) => {
    open(20_000, 200);
    const { pid } = await ask('a');
    const waiting = refusal('silent');
    const lost = await refusal(what);
    expect(lost).toBeInstanceOf(CcxtFailure);
    expect(lost.message).toContain(reason);
    expect((await waiting).message).toContain(reason);
    expect(lost.retryIn).toBeGreaterThan(0);
    expect((await refusal('well?')).message).toContain('is not started yet');
    expect((await again()).pid).not.toBe(pid);
  });

  it('are not waited for without end, and a process that is stuck is ended', async () => {
    open(2_000);
    const { pid } = await ask('a');
    const [spun, behind] = await Promise.all([refusal('spin'), refusal('b')]);
    expect(spun.message).toContain('did not answer within 2000 ms');
    expect(behind.message).toMatch(/did not answer|was lost/);
    expect((await again()).pid).not.toBe(pid);
    expect(() => process.kill(pid, 0)).toThrow();
  });

  it('are bounded in number', async () => {
    open();
    await ask('a');
    const waiting = Array.from({ length: 16 }, () => refusal('silent'));
    expect((await refusal('b')).message).toContain('16 questions wait already');
    await calls.close();
    for (const one of await Promise.all(waiting)) expect(one.message).toBe('the venue is closed');
    expect((await refusal('b')).message).toBe('the venue is closed');
  });

  it('show it no settings of this process', async () => {
    process.env['SIGNAL_LEDGER_SECRET'] = 'secret';
    open();
    const names = (await calls.ask('resolve', 'environment')) as unknown as string[];
    delete process.env['SIGNAL_LEDGER_SECRET'];
    expect(names).toContain('PATH');
    expect(names).not.toContain('SIGNAL_LEDGER_SECRET');
  });

  it('keep no process from ending when none waits', async () => {
    const program = `
      const { createCcxtCalls } = await import(${JSON.stringify(new URL('./ccxt-calls.ts', import.meta.url).href)});
      const options = { deadlineMs: 20_000, memoryMb: 64, restartMs: 1, code: new URL(${JSON.stringify(code.href)}) };
      const calls = createCcxtCalls(${JSON.stringify(settings)}, options);
      console.log((await calls.ask('resolve', 'a')).asked);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
    expect(stdout).toBe('1\n');
  });

  it('reach ccxt', async () => {
    const code = new URL('./ccxt.process.ts', import.meta.url);
    calls = createCcxtCalls(
      { ...settings, exchange: 'nasdaq' },
      { deadlineMs: 20_000, memoryMb: 96, restartMs: 1, code },
    );
    await expect(calls.ask('check')).rejects.toMatchObject({ kind: 'unknown' });
  });

  it('end it when the venue is closed', async () => {
    open();
    const { pid } = await ask('a');
    await calls.close();
    expect(() => process.kill(pid, 0)).toThrow();
  });
});
