/** `--reason`: why the operator does something, for those who read the history. */
import { LONGEST_REASON, SAYS_SOMETHING } from '../../server/src/dialects/nextexchange/texts.ts';
import { CommandError } from './output.ts';

/**
 * A reason by the rule that the API has for those of agents.
 * @throws CommandError `reason_invalid`, before anything is done: commander calls this while it reads the line.
 */
function reasonOf(text: string): string {
  // Characters, as the API counts them: those beyond 16 bits are one each.
  if (Array.from(text).length <= LONGEST_REASON && SAYS_SOMETHING.test(text)) return text;
  throw new CommandError(
    'reason_invalid',
    `reason is a text of 1 to ${LONGEST_REASON} characters, none of them a control character`,
    'reason',
  );
}

/** The option, as commands take it. */
export const REASON = ['--reason <text>', 'why, for those who read the history', reasonOf] as const;
