/** Names under which Nest injects what is no class of ours. */
export const EVENT_STORE = Symbol('EventStore');
export const VIEW_STORE = Symbol('ViewStore');
export const SIGNAL_HANDLE = Symbol('Handle of signals');
