/** Requests of the Streams protocol, as the generated code of `@eventstore/db-client` writes them. */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';

const { ReadReq } = streams;

/** Where a ledger keeps its id. It is no part of the log that is read. */
export const LEDGER_ID_STREAM = 'ledger-id';

/** The streams of a log: neither the server's own, whose names begin with `$`, nor the one of the ledger's id. */
const OF_THE_LOG = `^(?!\\$|${LEDGER_ID_STREAM}$)`;

/** A place in `$all`. That of an event has two equal halves, that of a checkpoint need not. */
export interface Place {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** At most `count` events of a stream from a revision on. */
export function streamRequest(stream: string, from: number, count: number): streams.ReadReq {
  const of = new ReadReq.Options.StreamOptions();
  of.setStreamIdentifier(streamIdentifier(stream));
  of.setRevision(String(from));
  const options = readOptions();
  options.setStream(of);
  options.setCount(String(count));
  options.setNoFilter(new shared.Empty());
  return request(options);
}

/** At most `count` events of the log from the place of one on, that one first; null: from its beginning. */
export function logRequest(from: bigint | null, count: number): streams.ReadReq {
  const options = readOptions();
  options.setAll(allOptions(from === null ? null : { commit: from, prepare: from }));
  options.setCount(String(count));
  options.setFilter(ofTheLog());
  return request(options);
}

/** At most `count` events of the log, the last one first. */
export function lastRequest(count: number): streams.ReadReq {
  const all = new ReadReq.Options.AllOptions();
  all.setEnd(new shared.Empty());
  const options = readOptions();
  options.setAll(all);
  options.setCount(String(count));
  options.setReadDirection(ReadReq.Options.ReadDirection.BACKWARDS);
  options.setFilter(ofTheLog());
  return request(options);
}

/** Every event of the log after a place, for good; null: from its beginning. */
export function subscriptionRequest(after: Place | null): streams.ReadReq {
  const options = readOptions();
  options.setAll(allOptions(after));
  options.setSubscription(new ReadReq.Options.SubscriptionOptions());
  options.setFilter(ofTheLog());
  return request(options);
}

export function streamIdentifier(stream: string): shared.StreamIdentifier {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream, 'utf8'));
  return identifier;
}

function request(options: streams.ReadReq.Options): streams.ReadReq {
  const read = new ReadReq();
  read.setOptions(options);
  return read;
}

function readOptions(): streams.ReadReq.Options {
  const uuids = new ReadReq.Options.UUIDOption();
  uuids.setString(new shared.Empty());
  const options = new ReadReq.Options();
  options.setUuidOption(uuids);
  return options;
}

function allOptions(place: Place | null): streams.ReadReq.Options.AllOptions {
  const all = new ReadReq.Options.AllOptions();
  if (place === null) all.setStart(new shared.Empty());
  else {
    const position = new ReadReq.Options.Position();
    position.setCommitPosition(String(place.commit));
    position.setPreparePosition(String(place.prepare));
    all.setPosition(position);
  }
  return all;
}

function ofTheLog(): streams.ReadReq.Options.FilterOptions {
  const names = new ReadReq.Options.FilterOptions.Expression();
  names.setRegex(OF_THE_LOG);
  const filter = new ReadReq.Options.FilterOptions();
  filter.setStreamIdentifier(names);
  filter.setCount(new shared.Empty());
  filter.setCheckpointintervalmultiplier(1);
  return filter;
}
