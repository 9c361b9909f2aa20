/** The history of signals that a replay reads: one JSON object a line. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream';
import { Fault } from '../../../server/src/http/fault.ts';
import { parseJsonBody } from '../../../server/src/http/json-body.ts';
import { CommandError } from '../output.ts';

const CALLS = ['takeprofit', 'trailingstop', 'rebuy', 'dca', 'updateprice', 'cancel'] as const;

type CallName = (typeof CALLS)[number];

export interface HistoryCall {
  /** When it was sent, milliseconds since 1970. */
  readonly at: number;
  readonly call: CallName;
  /** As it would be sent to the Anny API; the signal's own id is put in. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface HistorySignal {
  readonly id: string;
  readonly at: number;
  /** An Anny v2 body. */
  readonly body: Readonly<Record<string, unknown>>;
  /** In order of time. */
  readonly calls: readonly HistoryCall[];
}

/**
 * Reads the signals of a file; `.gz` is unpacked.
 * @throws CommandError naming file and line: a file that can't be read, a line that is no such object, an id that came
 * before.
 */
export async function readHistory(file: string): Promise<readonly HistorySignal[]> {
  const signals: HistorySignal[] = [];
  const lines = new Map<string, number>();
  let number = 0;
  try {
    for await (const line of linesOf(file)) {
      number += 1;
      const text = number === 1 && line.startsWith(BYTE_ORDER_MARK) ? line.slice(1) : line;
      if (text.trim() === '') continue;
      const signal = parseSignal(text, (reason) => badLine(file, number, reason));
      const before = lines.get(signal.id);
      if (before !== undefined)
        throw badLine(file, number, `the id ${JSON.stringify(signal.id)} stands on line ${before} already`);
      lines.set(signal.id, number);
      signals.push(signal);
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw unreadable(file, error, 'signals');
  }
  return signals;
}

const BYTE_ORDER_MARK = '\uFEFF';

/** What the machine says of a file that it can't read, in words. */
export function unreadable(file: string, error: unknown, field: string): CommandError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason =
    code === 'ENOENT'
      ? 'there is no such file'
      : code === 'EISDIR'
        ? 'is a folder'
        : code === 'EACCES'
          ? 'may not be read'
          : message;
  return new CommandError('unreadable_file', message.startsWith(file) ? message : `${file}: ${reason}`, field);
}

function linesOf(file: string): AsyncIterable<string> {
  const stream = createReadStream(file);
  // An error of either end reaches whoever reads the lines.
  const input = file.endsWith('.gz') ? pipeline(stream, createGunzip(), () => undefined) : stream;
  const lines = createInterface({ input, crlfDelay: Infinity });
  return {
    async *[Symbol.asyncIterator]() {
      let failed: Error | null = null;
      input.on('error', (error: Error) => {
        failed = error;
        lines.close();
      });
      yield* lines;
      if (failed !== null) throw failed;
    },
  };
}

type Bad = (reason: string) => CommandError;

function badLine(file: string, line: number, reason: string): CommandError {
  return new CommandError('bad_line', `${file}, line ${line}: ${reason}`, 'signals');
}

function parseSignal(line: string, bad: Bad): HistorySignal {
  let value: unknown;
  try {
    value = parseJsonBody(Buffer.from(line), { decimalTexts: true });
  } catch (error) {
    if (error instanceof Fault) throw bad(error.message.replace(/^the body/, 'the line'));
    throw error;
  }
  if (!isObject(value)) throw bad('must be an object {"id","at","signal","calls"?}');
  const { id, at, signal, calls = [] } = value;
  if (typeof id !== 'string' || id === '') throw bad('id must be a text');
  if (!isObject(signal)) throw bad('signal must be an object, the body of POST /v2/signal');
  if (!Array.isArray(calls)) throw bad('calls must be a list');
  return {
    id,
    at: momentOf(at, 'at', bad),
    body: signal,
    calls: calls
      .map((call: unknown, index) => parseCall(call, `calls[${index}]`, bad))
      .sort((one, other) => one.at - other.at),
  };
}

function parseCall(value: unknown, place: string, bad: Bad): HistoryCall {
  if (!isObject(value)) throw bad(`${place} must be an object {"at","call","body"}`);
  const { at, call, body = {} } = value;
  if (!CALLS.includes(call as CallName)) throw bad(`${place}.call must be one of ${CALLS.join(', ')}`);
  if (!isObject(body)) throw bad(`${place}.body must be an object`);
  return { at: momentOf(at, `${place}.at`, bad), call: call as CallName, body };
}

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;

function momentOf(value: unknown, field: string, bad: Bad): number {
  const time = typeof value === 'string' && ISO.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw bad(`${field} must be an ISO 8601 time with its zone, such as 2026-04-04T19:12:07Z`);
  return time;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
