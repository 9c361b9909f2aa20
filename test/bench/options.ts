/** What a run is asked for. */
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const ROW_NAMES = [
  'bare',
  'ceiling',
  'create',
  'create1',
  'create16',
  'create256',
  'many',
  'hot',
  'keyed',
  'nothing',
  'lookup',
  'visible',
  'rebuild',
  'ticks-1k',
  'ticks-100k',
  'ticks-1m',
  'steps',
  'event-store',
  'documents',
  'accounts',
] as const;
export type RowName = (typeof ROW_NAMES)[number];

export interface Options {
  readonly quick: boolean;
  readonly json: boolean;
  readonly rows: readonly RowName[];
  /** Folder in which the run makes its own; it says which disk is measured. */
  readonly dataDir: string;
  readonly rounds: number;
  /** Seconds that a row is measured in each round. */
  readonly seconds: number;
  /** Folder for CPU profiles of the server, or null. */
  readonly profile: string | null;
  /** A commit whose creates are measured in turns with those of this tree, or null. */
  readonly against: string | null;
}

const HELP = `npm run bench -- [--quick] [--rows a,b] [--json] [--data-dir DIR] [--rounds N] [--seconds N] [--profile DIR] [--against COMMIT]

--quick          about a minute; else up to seven
--rows LIST      of ${ROW_NAMES.join(', ')}
--json           the raw figures on standard output instead of the table
--data-dir DIR   where the temporary data goes, and so which disk is measured; default ${tmpdir()}
--rounds N       rounds of which the median is shown; --seconds N  length of a row in each
--profile DIR    CPU profiles of the server's threads and a summary of them; figures are lower then
--against COMMIT builds that commit beside this tree, with the packages installed here, and measures create @64 on both in
                 turns; without --rows nothing else

The rows event-store and documents use the servers of TEST_EVENTSTORE_URL and TEST_MONGODB_URL; without them the double of
EventStoreDB, and FerretDB where Go is installed, and say so.
`;

/** Reads the command line. Ends the process on --help and on what it can't read. */
export function readOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        rows: { type: 'string' },
        'data-dir': { type: 'string', default: tmpdir() },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        profile: { type: 'string' },
        against: { type: 'string' },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      process.exit(0);
    }
    const { quick } = values;
    return {
      quick,
      json: values.json,
      rows: values.rows === undefined ? (values.against === undefined ? ROW_NAMES : []) : rowsOf(values.rows),
      dataDir: resolve(values['data-dir']),
      rounds: positive('--rounds', values.rounds ?? (quick ? '1' : '3')),
      seconds: positive('--seconds', values.seconds ?? (quick ? '1' : '3')),
      profile: values.profile === undefined ? null : resolve(values.profile),
      against: values.against ?? null,
    };
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    process.exit(2);
  }
}

function rowsOf(list: string): RowName[] {
  return list.split(',').map((text) => {
    const name = ROW_NAMES.find((one) => one === text.trim());
    if (name === undefined) throw new Error(`there is no row ${JSON.stringify(text)}`);
    return name;
  });
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new Error(`${name} is a number above 0`);
  return number;
}
