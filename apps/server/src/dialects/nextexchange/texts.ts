/** The rule of the texts that people write: names and reasons. Apart from the bodies: the command line obeys it too. */

/** A text that says something: not empty, not only spaces, without control characters. */
export const SAYS_SOMETHING = /^[^\p{Cc}]*[^\p{Cc}\s][^\p{Cc}]*$/u;

/** The longest reason, in characters. */
export const LONGEST_REASON = 500;
