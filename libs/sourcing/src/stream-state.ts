/** What is known of a stream: its state, folded up to a revision. */
export interface StreamState<State> {
  readonly state: State;
  /** Revision of the last event folded in; -1 before the first. */
  readonly revision: number;
  /** Time of the last event; empty before the first. */
  readonly time: string;
}
