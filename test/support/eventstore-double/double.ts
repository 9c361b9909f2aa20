/**
 * A double of an EventStoreDB for tests: one node in this process, spoken to by the real client over a real connection.
 *
 * It does, as servers 23.10 and 24.2 were seen to: batch appends at explicit revisions with the server's idempotency,
 * wrong expected versions, the limit of 1 MiB, deadlines by its own clock, reads of streams and of `$all` either way,
 * filters by stream name, subscriptions with confirmation, checkpoints, "caught up" and drops of slow readers,
 * positions that skip, and errors for places where no event stands. On demand it sends the wrong checkpoints of servers
 * before 24.10 and 25.0, as their releases tell of them.
 *
 * It does not: `Append` (the adapter never calls it), gossip and clusters, TLS and users, revisions
 * "any" and "stream exists", deletion, truncation and links, stream subscriptions, persistent subscriptions,
 * projections, and durability: what it keeps ends with it.
 */
import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall } from '@grpc/grpc-js';
import grpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import supported from '@eventstore/db-client/generated/serverfeatures_pb.js';
import { type AppendFault, batchAppend, type BatchCall } from './appends.ts';
import { DoubleLog } from './log.ts';
import { createNetwork, type Network } from './network.ts';
import { read, type ReadServerCall, type WrongCheckpoint } from './reads.ts';

export interface EventStoreDouble extends Omit<Network, 'port'> {
  /** For `openEventStoreDb`. */
  readonly url: string;
  readonly log: DoubleLog;
  /** Appends that have come in. */
  readonly appends: () => number;
  /** Events that subscriptions have sent. */
  readonly sent: () => number;
  /** Subscriptions that are open. */
  readonly subscriptions: () => number;
  /** What happens to each append from now on; it is given their number, counted on from the first. */
  fail(fault: (nth: number) => AppendFault | null): void;
  /** Whether subscriptions are refused from now on. */
  refuseSubscriptions(refuse: boolean): void;
  /** Subscriptions that were refused. */
  readonly refused: () => number;
  /** Whether subscriptions that have caught up send a checkpoint that is none, from now on. */
  sendWrongCheckpoints(which: WrongCheckpoint | null): void;
  /** Ends every subscription, as the server does with readers it finds slow. Answers how many there were. */
  dropSubscriptions(): number;
  /** Ends every call of appends without an error, as a server that shuts down in order does. */
  endAppends(): void;
  close(): Promise<void>;
}

type Unary = (call: ServerUnaryCall<unknown, unknown>, answer: sendUnaryData<unknown>) => void;

export async function startEventStoreDouble(): Promise<EventStoreDouble> {
  const log = new DoubleLog();
  const drops = new Set<() => void>();
  let network: Network | null = null;
  let appends = 0;
  let sent = 0;
  let refusing = false;
  let refused = 0;
  let wrongCheckpoint: WrongCheckpoint | null = null;
  const appendCalls = new Set<BatchCall>();
  let fault: (nth: number) => AppendFault | null = () => null;
  const hooks = {
    log,
    fault: () => fault((appends += 1)),
    cut: () => network?.cut(),
    // Not `Date`: a test may set that clock for the client.
    clock: () => performance.timeOrigin + performance.now(),
  };
  const unimplemented: Unary = (_call, answer) => answer({ code: 12, details: 'not in this double' });
  const server = new Server();
  server.addService(grpc.StreamsService, {
    read: (call: ReadServerCall) =>
      void read(call, {
        log,
        refuses: () => {
          if (refusing) refused += 1;
          return refusing;
        },
        subscribed: (drop) => {
          drops.add(drop);
          return () => drops.delete(drop);
        },
        sent: () => (sent += 1),
        wrongCheckpoint: () => wrongCheckpoint,
      }),
    batchAppend: (call: BatchCall) => {
      appendCalls.add(call);
      call.on('close', () => appendCalls.delete(call));
      batchAppend(call, hooks);
    },
    append: unimplemented,
    delete: unimplemented,
    tombstone: unimplemented,
  });
  server.addService(features.ServerFeaturesService, {
    getSupportedMethods: (_call: unknown, answer: sendUnaryData<supported.SupportedMethods>) =>
      answer(null, supportedMethods()),
  });
  const inside = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
  network = await createNetwork(inside);
  const { port, ...faults } = network;

  return {
    ...faults,
    url: `esdb://127.0.0.1:${port}?tls=false`,
    log,
    appends: () => appends,
    sent: () => sent,
    subscriptions: () => drops.size,
    fail: (next) => void (fault = next),
    refuseSubscriptions: (refuse) => void (refusing = refuse),
    refused: () => refused,
    sendWrongCheckpoints: (which) => void (wrongCheckpoint = which),
    dropSubscriptions: () => {
      const open = [...drops];
      for (const drop of open) drop();
      return open.length;
    },
    endAppends: () => {
      for (const call of appendCalls) call.end();
    },
    close: async () => {
      await faults.stop();
      server.forceShutdown();
    },
  };
}

/** What the client asks before its own commands: it takes the batch append only where it is told of it. */
function supportedMethods(): supported.SupportedMethods {
  const batch = new supported.SupportedMethod();
  batch.setServiceName('event_store.client.streams.streams');
  batch.setMethodName('batchappend');
  const methods = new supported.SupportedMethods();
  methods.setEventStoreServerVersion('24.2.0');
  methods.addMethods(batch);
  return methods;
}
