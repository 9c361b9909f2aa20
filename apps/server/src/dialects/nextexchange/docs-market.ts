/** The API documents of registration and of what tells of markets and of others: every answer and error with an example. */
import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery } from '@nestjs/swagger';
import { MOST_BOOK_LEVELS, MOST_CHART_CANDLES } from '#libs/market';
import { answer, pageCursor, RETRY, valued } from '../../http/documenting.ts';
import {
  refused,
  badCoin,
  badField,
  noQuote,
  common,
  failing,
  readable,
  coin,
  pageSize,
  LIMITS,
} from './docs-parts.ts';
import { RegisterAgentDto } from './dto.ts';
import * as examples from './examples.ts';
import { BOOK_LEVELS, CANDLES, INTERVALS, MOST_COINS } from './query.ts';
import * as schemas from './schemas.ts';

export function register(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Register an agent',
      description:
        'Needs no key. Key and secret are shown once: an `Idempotency-Key` is not looked at. A live agent has both ' +
        'limits, and its requests are answered `not_approved` until the operator approves it. Unknown fields are ignored.',
    }),
    ApiBody({ type: RegisterAgentDto, examples: valued({ Sandbox: examples.register, Live: examples.registerLive }) }),
    answer(201, 'Registered', schemas.REGISTERED, { Sandbox: examples.registered, Live: examples.registeredLive }),
    refused(400, 'A field is missing or invalid', {
      missing_field: { field: 'dailyLossLimit', message: 'dailyLossLimit is required' },
      invalid_field: { field: 'mode', message: 'mode must be one of the following values: sandbox, live' },
      invalid_json: { field: 'body' },
    }),
    refused(403, 'Registration is closed', { registration_closed: {} }),
    readable(),
    refused(429, 'The address has registered as many agents as it may in an hour', { rate_limited: {} }, RETRY),
    failing(),
  );
}

export function market(): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary: 'Prices', description: 'Coins without a price are left out.' }),
    ApiQuery({
      name: 'coins',
      required: false,
      description: `Ids or symbols, at most ${MOST_COINS}, with commas between them; all that are shown where none is named`,
      schema: { type: 'string' },
      example: 'bitcoin,ETH',
    }),
    answer(200, 'Prices', schemas.MARKET, { Simulated: examples.market }, LIMITS),
    badField('coins', 'coins: no coin of this id or symbol is traded here'),
    noQuote('coins'),
    common('read:market'),
  );
}

export function charts(): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary: 'Candles of a coin, oldest first', description: 'The last one is still being made.' }),
    coin(),
    ApiQuery({
      name: 'interval',
      required: false,
      description: 'Of one candle',
      schema: { type: 'string', enum: INTERVALS, default: '1h' },
    }),
    ApiQuery({
      name: 'limit',
      required: false,
      description: 'Candles',
      schema: { type: 'integer', minimum: 1, maximum: MOST_CHART_CANDLES, default: CANDLES },
    }),
    answer(200, 'Candles', schemas.CHART, { Chart: examples.chart }, LIMITS),
    badCoin('interval', `interval must be one of ${INTERVALS.join(', ')}`),
    noQuote('coin'),
    common('read:market'),
  );
}

export function orderbook(): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary: 'The order book of a coin', description: 'The best prices first.' }),
    coin(),
    ApiQuery({
      name: 'depth',
      required: false,
      description: 'Levels of each side',
      schema: { type: 'integer', minimum: 1, maximum: MOST_BOOK_LEVELS, default: BOOK_LEVELS },
    }),
    answer(200, 'The book', schemas.BOOK, { Book: examples.book }, LIMITS),
    badCoin('depth', `depth must be a whole number from 1 to ${MOST_BOOK_LEVELS}`),
    noQuote('coin', 'BTC: the price source has no order book of it'),
    common('read:market'),
  );
}

export function sentiment(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'How open signals of public channels lean',
      description: 'Counted, with the method named. A live agent is shown real channels only.',
    }),
    ApiQuery({
      name: 'coins',
      required: false,
      description: 'Ids or symbols with commas between them; all that have open signals where none is named',
      schema: { type: 'string' },
      example: 'bitcoin,ETH',
    }),
    answer(200, 'Counts', schemas.SENTIMENT, { Counts: examples.sentiment }, LIMITS),
    badField('coins', 'coins: no coin of this id or symbol is known here'),
    common('read:sentiment'),
  );
}

export function social(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Signals of public channels, in the order in which they came',
      description:
        'A follower goes on with the `cursor` of the last signal that it has. A live agent is shown real channels only.',
    }),
    pageSize('Signals'),
    pageCursor(),
    answer(200, 'A page', schemas.SOCIAL, { Page: examples.social }, LIMITS),
    badField('cursor', 'cursor is a next_cursor that a list answered'),
    common('read:social'),
  );
}
