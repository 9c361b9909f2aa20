/** The directory of channels and keys, as the command line reads and changes it. */
import { randomUUID } from 'node:crypto';
import {
  type Channel,
  type Directory,
  DIRECTORY_SCHEMA_VERSION,
  DIRECTORY_STREAM,
  type DirectoryCommand,
  directoryDecider,
  type DirectoryEvent,
  emptyDirectory,
  foldDirectory,
  refuse,
} from '#libs/channel';
import { createHandle, type EventStore, type Handled, newId, parseId, type RecordedEvent } from '#libs/sourcing';
import { refusalError } from './output.ts';

const handledDirectory: Handled<Directory, DirectoryCommand, DirectoryEvent> = {
  decider: directoryDecider,
  stream: () => DIRECTORY_STREAM,
  creates: () => false,
  channelId: () => null,
  upcast: directoryEvent,
};

/** Carries out one change. Throws a `CommandError` where the directory refuses it. */
export async function changeDirectory(events: EventStore, command: DirectoryCommand): Promise<Directory> {
  const now = Date.now();
  const outcome = await createHandle(handledDirectory, events)(command, {
    commandId: newId(now),
    requestId: `cli-${randomUUID()}`,
    dialect: 'cli',
    actor: 'operator',
    keyId: null,
    receivedAt: new Date(now).toISOString(),
    schemaVersion: DIRECTORY_SCHEMA_VERSION,
  });
  if (!outcome.done) throw refusalError(outcome.refusal);
  return outcome.state;
}

/** The directory, and of what it does not keep: when things became what they are. */
export interface DatedDirectory {
  readonly directory: Directory;
  /** By channel id. */
  readonly registeredAt: ReadonlyMap<string, string>;
  /** By key id. */
  readonly issuedAt: ReadonlyMap<string, string>;
  /** By channel id, of those that are suspended now. */
  readonly suspensions: ReadonlyMap<string, Suspension>;
}

interface Suspension {
  readonly since: string;
  readonly reason: string | null;
}

export async function readDirectory(events: EventStore): Promise<DatedDirectory> {
  const folded: DirectoryEvent[] = [];
  const registeredAt = new Map<string, string>();
  const issuedAt = new Map<string, string>();
  const suspensions = new Map<string, Suspension>();
  for (const recorded of await events.readStream(DIRECTORY_STREAM)) {
    const event = directoryEvent(recorded);
    folded.push(event);
    const { type, data } = event;
    if (type === 'ChannelRegistered') registeredAt.set(data.channelId, recorded.time);
    if (type === 'KeyIssued') issuedAt.set(data.keyId, recorded.time);
    if (type === 'ChannelSuspended') suspensions.set(data.channelId, { since: recorded.time, reason: data.reason });
    if (type === 'ChannelResumed') suspensions.delete(data.channelId);
  }
  return { directory: foldDirectory(emptyDirectory, folded), registeredAt, issuedAt, suspensions };
}

/** The channel of an id written in either form. Throws a `CommandError` where there is none. */
export function channelIn({ channels }: Directory, channelId: string): Channel {
  const channel = channels.get(canonicalId(channelId));
  if (channel !== undefined) return channel;
  throw refusalError(refuse('channel_not_found').refused);
}

/** Ids are accepted in both forms. Anything else is left as it is, and then not found. */
export function canonicalId(text: string): string {
  return parseId(text) ?? text;
}

function directoryEvent({ type, data, revision, metadata }: RecordedEvent): DirectoryEvent {
  if (metadata.schemaVersion !== DIRECTORY_SCHEMA_VERSION) {
    throw new Error(
      `event ${revision} of the directory was written by a newer release (version ${metadata.schemaVersion} of ${type})`,
    );
  }
  return { type, data } as DirectoryEvent;
}
