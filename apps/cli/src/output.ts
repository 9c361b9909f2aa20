/** What a command prints: one JSON value, or short lines for a person; and how it says that it could not. */
import { CommanderError } from 'commander';
import { OutcomeUnknown, type Refusal, RevisionConflict, StoreUnavailable, messageOf } from '#libs/sourcing';
import { WrongSettings } from '../../server/src/settings.ts';

/** An expected "no". The message is one sentence for the operator; `field` names the argument at fault. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: string;
  readonly field: string | undefined;
  constructor(code: string, message: string, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

/** The work was stopped by Ctrl-C; the message says how to go on. */
export class Stopped extends CommandError {
  constructor(message: string) {
    super('stopped', message);
  }
}

/** A refusal of a domain, its field in the form the command line speaks. */
export function refusalError({ code, message, field }: Refusal): CommandError {
  return new CommandError(
    code,
    message,
    field?.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  );
}

/** Prints a command's result: the value with `--json`, else what `human` makes of it. */
export function printResult<Value>(json: boolean, value: Value, human: (value: Value) => string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : human(value)}\n`);
}

/** Columns under their headings, two spaces apart. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows].map((row) => row.map(printable));
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Text from clients, harmless on a terminal: control and direction characters are shown as escapes. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A failure as text for stderr, and the exit code: 1 for a failure, 2 for wrong usage, 130 after Ctrl-C. */
export function renderFailure(error: unknown, json: boolean): { readonly text: string; readonly exitCode: number } {
  const { code, message, field, exitCode } = describe(error);
  const text = json
    ? JSON.stringify({ error: { code, message, ...(field !== undefined && { field }) } })
    : `signal-ledger: ${message}`;
  return { text: `${text}\n`, exitCode };
}

function describe(error: unknown): { code: string; message: string; field?: string | undefined; exitCode: number } {
  if (error instanceof CommanderError) return { code: 'usage', message: usageMessage(error), exitCode: 2 };
  if (error instanceof CommandError) {
    return {
      code: error.code,
      message: error.message,
      field: error.field,
      exitCode: error instanceof Stopped ? 130 : 1,
    };
  }
  const message = messageOf(error);
  return { code: failureCode(error), message, exitCode: 1 };
}

function usageMessage({ code, message }: CommanderError): string {
  return code === 'commander.help' ? 'a command is missing; --help lists them' : message.replace(/^error: /, '');
}

function failureCode(error: unknown): string {
  if (error instanceof WrongSettings) return 'wrong_settings';
  if (error instanceof StoreUnavailable) return 'store_unavailable';
  if (error instanceof OutcomeUnknown) return 'outcome_unknown';
  if (error instanceof RevisionConflict) return 'conflict';
  return 'failed';
}
