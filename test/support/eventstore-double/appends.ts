/** The double's side of `BatchAppend`. */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import protobuf from 'google-protobuf/google/protobuf/any_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import status from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { DoubleEvent, DoubleLog } from './log.ts';

/** What happens to an append. */
export type AppendFault =
  /** All connections break before it is taken. */
  | 'lost'
  /** It is written, and all connections break before it is answered. */
  | 'unanswered'
  /** It is refused by a server that has only just started. */
  | 'not-ready'
  /** It is written, and answered after so many milliseconds. */
  | { readonly answeredAfter: number };

export interface AppendHooks {
  readonly log: DoubleLog;
  /** Counts every append that has come in, from 1. */
  readonly fault: () => AppendFault | null;
  /** Breaks all connections. */
  readonly cut: () => void;
  /** Milliseconds since 1970, as this server knows them. */
  readonly clock: () => number;
}

export type BatchCall = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;

interface Pending {
  readonly options: streams.BatchAppendReq.Options;
  readonly events: DoubleEvent[];
  bytes: number;
}

const MOST_BYTES = 1_024 * 1_024;

export function batchAppend(call: BatchCall, { log, fault, cut, clock }: AppendHooks): void {
  const pending = new Map<string, Pending>();
  call.on('error', () => undefined);
  call.on('end', () => call.end());
  call.on('data', (request: streams.BatchAppendReq) => {
    const id = request.getCorrelationId()!.getString();
    const append = pending.get(id) ?? { options: request.getOptions()!, events: [], bytes: 0 };
    pending.set(id, append);
    for (const message of request.getProposedMessagesList()) {
      const event = eventFrom(message);
      append.events.push(event);
      append.bytes += event.data.length + event.metadata.length + 2 * event.type.length;
    }
    if (!request.getIsFinal()) return;
    pending.delete(id);
    const happens = fault();
    if (happens === 'lost') return cut();
    const response =
      happens === 'not-ready'
        ? refusal('Server Is Not Ready', new shared.Empty(), 'google.protobuf.Empty')
        : written(append);
    if (happens === 'unanswered') return cut();
    response.setCorrelationId(request.getCorrelationId());
    response.setStreamIdentifier(append.options.getStreamIdentifier());
    if (happens === null || happens === 'not-ready') call.write(response);
    else setTimeout(() => call.write(response), happens.answeredAfter).unref();
  });

  function written({ options, events, bytes }: Pending): streams.BatchAppendResp {
    const deadline = options.getDeadline();
    if (deadline !== undefined && deadline.toDate().getTime() <= clock())
      return refusal('', new shared.Timeout(), 'Timeout');
    if (bytes > MOST_BYTES) return refusal('', new shared.MaximumAppendSizeExceeded(), 'MaximumAppendSizeExceeded');
    const name = Buffer.from(options.getStreamIdentifier()!.getStreamName_asU8()).toString('utf8');
    const expected = options.hasNoStream() ? -1 : Number(options.getStreamPosition());
    const result = log.append(name, expected, events);
    if ('wrong' in result) return refusal('', wrongVersion(result.wrong), 'WrongExpectedVersion');
    const position = new shared.AllStreamPosition();
    position.setCommitPosition(String(result.position));
    position.setPreparePosition(String(result.position));
    const success = new streams.BatchAppendResp.Success();
    success.setCurrentRevision(String(result.revision));
    success.setPosition(position);
    const response = new streams.BatchAppendResp();
    response.setSuccess(success);
    return response;
  }
}

function wrongVersion(actual: number): shared.WrongExpectedVersion {
  const wrong = new shared.WrongExpectedVersion();
  if (actual === -1) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentStreamRevision(String(actual));
  return wrong;
}

function refusal(message: string, details: { serializeBinary(): Uint8Array }, type: string): streams.BatchAppendResp {
  const any = new protobuf.Any();
  any.pack(details.serializeBinary(), type.includes('.') ? type : `event_store.client.${type}`);
  const error = new status.Status();
  error.setMessage(message);
  error.setDetails(any);
  const response = new streams.BatchAppendResp();
  response.setError(error);
  return response;
}

function eventFrom(message: streams.BatchAppendReq.ProposedMessage): DoubleEvent {
  return {
    id: message.getId()!.getString(),
    type: message.getMetadataMap().get('type')!,
    contentType: message.getMetadataMap().get('content-type')!,
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}
