/** Stores that tell of their commits. */

export interface TellsCommits {
  /** `tell` is called with the number of events of each commit from now on, in place of what was given before. */
  readonly onCommit: (tell: (events: number) => void) => void;
}
