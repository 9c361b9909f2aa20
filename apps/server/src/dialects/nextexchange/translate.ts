/** From bodies to what is wanted. Pure. Each throws `AgentFault` for what the rules of single fields can't see. */
import { decimalFrom } from '#libs/signal';
import type { Change, WantedOrder } from '../../accounts/orders.ts';
import type { WantedAgent } from '../../accounts/registration.ts';
import type { ModifyOrderDto, PlaceOrderDto, RegisterAgentDto } from './dto.ts';
import { AgentFault } from './errors.ts';

export function wantedAgent(dto: RegisterAgentDto): WantedAgent {
  const mode = dto.mode ?? 'sandbox';
  const { dailyLossLimit = null, maxPositionSize = null } = dto;
  if (mode === 'live') {
    if (dailyLossLimit === null) throw missing('dailyLossLimit');
    if (maxPositionSize === null) throw missing('maxPositionSize');
  }
  return {
    name: dto.name,
    mode,
    permissions: dto.permissions,
    dailyLossLimit: dailyLossLimit === null ? null : decimalFrom(dailyLossLimit),
    maxPositionSize: maxPositionSize === null ? null : decimalFrom(maxPositionSize),
  };
}

/** What an order says of itself; which coin and which signal it names is looked up elsewhere. */
export function wantedOrder({
  side,
  type,
  quantity,
  price = null,
}: PlaceOrderDto): Omit<WantedOrder, 'coin' | 'signalId'> {
  if (type === 'limit' && price === null) throw missing('price', 'a limit order needs a price');
  if (type === 'market' && price !== null)
    throw new AgentFault('invalid_field', { field: 'price', message: 'a market order has no price' });
  return {
    side,
    orderType: type,
    quantity: decimalFrom(quantity),
    price: price === null ? null : decimalFrom(price),
  };
}

/** Null is as good as left out: many clients send all fields. */
export function wantedChange({
  price = null,
  quantity = null,
}: { [Name in keyof ModifyOrderDto]?: number | null }): Change {
  if (price === null && quantity === null) throw missing('price', 'a change names a price or a quantity');
  return {
    ...(price !== null && { price: decimalFrom(price) }),
    ...(quantity !== null && { quantity: decimalFrom(quantity) }),
  };
}

function missing(field: string, message = `${field} is required`): AgentFault {
  return new AgentFault('missing_field', { field, message });
}
