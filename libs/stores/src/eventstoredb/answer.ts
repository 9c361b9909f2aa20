/** What the server says to an append, as the port says it. */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { OutcomeUnknown, RevisionConflict, StoreUnavailable } from '#libs/sourcing';

/** Where an append ended; null where the server did not say the position. */
export interface Answered {
  readonly revision: number;
  readonly position: bigint | null;
}

const PACKAGE = 'event_store.client.';

/** Asked for, but not carried out (`NotHandled` in the server's `Streams.BatchAppend.cs`). */
const NOT_HANDLED: ReadonlySet<string> = new Set([
  'Server Is Not Ready',
  'Server Is Busy',
  'No leader info available in response',
]);

/** Where the append ended, or what to throw for it. */
export function answerFrom(response: streams.BatchAppendResp, stream: string, expected: number): Answered | Error {
  const success = response.getSuccess();
  if (success !== undefined) {
    const position = success.getPosition();
    return {
      revision: Number(success.getCurrentRevision()),
      position: position === undefined ? null : positionFrom(BigInt(position.getCommitPosition())),
    };
  }
  const error = response.getError();
  const details = error?.getDetails();
  const type = details?.getTypeName() ?? '';
  const told = error?.getMessage() ?? '';
  switch (type) {
    case `${PACKAGE}WrongExpectedVersion`: {
      const wrong = details!.unpack(shared.WrongExpectedVersion.deserializeBinary, type);
      const actual = wrong?.hasCurrentStreamRevision() === true ? Number(wrong.getCurrentStreamRevision()) : -1;
      return new RevisionConflict(stream, expected, actual);
    }
    case `${PACKAGE}AccessDenied`:
      return new StoreUnavailable(`EventStoreDB does not let this user write ${stream}`);
    case `${PACKAGE}StreamDeleted`:
      return new Error(`${stream} was deleted in EventStoreDB: nothing can be appended to it`);
    case `${PACKAGE}MaximumAppendSizeExceeded`:
      return new Error(`EventStoreDB found an append to ${stream} too large: ${told}`);
    case `${PACKAGE}Timeout`:
      return new OutcomeUnknown(`EventStoreDB timed out on an append to ${stream}`);
    default:
      return NOT_HANDLED.has(told)
        ? new StoreUnavailable(`EventStoreDB takes no appends: ${told}`)
        : new OutcomeUnknown(`EventStoreDB failed on an append to ${stream}: ${told === '' ? type : told}`);
  }
}

/** A position the server does not know is -1 to it, which comes as the largest number of 64 bits. */
function positionFrom(commit: bigint): bigint | null {
  return BigInt.asIntN(64, commit) < 0n ? null : commit;
}
