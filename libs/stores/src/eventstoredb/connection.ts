/**
 * The connection to an EventStoreDB: one for each URL, however many stores of this process use it.
 *
 * `@eventstore/db-client` makes it: URLs, discovery of a cluster, TLS, credentials, and another node when one fails. Its
 * commands are not used, only the calls beneath them (`generated/`, which it ships), because the commands
 * - keep the pending appends of all clients in one map, so that a server that dies fails the appends to all others, and
 *   an answer to one of those then ends the process (`batchAppend.js`);
 * - wait forever where the server ends a call in order, and raise unhandled rejections where it dies (`backpressuredWrite.js`);
 * - tell the server until when to answer by the clock of this machine;
 * - remember a failed discovery as the answer to all that is asked later (`capabilities`);
 * - tell checkpoints before the events in front of them are taken (`Subscription.js`), and read `$all` unfiltered only.
 */
import { EventStoreDBClient } from '@eventstore/db-client';
import grpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';

type Streams = grpc.StreamsClient;
export type ReadCall = ReturnType<Streams['read']>;
export type AppendCall = ReturnType<Streams['batchAppend']>;
type CallArguments = Parameters<Streams['batchAppend']>;

/** What the client gives to its own commands (`Client/index.d.ts` of 6.2.1; protected there). */
interface Calls {
  /** Makes the call on the present connection. A call that fails for want of a node, or of a leader, brings a new one. */
  GRPCStreamCreator<Call>(
    client: typeof grpc.StreamsClient,
    name: string,
    make: (on: Streams) => Call,
  ): () => Promise<Call>;
  callArguments(options: { readonly requiresLeader: boolean }, call: { readonly deadline: number }): CallArguments;
}

export interface Connection {
  /** Begins a read or a subscription. The call has to be cancelled by whoever leaves it before its end. */
  read(request: streams.ReadReq): Promise<ReadCall>;
  /** Begins a stream of appends and their answers. */
  batchAppend(): Promise<AppendCall>;
  /** To be called once, when all calls of the caller have ended or were cancelled. */
  release(): void;
}

interface Shared {
  readonly calls: Calls;
  users: number;
  /** That of the last call: closing it closes the connection. */
  last: Streams | null;
}

const connections = new Map<string, Shared>();

/** `url` is the `server` of `partsOfUrl`. Throws when it can't be one. Nothing is connected before the first call. */
export function connect(url: string): Connection {
  const shared = connections.get(url) ?? { calls: clientFor(url), users: 0, last: null };
  connections.set(url, shared);
  shared.users += 1;
  const { calls } = shared;

  function call<Call>(name: string, make: (on: Streams, ...args: CallArguments) => Call): Promise<Call> {
    // A node that is not the leader may lack what was just written. No deadline goes to the server: it would be an
    // absolute time, and calls are cut off here.
    const args = calls.callArguments({ requiresLeader: true }, { deadline: Infinity });
    return calls.GRPCStreamCreator(grpc.StreamsClient, name, (on) => {
      shared.last = on;
      return make(on, ...args);
    })();
  }

  return {
    read: (request) => call('read', (on, ...args) => on.read(request, ...args)),
    batchAppend: () => call('batchAppend', (on, ...args) => on.batchAppend(...args)),
    // The client's own `dispose` closes no connection, and waits forever for a call that the server ended in order.
    release: () => {
      shared.users -= 1;
      if (shared.users > 0) return;
      connections.delete(url);
      shared.last?.close();
    },
  };
}

function clientFor(url: string): Calls {
  try {
    return EventStoreDBClient.connectionString(url) as unknown as Calls;
  } catch (error) {
    // The client's own words quote the URL, and with it the password.
    const { expected, location } = error as { readonly expected?: string; readonly location?: readonly number[] };
    if (expected === undefined || location === undefined) throw error;
    throw new Error(`the URL of an EventStoreDB is not understood at character ${location[0]}: expected ${expected}`);
  }
}
