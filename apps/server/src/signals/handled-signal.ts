/** The domain of signals as the command handler uses it. */
import { signalDecider, type SignalCommand, type SignalEvent, type SignalState, upcast } from '#libs/signal';
import type { Handled } from '#libs/sourcing';

/** The stream of a signal; its id is 32 hex digits. */
export function signalStream(signalId: string): string {
  return `signal-${signalId}`;
}

export const handledSignal: Handled<SignalState, SignalCommand, SignalEvent> = {
  decider: signalDecider,
  stream: (command) => signalStream(command.signalId),
  creates: (command) => command.type === 'CreateSignal',
  channelId: (command) => command.channelId,
  upcast: (recorded) => upcast(recorded.type, recorded.metadata.schemaVersion, recorded.data),
};
