/** The API documents of the Traderz routes: every body, answer and error with an example. */
import { SIGNAL_STATUSES } from '#libs/signal';
import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiSecurity } from '@nestjs/swagger';
import { answer, type Cases, pageCursor, pageLimit, RETRY, valued, waitPosition } from '../../http/documenting.ts';
import { RECORD, RECORD_DESCRIPTION, recordExample, recordParameters } from '../../signals/record-docs.ts';
import { MAX_SYMBOL, SIDES, SOURCES, TraderzSignalDto } from './dto.ts';
import * as examples from './examples.ts';
import { DEFAULT_LIMIT, MAX_LIMIT } from './query.ts';
import { ERROR, FIELD_ERRORS, SIGNAL, SIGNAL_PAGE, STORED, DEDUPED } from './schemas.ts';

type Decorator = MethodDecorator & ClassDecorator;

/** Either header opens it; the schemes are declared with the document. */
export function traderzSecurity(): Decorator {
  return applyDecorators(ApiBearerAuth('traderz'), ApiSecurity('X-API-Key')) as Decorator;
}

export function send(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Send a signal',
      description:
        'A repeat of a `client_signal_id` stores nothing. `side: close` is linked to your last open signal of the same source and symbol that no other close ended, where there is one.',
    }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'Wins over `client_signal_id`: the same key and body give the first answer again, another body is refused',
      schema: { type: 'string', maxLength: 255 },
    }),
    ApiBody({
      type: TraderzSignalDto,
      examples: valued({
        'Every field': examples.full,
        Quickstart: examples.quickstart,
        'Prediction market': examples.prediction,
        Least: examples.least,
        Close: examples.close,
      }),
    }),
    answer(201, 'Stored durably', STORED, { stored: examples.stored }, POSITION),
    answer(200, 'A repeat of this `client_signal_id`', DEDUPED, { deduped: examples.deduped }, MISMATCH),
    answer(400, 'The body is no JSON, or no object', ERROR, {
      'No JSON': examples.badJson,
      'No object': examples.noObject,
    }),
    answer(413, 'The body is larger than 64 KiB', ERROR, { large: examples.tooLarge }),
    answer(415, 'The body is not application/json', ERROR, { media: examples.unsupported }),
    invalid({
      'Fields wrong': examples.invalid,
      'Price of a prediction market': examples.priceOfPrediction,
      'Idempotency-Key of another request': examples.keyReused,
    }),
    common({ 'Key that may only read': examples.readOnly, 'Desk suspended': examples.suspended }),
  );
}

export function list(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Signals sent through this API, newest first',
      description: 'Waits up to two seconds for your own last write; past that it answers with `X-Stale: true`.',
    }),
    ApiQuery({ name: 'source', required: false, enum: SOURCES, description: 'Only this venue' }),
    ApiQuery({
      name: 'symbol',
      required: false,
      description: 'Only this instrument',
      schema: { type: 'string', maxLength: MAX_SYMBOL },
      example: 'ETH/USDT',
    }),
    ApiQuery({ name: 'status', required: false, enum: SIGNAL_STATUSES, description: 'Only signals of this status' }),
    ApiQuery({ name: 'side', required: false, enum: SIDES, description: 'Only this side' }),
    pageLimit(DEFAULT_LIMIT, MAX_LIMIT),
    pageCursor(),
    waitPosition(),
    answer(200, 'A page', SIGNAL_PAGE, { page: examples.page }, STALE),
    invalid({ 'Query wrong': examples.badQuery }),
    common({}),
  );
}

export function record(): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary: 'The track record of what was sent through this API', description: RECORD_DESCRIPTION }),
    ApiQuery({ name: 'source', required: false, enum: SOURCES, description: 'Only this venue' }),
    ApiQuery({
      name: 'symbol',
      required: false,
      description: 'Only this instrument',
      schema: { type: 'string', maxLength: MAX_SYMBOL },
      example: 'ETH/USDT',
    }),
    recordParameters(),
    waitPosition(),
    answer(200, 'The record', RECORD, { record: recordExample() }, STALE),
    invalid({ 'Query wrong': examples.badGrouping }),
    common({}),
  );
}

export function get(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'One signal as it is now',
      description: 'Sees every write that was answered before, on any process, also the close of an open signal.',
    }),
    ApiParam({
      name: 'id',
      type: String,
      description: '32 hex digits; the dashed form is accepted',
      example: examples.SIGNAL_ID,
    }),
    answer(
      200,
      'The signal',
      SIGNAL,
      { open: examples.found, close: examples.foundClose, settled: examples.foundSettled },
      STALE,
    ),
    answer(404, 'No such signal', ERROR, { unknown: examples.notFound }),
    common({}),
  );
}

const POSITION = { 'X-Position': text('Position of the event written') };
const MISMATCH = { 'X-Idempotency-Mismatch': text('`true` where the first request had another body') };
const STALE = { 'X-Stale': text('`true` where the answer may lack the last writes') };

function invalid(cases: Cases): MethodDecorator {
  return answer(422, 'One or more fields are invalid: all of them, each with its reason', FIELD_ERRORS, cases);
}

function common(unauthorized: Cases): MethodDecorator {
  return applyDecorators(
    answer(401, 'Key missing, wrong or revoked', ERROR, { unauthorized: examples.unauthorized, ...unauthorized }),
    answer(500, 'An internal error; it was logged with the request id', ERROR, { internal: examples.internal }),
    answer(
      503,
      'The ledger takes no writes right now, or the outcome is unknown: safe to repeat with a `client_signal_id`',
      ERROR,
      { unavailable: examples.unavailable },
      RETRY,
    ),
  );
}

function text(description: string): object {
  return { description, schema: { type: 'string' } };
}
