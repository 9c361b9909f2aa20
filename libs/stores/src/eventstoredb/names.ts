/** Which streams of a server are a ledger's: several may share one server, each but one under a name of its own. */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';

/** Where a ledger keeps its id. It is no part of the log that is read. */
export const LEDGER_ID_STREAM = 'ledger-id';

/** Letters, digits and `-`, 1 to 40 of them. The streams of a named ledger are called `NAME.` and their own name. */
const NAME = '[A-Za-z0-9-]{1,40}';

/** Neither the server's own, whose names begin with `$`, nor the one of the ledger's id, nor those of a named ledger. */
const OF_THE_UNNAMED = `^(?!\\$|${LEDGER_ID_STREAM}$|${NAME}\\.)`;

type Filter = streams.ReadReq.Options.FilterOptions;

export interface StreamNames {
  /**
   * What the server calls a stream of the ledger.
   * @throws Error for a name that would be one of another ledger.
   */
  onServer(stream: string): string;
  /** The own name of a stream of the ledger's log; null where it is none: another's, the server's, or that of the id. */
  own(onServer: string): string | null;
  /** What the server is to read of `$all`: the log, and so many events beside it as `besides` says. */
  filter(): Filter;
  /** Events that pass the filter and are not of the log: that of the id, which the server can't leave out of a prefix. */
  readonly besides: 0 | 1;
}

export function isLedgerName(text: string): boolean {
  return new RegExp(`^${NAME}$`).test(text);
}

/** Those of a ledger of a name, or of the one that has none. */
export function streamNames(ledger: string | null): StreamNames {
  return ledger === null ? ofTheUnnamed() : ofTheNamed(`${ledger}.`);
}

function ofTheNamed(prefix: string): StreamNames {
  return {
    onServer: (stream) => prefix + stream,
    own: (onServer) => {
      const stream = onServer.slice(prefix.length);
      return onServer.startsWith(prefix) && stream !== LEDGER_ID_STREAM ? stream : null;
    },
    filter: () => filterBy((names) => names.addPrefix(prefix)),
    besides: 1,
  };
}

function ofTheUnnamed(): StreamNames {
  const pattern = new RegExp(OF_THE_UNNAMED);
  return {
    onServer: (stream) => {
      if (stream !== LEDGER_ID_STREAM && !pattern.test(stream))
        throw new Error(`${stream} can't be a stream here: it would be taken for one of another ledger`);
      return stream;
    },
    own: (onServer) => (pattern.test(onServer) ? onServer : null),
    filter: () => filterBy((names) => names.setRegex(OF_THE_UNNAMED)),
    besides: 0,
  };
}

function filterBy(set: (names: streams.ReadReq.Options.FilterOptions.Expression) => void): Filter {
  const names = new streams.ReadReq.Options.FilterOptions.Expression();
  set(names);
  const filter = new streams.ReadReq.Options.FilterOptions();
  filter.setStreamIdentifier(names);
  filter.setCount(new shared.Empty());
  filter.setCheckpointintervalmultiplier(1);
  return filter;
}
