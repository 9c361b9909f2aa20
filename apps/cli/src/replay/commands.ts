/** What a line of history asks for, by the very checks and translations of the Anny dialect. */
import type { ProviderCommand } from '#libs/signal';
import {
  CancelDto,
  CreateSignalV2Dto,
  DcaDto,
  RebuyDto,
  TakeProfitDto,
  TrailingStopDto,
  UpdatePriceDto,
} from '../../../server/src/dialects/anny/dto.ts';
import {
  type Context,
  refuseEntryMid,
  refuseFormattedText,
  translateCancel,
  translateCreateV2,
  translateDca,
  translateRebuy,
  translateTakeProfit,
  translateTrailingStop,
  translateUpdatePrice,
} from '../../../server/src/dialects/anny/translate.ts';
import { checkDto } from '../../../server/src/http/dto-check.ts';
import type { HistoryCall, HistorySignal } from './history.ts';

/** One channel stands for all of them: a replay has no keys. */
const CHANNEL = 'replay';

function contextOf(signal: HistorySignal, at: number): Context {
  const now = new Date(at).toISOString();
  return { signalId: signal.id, channelId: CHANNEL, sandbox: false, receivedAt: at, now };
}

/** @throws Fault for a body that the API would refuse. */
export function createCommand(signal: HistorySignal): ProviderCommand {
  refuseFormattedText(signal.body);
  return translateCreateV2(checkDto(CreateSignalV2Dto, signal.body), contextOf(signal, signal.at));
}

/**
 * `reference` is the last price known when the call came; null where there was none.
 * @throws Fault for a body that the API would refuse.
 */
export function callCommand(signal: HistorySignal, call: HistoryCall, reference: string | null): ProviderCommand {
  const context = contextOf(signal, call.at);
  const body = { ...call.body, parent_signal_id: signal.id };
  switch (call.call) {
    case 'takeprofit':
      return translateTakeProfit(checkDto(TakeProfitDto, body), context, { tracked: true, reference });
    case 'trailingstop':
      return translateTrailingStop(checkDto(TrailingStopDto, body), context, reference);
    case 'rebuy':
      return translateRebuy(checkDto(RebuyDto, body), context);
    case 'dca':
      return translateDca(checkDto(DcaDto, body), context);
    case 'updateprice':
      refuseEntryMid(body);
      return translateUpdatePrice(checkDto(UpdatePriceDto, body), context);
    case 'cancel':
      checkDto(CancelDto, body);
      return translateCancel(context);
  }
}
