/** Stands between the driver and a server of the MongoDB wire protocol, and takes every message as a whole. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { BSON } from 'mongodb';

type Document = BSON.Document;

export interface DocumentProxyOptions {
  /**
   * Whether a command goes on to the server. After the first that does not nothing goes through any more, in neither
   * direction, on no connection: to the client the server is gone, and what it was answered is all that it learns.
   */
  readonly passes?: (command: Document) => boolean;
  /** What becomes of a reply. */
  readonly answers?: (reply: Document) => Document;
}

export interface DocumentProxy {
  /** Host and port. */
  readonly address: string;
  readonly isCut: () => boolean;
  readonly close: () => Promise<void>;
}

/** Listens on a free port for clients of the server on a port of this machine, without TLS and compression. */
export async function startDocumentProxy(
  port: number,
  { passes = () => true, answers = (reply) => reply }: DocumentProxyOptions,
): Promise<DocumentProxy> {
  const open = new Set<Socket>();
  let cut = false;
  const end = (): void => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer((client) => {
    if (cut) return void client.destroy();
    const behind = connect(port, '127.0.0.1');
    forward(client, behind, (message) => {
      if (mayPass(message, passes)) return message;
      cut = true;
      end();
      return null;
    });
    forward(behind, client, (message) => withReply(message, answers));
  });

  /** Hands messages on one by one; null: not this one. */
  function forward(from: Socket, to: Socket, handed: (message: Buffer) => Buffer | null): void {
    let held = Buffer.alloc(0);
    open.add(from);
    from.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      while (!cut && held.length >= 4 && held.length >= held.readInt32LE(0)) {
        const message = handed(held.subarray(0, held.readInt32LE(0)));
        held = held.subarray(held.readInt32LE(0));
        if (message !== null) to.write(message);
      }
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      open.delete(from);
      to.destroy();
    });
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    isCut: () => cut,
    close: async () => {
      end();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** From the wire protocol: codes of messages, and where the document begins in those. */
const OP_REPLY = 1;
const OP_MSG = 2_013;
const REPLY_AT = 36;
const BODY_AT = 21;

/** Handshakes come in a form of their own, and always pass. */
function mayPass(message: Buffer, passes: (command: Document) => boolean): boolean {
  return message.readInt32LE(12) !== OP_MSG || passes(documentAt(message, BODY_AT));
}

function withReply(message: Buffer, answers: (reply: Document) => Document): Buffer {
  const at = message.readInt32LE(12) === OP_REPLY ? REPLY_AT : BODY_AT;
  const reply = documentAt(message, at);
  const answer = answers(reply);
  if (answer === reply) return message;
  const changed = Buffer.concat([message.subarray(0, at), BSON.serialize(answer)]);
  changed.writeInt32LE(changed.length, 0);
  return changed;
}

function documentAt(message: Buffer, at: number): Document {
  return BSON.deserialize(message.subarray(at, at + message.readInt32LE(at)));
}
