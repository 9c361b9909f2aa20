/** What becomes of a command of the market or the operator. */
import type { CarryOutClose, MarketCommand, SignalCommand } from '../commands.ts';
import { decided, NOTHING_NEW, type SignalDecision } from '../decision.ts';
import { refusal } from '../errors.ts';
import type { ExistingSignal } from '../state.ts';
import { observe } from './observe.ts';
import { reportClose, resolveSignal, settleSignal } from './settle.ts';

const MARKET_COMMANDS: Readonly<Record<MarketCommand['type'], true>> = {
  ObservePrice: true,
  RecordSteps: true,
  ResolveSignal: true,
  SettleSignal: true,
  ReportClose: true,
  CarryOutClose: true,
};

export function isOfTheMarket(command: SignalCommand): command is MarketCommand {
  return Object.hasOwn(MARKET_COMMANDS, command.type);
}

/**
 * Whoever follows prices judges on a version of the signal: where it has changed since, what was judged is refused and
 * must be judged anew. So no step is ever taken twice, and none on orders that were not there.
 */
export function decideMarket(command: MarketCommand, signal: ExistingSignal): SignalDecision {
  switch (command.type) {
    case 'ObservePrice': {
      if (command.basedOn !== signal.version) return { refused: refusal('judged_before', 'basedOn') };
      const { tracking, price, source, closedBySignalId } = command;
      return { events: observe(signal, tracking, price, source, closedBySignalId).events };
    }
    case 'RecordSteps':
      if (command.basedOn !== signal.version) return { refused: refusal('judged_before', 'basedOn') };
      return { events: command.events };
    case 'ResolveSignal':
      return resolveSignal(command, signal);
    case 'SettleSignal':
      return settleSignal(command, signal);
    case 'ReportClose':
      return reportClose(command, signal);
    case 'CarryOutClose':
      return carryOutClose(command, signal);
    default:
      return unknownCommand(command);
  }
}

/** A closing signal is matched when what it closes was closed; that says nothing of win or loss. */
function carryOutClose({ price, at, evidence }: CarryOutClose, signal: ExistingSignal): SignalDecision {
  if (signal.side !== 'close' || signal.status !== 'registered') return NOTHING_NEW;
  return decided({ type: 'SignalMatched', data: { part: null, price, share: '100', stop: null, at, evidence } });
}

function unknownCommand(command: never): never {
  throw new Error(`unknown command ${(command as SignalCommand).type}`);
}
