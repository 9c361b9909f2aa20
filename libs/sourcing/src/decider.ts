/** The shape every domain of the ledger has, and what a domain says when it will not do what was asked. */

/** `missing` and `invalid` speak of the request, `conflict` of the state it met, `not-found` also hides what belongs to others. */
export type RefusalKind = 'missing' | 'invalid' | 'conflict' | 'not-found' | 'forbidden' | 'unavailable';

/** An expected "no". Nothing was appended. */
export interface Refusal {
  readonly code: string;
  readonly kind: RefusalKind;
  readonly message: string;
  /** The domain's name of the field at fault; a dialect translates it to its own. */
  readonly field?: string;
}

/** What `decide` answers: events to append (none: nothing needs to change), or a refusal. */
export type Decision<Event> = { readonly events: readonly Event[] } | { readonly refused: Refusal };

/** A state machine whose history is its events. All three members are pure. */
export interface Decider<State, Command, Event> {
  readonly initial: State;
  evolve(state: State, event: Event): State;
  decide(command: Command, state: State): Decision<Event>;
}

/** The least an event is: a stored name and its data. */
export interface DomainEvent {
  readonly type: string;
  readonly data: object;
}
