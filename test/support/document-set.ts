/** A replica set of two, to the driver: both members are the one server behind, so what it is asked shows whom it asks. */
import { type DocumentProxy, startDocumentProxy } from './document-proxy.ts';

export interface DocumentSet {
  /** Of the same database as the server's. It has no options yet but the name of the set. */
  readonly url: string;
  /** Host and port of the member that takes writes; the other one tells that it is its secondary. */
  readonly primary: string;
  readonly stop: () => Promise<void>;
}

const NAME = 'two';

/** Starts it before the server that a URL of this machine names, without password. */
export async function startDocumentSet(url: string): Promise<DocumentSet> {
  const { port, pathname } = new URL(url);
  const members: DocumentProxy[] = [];
  const hosts = (): string[] => members.map(({ address }) => address);
  for (const isPrimary of [true, false]) {
    const answers = (reply: Record<string, unknown>): Record<string, unknown> => {
      // Only a handshake tells versions of the protocol.
      if (!('maxWireVersion' in reply)) return reply;
      const [primary, secondary] = hosts();
      return {
        ...reply,
        setName: NAME,
        setVersion: 1,
        hosts: hosts(),
        primary,
        me: isPrimary ? primary : secondary,
        ismaster: isPrimary,
        isWritablePrimary: isPrimary,
        secondary: !isPrimary,
      };
    };
    members.push(await startDocumentProxy(Number(port), { answers }));
  }
  return {
    url: `mongodb://${hosts().join(',')}${pathname}?replicaSet=${NAME}`,
    primary: hosts()[0]!,
    stop: async () => {
      for (const { close } of members) await close();
    },
  };
}
