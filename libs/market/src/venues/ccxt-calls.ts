/** Questions to ccxt's process: it starts with the first, and again, after a wait, when it died. */
import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { createBackoff } from './ccxt-backoff.ts';
import {
  type Ask,
  type CcxtAnswer,
  CcxtFailure,
  type CcxtMethods,
  type CcxtQuestion,
  type CcxtSettings,
} from './ccxt-messages.ts';

export interface CcxtCalls<Methods extends object = CcxtMethods> {
  /** Rejects with `CcxtFailure`; with `NotAsked` where the process surely never heard the question. */
  readonly ask: Ask<Methods>;
  /** Ends the process; what waits is told that the venue is closed. */
  readonly close: () => Promise<void>;
}

export interface CcxtCallsOptions {
  /** Milliseconds after which a process that has not answered is taken for stuck, and ended. */
  readonly deadlineMs: number;
  /** Most heap that the process may take, in MB. */
  readonly memoryMb: number;
  /** The wait after its first death; it doubles up to a minute. */
  readonly restartMs: number;
  /** The code that runs in it, where it is not that of prices. */
  readonly code?: URL;
  /** What it is told before the first question: others can read arguments and the environment, but not this. */
  readonly hello?: object;
  /** Questions that may wait at once: 16. */
  readonly mostWaiting?: number;
}

/** The question did not reach the process. */
export class NotAsked extends CcxtFailure {}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

const MOST_WAITING = 16;
/** A process that lived so long did not die of how it was started. */
const LIVED_MS = 60_000;
const MOST_STDERR = 8_192;
/** ccxt sees no other setting of this process: there may be secrets among them. */
const PASSED_ON = ['PATH', 'SystemRoot', 'TMPDIR', 'TEMP', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];

export function createCcxtCalls<Methods extends object = CcxtMethods>(
  settings: CcxtSettings,
  options: CcxtCallsOptions,
): CcxtCalls<Methods> {
  const { deadlineMs, memoryMb, restartMs, hello, mostWaiting = MOST_WAITING } = options;
  const code = options.code ?? new URL(`./ccxt.process${extname(import.meta.url)}`, import.meta.url);
  const backoff = createBackoff({ firstMs: restartMs, mostMs: 60_000 });
  const waiting = new Map<number, Waiting>();
  let running: Running | null = null;
  let diedOf = '';
  let nextId = 1;
  let closed = false;

  function start(): Running {
    const started = performance.now();
    const child = fork(code, [JSON.stringify(settings)], {
      execArgv: [`--max-old-space-size=${memoryMb}`],
      env: Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]])),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let errors = '';
    child.stderr!.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString('utf8')).slice(-MOST_STDERR)));
    child.on('message', (answer: CcxtAnswer) => {
      if (performance.now() - started > LIVED_MS) backoff.worked();
      const asked = take(answer.id);
      if ('failure' in answer) asked?.reject(new CcxtFailure(answer.failure));
      else asked?.resolve(answer.value);
    });
    const ended = new Promise<void>((resolve) => {
      const end = (reason: string): void => {
        lost(child, reason);
        resolve();
      };
      // Emitted without `close` when there is no process at all.
      child.once('error', (error) => end(error.message));
      child.once('close', (status, signal) => {
        const [told] = /^.*Error: .*$|^FATAL ERROR: .*$/m.exec(errors) ?? [];
        end(told?.trim().slice(0, 300) ?? (signal === null ? `it ended with ${status}` : `it was ended by ${signal}`));
      });
    });
    // What can't be sent is told by the end of the process.
    if (hello !== undefined) child.send(hello, () => undefined);
    return { child, ended };
  }

  /** A process that nobody asks anything does not keep this one from ending. */
  function hold(child: ChildProcess, held: boolean): void {
    for (const one of [child, child.channel, child.stderr as unknown as { ref(): void; unref(): void } | null]) {
      if (held) one?.ref();
      else one?.unref();
    }
  }

  function take(id: number): Waiting | undefined {
    const asked = waiting.get(id);
    waiting.delete(id);
    clearTimeout(asked?.timer);
    if (waiting.size === 0 && running !== null) hold(running.child, false);
    return asked;
  }

  function lost(child: ChildProcess, reason: string): void {
    if (running?.child !== child) return;
    running = null;
    diedOf = reason;
    const retryIn = closed ? 0 : backoff.failed();
    const text = closed ? reason : `ccxt's process was lost: ${reason}`;
    for (const id of waiting.keys()) take(id)?.reject(failure(text, retryIn));
  }

  function overdue(id: number): void {
    take(id)?.reject(failure(`ccxt's process did not answer within ${deadlineMs} ms`));
    // It has time-outs of its own, so it is stuck, and the others wait in vain.
    running?.child.kill('SIGKILL');
  }

  function childNow(): ChildProcess {
    if (running === null) {
      const wait = backoff.enter();
      if (wait > 0) throw notAsked(`ccxt's process was lost (${diedOf}) and is not started yet`, wait);
      running = start();
    }
    return running.child;
  }

  const ask = async (method: string, ...args: readonly unknown[]): Promise<unknown> => {
    if (closed) throw notAsked('the venue is closed');
    if (waiting.size >= mostWaiting) throw notAsked(`${mostWaiting} questions wait already`);
    const child = childNow();
    return new Promise<unknown>((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, { resolve, reject, timer: setTimeout(() => overdue(id), deadlineMs) });
      hold(child, true);
      child.send([id, method, args] satisfies CcxtQuestion<string>, (error) => {
        if (error !== null) take(id)?.reject(failure(`ccxt's process was lost: ${error.message}`));
      });
    });
  };

  return {
    ask: ask as unknown as Ask<Methods>,
    close: async () => {
      closed = true;
      if (running === null) return;
      const { child, ended } = running;
      lost(child, 'the venue is closed');
      hold(child, true);
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function failure(reason: string, retryIn = 0): CcxtFailure {
  return new CcxtFailure({ kind: 'unavailable', reason, retryIn });
}

function notAsked(reason: string, retryIn = 0): NotAsked {
  return new NotAsked({ kind: 'unavailable', reason, retryIn });
}
