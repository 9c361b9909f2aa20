/** What becomes of a command: who may call, when, and which rule answers. */
import type { CancelSignal, CreateSignal, ProviderCommand, SignalCommand } from './commands.ts';
import { addDca, addRebuy, addTakeProfit } from './calls.ts';
import { createSignal } from './create.ts';
import { decided, NOTHING_NEW } from './decision.ts';
import type { SignalDecision } from './decision.ts';
import { refusal } from './errors.ts';
import { decideMarket, isOfTheMarket } from './market/decide-market.ts';
import { isOver } from './state.ts';
import type { ExistingSignal, SignalState } from './state.ts';
import { addTrailingStop } from './trailing.ts';
import { updatePrices } from './update.ts';

/**
 * Events for a command, or a refusal. Pure: the moment and all ids come with the command.
 *
 * - A signal answers only to the channel and the dialect that made it. To anyone else it does not exist, in the very
 *   words used for one that really doesn't: a stranger learns nothing.
 * - A cancel ends the provider's calls. Repeated, it succeeds and adds nothing; any other call is then refused.
 * - A signal whose result stands takes no calls; there a cancel asks for what is so already, and adds nothing.
 * - A signal whose time for entry has passed still takes calls until the market has told that it expired: only prices
 *   tell whether it was entered before.
 */
export function decide(command: SignalCommand, state: SignalState): SignalDecision {
  if (command.type === 'CreateSignal') {
    return state.status === 'none' ? createSignal(command) : { refused: refusal('signal_exists', 'signalId') };
  }
  if (isOfTheMarket(command)) {
    return state.status === 'none'
      ? { refused: refusal('signal_not_found', 'signalId') }
      : decideMarket(command, state);
  }
  if (state.status === 'none' || state.channelId !== command.channelId || state.dialect !== command.dialect) {
    return { refused: refusal('signal_not_found', 'signalId') };
  }
  if (command.type === 'CancelSignal') return cancelSignal(state);
  if (state.callsEnded) return { refused: refusal('signal_cancelled', 'signalId') };
  if (isOver(state.status)) return { refused: refusal('signal_ended', 'signalId', { status: state.status }) };
  return decideCall(command, state);
}

type Call = Exclude<ProviderCommand, CreateSignal | CancelSignal>;

/**
 * Take profits, stops, rebuys and DCAs belong to a position that the signal opens in a direction; on a signal that
 * closes one, or has none, they are refused. Its prices may be updated.
 */
function decideCall(command: Call, signal: ExistingSignal): SignalDecision {
  if (command.type === 'UpdatePrices') return updatePrices(command, signal);
  if (signal.side === 'close' || signal.direction === null)
    return { refused: refusal('call_not_applicable', 'signalId') };
  switch (command.type) {
    case 'AddTakeProfit':
      return addTakeProfit(command, signal);
    case 'AddTrailingStop':
      return addTrailingStop(command, signal);
    case 'AddRebuy':
      return addRebuy(command, signal);
    case 'AddDca':
      return addDca(command, signal);
    default:
      return unknownCommand(command);
  }
}

function cancelSignal(signal: ExistingSignal): SignalDecision {
  return signal.callsEnded || isOver(signal.status) ? NOTHING_NEW : decided({ type: 'Cancelled', data: {} });
}

function unknownCommand(command: never): never {
  throw new Error(`unknown command ${(command as SignalCommand).type}`);
}
