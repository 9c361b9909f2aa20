/** The API documents of the routes by which an agent trades: every body, answer and error with an example. */
import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiQuery } from '@nestjs/swagger';
import { ORDER_STATUSES } from '#libs/account';
import { MOST_CANCELLED_TOLD } from '../../accounts/closed-all.ts';
import { answer, pageCursor, waitPosition } from '../../http/documenting.ts';
import {
  STATES,
  BROKERS,
  refused,
  badField,
  unknownOrder,
  common,
  readable,
  write,
  reason,
  idempotency,
  orderId,
  pageSize,
  LIMITS,
  POSITION,
  STALE,
} from './docs-parts.ts';
import { ModifyOrderDto, PlaceOrderDto } from './dto.ts';
import * as examples from './examples.ts';
import * as schemas from './schemas.ts';

export function portfolio(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Cash, positions and what they are worth',
      description: 'Sees every write that was answered before.',
    }),
    answer(200, 'The portfolio', schemas.PORTFOLIO, { Portfolio: examples.portfolio }, LIMITS),
    common('read:portfolio'),
  );
}

export function equity(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'What the account was worth, day by day',
      description:
        'At the start of each UTC day on which it held something or its loss was judged, and whenever its breaker ' +
        'tripped or was reset; oldest first, the last 400.',
    }),
    answer(200, 'The points', schemas.EQUITY, { Equity: examples.equity }, LIMITS),
    common('read:portfolio'),
  );
}

export function list(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Your orders, newest first',
      description: 'Waits up to two seconds for your own last write; past that it answers with `X-Stale: true`.',
    }),
    ApiQuery({ name: 'status', required: false, enum: ORDER_STATUSES, description: 'Only orders of this status' }),
    pageSize('Orders'),
    pageCursor(),
    waitPosition(),
    answer(200, 'A page', schemas.ORDER_PAGE, { Page: examples.orderPage }, { ...LIMITS, ...STALE }),
    badField('status', `status must be one of ${ORDER_STATUSES.join(', ')}`),
    common('read:portfolio'),
  );
}

export function get(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'One order as it is now',
      description: 'Sees every write that was answered before, on any process.',
    }),
    orderId(),
    answer(200, 'The order', schemas.ORDER_ANSWER, { Filled: examples.orderFilled }, LIMITS),
    unknownOrder(),
    common('read:portfolio'),
  );
}

export function place(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Place an order',
      description:
        'On paper a market order is filled in the answer, and a limit that is crossed already fills at once at the ' +
        "market's price. At a venue the answer waits some seconds for what the venue says.",
    }),
    write(PlaceOrderDto, { Market: examples.marketOrder, Limit: examples.limitOrder }),
    answer(
      201,
      'Taken',
      schemas.ORDER_ANSWER,
      { 'Market order on paper': examples.orderFilled, 'Limit order': examples.orderOpen },
      { ...LIMITS, ...POSITION },
    ),
    refused(400, 'A field is missing or invalid', {
      missing_field: { field: 'price', message: 'a limit order needs a price' },
      invalid_field: { field: 'symbol', message: 'symbol: no coin of this id or symbol is traded here' },
      invalid_json: { field: 'body' },
    }),
    refused(404, 'No signal that the agent may read', { signal_not_found: { field: 'signalId' } }),
    refused(422, 'The state of the account or of the market stands against it', STATES),
    common('write:orders', { paused: {} }, BROKERS),
  );
}

export function modify(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Change a resting limit order',
      description: 'It keeps its id, and is checked again as a new one would be. What only reduces is always allowed.',
    }),
    orderId(),
    write(ModifyOrderDto, { Both: examples.change }),
    answer(200, 'Changed', schemas.ORDER_ANSWER, { Changed: examples.orderChanged }, { ...LIMITS, ...POSITION }),
    refused(400, 'A field is missing or invalid', {
      missing_field: { field: 'price', message: 'a change names a price or a quantity' },
      invalid_field: { field: 'quantity', message: 'The quantity must be above what is filled already, 0.01.' },
      invalid_json: { field: 'body' },
    }),
    unknownOrder(),
    refused(422, 'The state of the account or of the market stands against it', STATES),
    common('write:orders', { paused: {} }, BROKERS, { order_finished: {}, order_unresolved: {}, not_modifiable: {} }),
  );
}

export function cancel(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Cancel an order',
      description: 'At a venue it stays open, with `cancelRequested`, until the venue says so.',
    }),
    orderId(),
    idempotency(),
    answer(
      200,
      'Cancelled',
      schemas.ORDER_ANSWER,
      { Cancelled: examples.orderCancelled, 'Asked for at a venue': examples.orderCancelRequested },
      { ...LIMITS, ...POSITION },
    ),
    refused(400, 'The Idempotency-Key or a body, which needs not be there, is invalid', {
      invalid_field: { field: 'Idempotency-Key', message: 'an Idempotency-Key has 1 to 255 visible ASCII characters' },
      invalid_json: { field: 'body' },
    }),
    unknownOrder(),
    readable(),
    common('write:orders', {}, BROKERS, { order_finished: {}, order_unresolved: {} }),
  );
}

export function pause(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Pause yourself',
      description:
        'No new order opens or adds until you resume, and buys that no venue was asked for yet are cancelled. Orders ' +
        'that rest go on resting and may fill: cancel those that you no longer want. What reduces or cancels goes on.',
    }),
    reason(),
    answer(200, 'Paused', schemas.STATE, { Paused: examples.paused }, { ...LIMITS, ...POSITION }),
    common('write:orders'),
  );
}

export function resume(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Go on after a pause of yours',
      description: 'What the operator paused only the operator resumes.',
    }),
    reason(),
    answer(200, 'Not paused', schemas.STATE, { Resumed: examples.resumed }, { ...LIMITS, ...POSITION }),
    common('write:orders', { paused: { message: 'The operator paused the agent: only the operator resumes it.' } }),
  );
}

export function closeAll(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Cancel every open order and sell every position at the market',
      description:
        'All or nothing: where a position has no price, nothing is done. Answers the orders that sell; at an exchange each ' +
        "asks for what fits the pair's steps, and what is less than a step stays. Answers as `cancelled` the orders that " +
        `it cancelled or asked the venue to cancel, the first ${MOST_CANCELLED_TOLD} of them, and as \`cancelledCount\` ` +
        'how many these are. A repeat under its `Idempotency-Key` answers the same orders as they are then.',
    }),
    reason(),
    answer(
      200,
      'The orders that sell, and those cancelled',
      schemas.CLOSED,
      { Closed: examples.closed, 'At a venue': examples.closedAtVenue },
      { ...LIMITS, ...POSITION },
    ),
    refused(422, 'A position has no price', { quote_unavailable: STATES.quote_unavailable }),
    common('write:orders', {}, BROKERS),
  );
}
