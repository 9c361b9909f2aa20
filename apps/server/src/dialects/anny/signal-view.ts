/** A signal as the Anny dialect shows it: the words of its own bodies. Pure. */
import { entryPriceOf, exitPlan, openShareOf, type SignalDocument } from '#libs/views';
import type { HistoryEntry } from '../../signals/reader.ts';
import type { Tracking } from '../../signals/tracking.ts';
import { renderExit, renderFill, renderSettlement } from './outcome-view.ts';
import { renderFound } from './render.ts';

export interface AnnySignal {
  readonly [field: string]: unknown;
}

/** Reading has no published form; every name that the bodies have is used as they have it. */
export function renderSignal(document: SignalDocument, tracking: Tracking): AnnySignal {
  const { instrument, entry, trailing, size } = document;
  return {
    parent_signal_id: document.id,
    status: document.status,
    revision: document.revision,
    dialect: document.dialect,
    sandbox: document.sandbox,
    tracking: tracking.of(instrument, document.sandbox, document.direction),
    coin: instrument.base ?? instrument.symbol,
    trade_market: instrument.quote,
    exchange: instrument.venue,
    type: document.direction,
    account: instrument.account,
    leverage: numberOf(document.leverage),
    margin_type: document.marginType,
    invest: size?.kind === 'percent' ? numberOf(size.value) : null,
    size,
    entry_mode: entry?.mode ?? null,
    entry_price_min: entry?.min ?? null,
    entry_price_mid: entry?.mid ?? null,
    entry_price_max: entry?.max ?? null,
    invest_entry_min: numberOf(entry?.split?.min ?? null),
    invest_entry_mid: numberOf(entry?.split?.mid ?? null),
    invest_entry_max: numberOf(entry?.split?.max ?? null),
    targets: exitPlan(document).map(({ kind, place, orderType, price, share, hitAt, hitPrice }) => ({
      kind,
      place,
      order_type: orderType,
      price,
      share: Number(share),
      hit_at: hitAt,
      hit_price: hitPrice,
    })),
    exit_prices: document.targets,
    stop_loss: document.stop,
    trailing_stop: trailing && {
      trailing_stop_price: trailing.trigger,
      trailing_stop_limit_price: trailing.limit,
      reference_price: trailing.reference,
      added_at: trailing.at,
    },
    take_profits: document.takeProfits.map(({ orderType, price, share, trailing: pair, symbol, at }) => ({
      order_type: orderType,
      sell_price: price,
      sell_amount_relative: Number(share),
      trailing_stop_price: pair?.trigger ?? null,
      trailing_stop_limit_price: pair?.limit ?? null,
      symbol,
      added_at: at,
    })),
    rebuys: document.rebuys.map(({ min, max, invest, trailing: pair, at }, index) => ({
      buy_price_min: min,
      buy_price_max: max,
      invest: numberOf(invest),
      trailing_stop_price: pair?.trigger ?? null,
      trailing_stop_limit_price: pair?.limit ?? null,
      added_at: at,
      ...filled(document, 'rebuy', index + 1),
    })),
    dcas: document.dcas.map(({ price, multiplier, invest, at }, index) => ({
      buy_price: price,
      multiplier: Number(multiplier),
      invest: numberOf(invest),
      added_at: at,
      ...filled(document, 'dca', index + 1),
    })),
    matched_at: document.matchedAt,
    entry_price: entryPriceOf(document),
    fills: document.fills.map(renderFill),
    exits: document.exits.map(renderExit),
    open_share: numberOf(openShareOf(document)),
    settlement: document.settlement && renderSettlement(document, document.settlement),
    corrections: document.corrected.map((settlement) => renderSettlement(document, settlement)),
    strategy_id: document.strategyId,
    closes_signal_id: document.closesSignalId,
    attachment_description: document.note,
    metadata: document.metadata,
    expires_at: document.expiresAt,
    created_at: document.createdAt,
    updated_at: document.updatedAt,
    cancelled_at: document.cancelledAt,
    expired_at: document.expiredAt,
  };
}

/** When and at what an order that adds to the position was filled; null while it waits. */
function filled({ fills }: SignalDocument, kind: 'dca' | 'rebuy', place: number): object {
  const fill = fills.find((one) => one.kind === kind && one.place === place);
  return { filled_at: fill?.at ?? null, fill_price: fill?.price ?? null };
}

/** One event of a signal, with its state after it. */
export function renderEntry({ event, document }: HistoryEntry, tracking: Tracking): object {
  const { revision, type, time, data } = event;
  return { revision, type, time, data, state: renderSignal(document, tracking) };
}

/** The answer to a whole history, in pieces: the text of one with thousands of calls is longer than a string may be. */
export function* renderHistory(
  signalId: string,
  entries: Iterable<HistoryEntry>,
  tracking: Tracking,
): Generator<string, void> {
  const [head, tail] = renderFound({ parent_signal_id: signalId, events: [] }).body.split('[]') as [string, string];
  let before = `${head}[`;
  for (const entry of entries) {
    yield before + JSON.stringify(renderEntry(entry, tracking));
    before = ',';
  }
  yield `]${tail}`;
}

/** Percentages and multipliers are numbers on this wire. */
function numberOf(value: string | null): number | null {
  return value === null ? null : Number(value);
}
