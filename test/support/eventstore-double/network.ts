/** A network in front of a port of this machine, that breaks when it is told to. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Network {
  readonly port: number;
  /** How many there are. */
  connections(): number;
  /** Breaks every connection; new ones are made. */
  cut(): void;
  /** Breaks every connection and makes no new ones. */
  stop(): Promise<void>;
  /** Makes connections again, on the same port. */
  start(): Promise<void>;
  /** Connections stay, and nothing passes: a server that stands still. What was sent arrives after `thaw`. */
  freeze(): void;
  thaw(): void;
}

export async function createNetwork(target: number): Promise<Network> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let frozen = false;
  const server = createServer((outside) => {
    const inside = connect(target, '127.0.0.1');
    const pair = [outside, inside] as const;
    pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        for (const one of pair) one.destroy();
      });
    }
    if (!frozen) join(pair);
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    for (const [outside] of pairs) outside.destroy();
  };

  return {
    port,
    connections: () => pairs.size,
    cut,
    stop: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
    start: () => listen(port),
    freeze: () => {
      frozen = true;
      for (const [outside, inside] of pairs) {
        outside.unpipe(inside).pause();
        inside.unpipe(outside).pause();
      }
    },
    thaw: () => {
      frozen = false;
      for (const pair of pairs) join(pair);
    },
  };
}

function join([outside, inside]: readonly [Socket, Socket]): void {
  outside.pipe(inside);
  inside.pipe(outside);
}
