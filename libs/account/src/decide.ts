/** What becomes of a command: which rule answers. */
import { cancelOrder } from './cancel.ts';
import { checkTrading } from './checks.ts';
import { closeAll } from './close-all.ts';
import type { AccountCommand, OpenAccount } from './commands.ts';
import type { AccountDecision } from './decision.ts';
import { refuse } from './errors.ts';
import { judgeAccount, resetBreaker } from './judge.ts';
import {
  approveAccount,
  changePermissions,
  closeAccount,
  openAccount,
  pauseAccount,
  resumeAccount,
} from './lifecycle.ts';
import { modifyOrder } from './modify.ts';
import { placeOrder } from './place.ts';
import { fittingMarks } from './portfolio.ts';
import {
  fillResting,
  reportAccepted,
  reportCancelled,
  reportFill,
  reportRejected,
  reportUnresolved,
  sendOrder,
} from './report.ts';
import type { AccountState, ExistingAccount } from './state.ts';
import { writeOffHolding } from './write-off.ts';

/**
 * Events for a command, or a refusal. Pure: the moment, all ids and all prices come with the command.
 *
 * - Orders are placed and changed only while the account is active; what cancels or is reported is taken in any state of
 *   it, for a revoked agent's orders still end somewhere.
 * - A command sent twice adds nothing the second time, or is refused.
 */
export function decide(command: AccountCommand, state: AccountState): AccountDecision {
  if (command.type === 'OpenAccount') {
    return state.status === 'none' ? openAccount(command) : refuse('account_exists', 'accountId');
  }
  if (state.status === 'none') return refuse('account_not_found', 'accountId');
  return decideExisting(command, state);
}

function decideExisting(asked: Exclude<AccountCommand, OpenAccount>, account: ExistingAccount): AccountDecision {
  const command = atFittingPrices(asked, account);
  switch (command.type) {
    case 'ApproveAccount':
      return approveAccount(account);
    case 'ChangePermissions':
      return changePermissions(command, account);
    case 'PauseAccount':
      return pauseAccount(command, account);
    case 'ResumeAccount':
      return resumeAccount(command, account);
    case 'CloseAccount':
      return closeAccount(command, account);
    case 'PlaceOrder':
      return checkTrading(account) ?? placeOrder(command, account);
    case 'ModifyOrder':
      return checkTrading(account) ?? modifyOrder(command, account);
    case 'CancelOrder':
      return cancelOrder(command, account);
    case 'CloseAll':
      // What a revoked agent holds only the operator can still sell.
      return (command.by === 'operator' ? null : checkTrading(account)) ?? closeAll(command, account);
    case 'JudgeAccount':
      return judgeAccount(command, account);
    case 'ResetBreaker':
      return resetBreaker(command, account);
    case 'WriteOffHolding':
      return writeOffHolding(command, account);
    case 'SendOrder':
      return sendOrder(command, account);
    case 'ReportAccepted':
      return reportAccepted(command, account);
    case 'ReportFill':
      return reportFill(command, account);
    case 'FillResting':
      return fillResting(command, account);
    case 'ReportCancelled':
      return reportCancelled(command, account);
    case 'ReportRejected':
      return reportRejected(command, account);
    case 'ReportUnresolved':
      return reportUnresolved(command, account);
    default:
      return unknownCommand(command);
  }
}

/** Prices of the other kind than those that the account rests on are none: nothing is valued by them. */
function atFittingPrices<Command extends AccountCommand>(command: Command, account: ExistingAccount): Command {
  if (!('marks' in command)) return command;
  const { marks } = command;
  if (!('atMidnight' in command) || command.atMidnight === undefined)
    return { ...command, marks: fittingMarks(account, marks) };
  const atMidnight = fittingMarks(account, command.atMidnight);
  return { ...command, marks: fittingMarks(account, marks), atMidnight };
}

function unknownCommand(command: never): never {
  throw new Error(`unknown command ${(command as AccountCommand).type}`);
}
