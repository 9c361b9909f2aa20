/** Requests of the Streams protocol, as the generated code of `@eventstore/db-client` writes them. */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { StreamNames } from './names.ts';

const { ReadReq } = streams;

/** At most `count` events of a stream, by its name on the server, from a revision on. */
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
export function logRequest(names: StreamNames, from: bigint | null, count: number): streams.ReadReq {
  const options = readOptions();
  options.setAll(allOptions(from));
  options.setCount(String(count));
  options.setFilter(names.filter());
  return request(options);
}

/** At most `count` events of the log, the last one first. */
export function lastRequest(names: StreamNames, count: number): streams.ReadReq {
  const all = new ReadReq.Options.AllOptions();
  all.setEnd(new shared.Empty());
  const options = readOptions();
  options.setAll(all);
  options.setCount(String(count));
  options.setReadDirection(ReadReq.Options.ReadDirection.BACKWARDS);
  options.setFilter(names.filter());
  return request(options);
}

/** Every event of the log after the place of one, for good; null: from its beginning. */
export function subscriptionRequest(names: StreamNames, after: bigint | null): streams.ReadReq {
  const options = readOptions();
  options.setAll(allOptions(after));
  options.setSubscription(new ReadReq.Options.SubscriptionOptions());
  options.setFilter(names.filter());
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

/** The place of an event in `$all` has two equal halves. */
function allOptions(place: bigint | null): streams.ReadReq.Options.AllOptions {
  const all = new ReadReq.Options.AllOptions();
  if (place === null) all.setStart(new shared.Empty());
  else {
    const position = new ReadReq.Options.Position();
    position.setCommitPosition(String(place));
    position.setPreparePosition(String(place));
    all.setPosition(position);
  }
  return all;
}
