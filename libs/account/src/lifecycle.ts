/** The account itself: opened, approved, paused, resumed, closed, and what it may do. */
import { cancelsOf } from './cancel.ts';
import { checkNumbers, checkReason, type Checked } from './checks.ts';
import type { ChangePermissions, CloseAccount, OpenAccount, PauseAccount, ResumeAccount } from './commands.ts';
import { decided, NOTHING_NEW, type AccountDecision } from './decision.ts';
import { refuse } from './errors.ts';
import { isAtVenue, isOnPaper } from './order.ts';
import type { ExistingAccount } from './state.ts';
import { PERMISSIONS, type Permission } from './values.ts';

/** A live account waits for the operator's approval; a sandbox one trades at once. */
export function openAccount(command: OpenAccount): AccountDecision {
  const { accountId, name, mode, permissions, balance, dailyLossLimit, maxPositionSize } = command;
  const wrong = checkPermissions(permissions) ?? checkLimitsSet(command);
  if (wrong !== null) return wrong;
  const { keyHash, sealedSecret } = command;
  return decided({
    type: 'AccountOpened',
    data: { accountId, name, mode, permissions, balance, dailyLossLimit, maxPositionSize, keyHash, sealedSecret },
  });
}

function checkLimitsSet({ mode, balance, dailyLossLimit, maxPositionSize }: OpenAccount): Checked {
  if (mode === 'live' && dailyLossLimit === null) return refuse('limits_missing', 'dailyLossLimit');
  if (mode === 'live' && maxPositionSize === null) return refuse('limits_missing', 'maxPositionSize');
  return checkNumbers({ balance, dailyLossLimit, maxPositionSize });
}

function checkPermissions(permissions: readonly Permission[]): Checked {
  const distinct = new Set(permissions);
  const known = permissions.every((permission) => PERMISSIONS.includes(permission));
  return known && distinct.size > 0 && distinct.size === permissions.length
    ? null
    : refuse('permissions_invalid', 'permissions');
}

export function approveAccount({ status, mode }: ExistingAccount): AccountDecision {
  if (status === 'pending') return decided({ type: 'AccountApproved', data: {} });
  return status === 'active' && mode === 'live' ? NOTHING_NEW : refuse('already_decided', 'accountId', { status });
}

export function changePermissions(
  { permissions }: ChangePermissions,
  { status, permissions: before }: ExistingAccount,
): AccountDecision {
  if (status === 'closed') return refuse('account_closed', 'accountId');
  const wrong = checkPermissions(permissions);
  if (wrong !== null) return wrong;
  const same = before.length === permissions.length && permissions.every((permission) => before.includes(permission));
  return same ? NOTHING_NEW : decided({ type: 'PermissionsChanged', data: { permissions } });
}

/**
 * The operator's pause takes the place of the agent's own, and not the other way round. Buys that no venue was asked for
 * yet end with it: sending them would open or add. What rests goes on resting.
 */
export function pauseAccount({ by, reason }: PauseAccount, account: ExistingAccount): AccountDecision {
  const { status, paused } = account;
  if (status === 'closed') return refuse('account_closed', 'accountId');
  const wrong = checkReason(reason);
  if (wrong !== null) return wrong;
  if (paused !== null && (paused.by === by || paused.by === 'operator')) return NOTHING_NEW;
  const unsent = cancelsOf(
    account,
    by,
    reason,
    (order) => order.side === 'buy' && !isOnPaper(order) && !isAtVenue(order),
  );
  return decided({ type: 'AccountPaused', data: { by, reason } }, ...unsent);
}

export function resumeAccount({ by, reason }: ResumeAccount, { status, paused }: ExistingAccount): AccountDecision {
  if (status === 'closed') return refuse('account_closed', 'accountId');
  const wrong = checkReason(reason);
  if (wrong !== null) return wrong;
  if (paused === null) return NOTHING_NEW;
  if (paused.by === 'operator' && by === 'agent') return refuse('paused_by_operator');
  return decided({ type: 'AccountResumed', data: { by, reason } });
}

/** Only the operator closes an account; its open orders end with it, those at a venue as soon as that has cancelled them. */
export function closeAccount({ reason }: CloseAccount, account: ExistingAccount): AccountDecision {
  if (account.status === 'closed') return NOTHING_NEW;
  const wrong = checkReason(reason);
  if (wrong !== null) return wrong;
  return decided({ type: 'AccountClosed', data: { reason } }, ...cancelsOf(account, 'operator', reason));
}
