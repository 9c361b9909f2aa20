/** The API documents of the Anny routes: every body, answer and error with an example. */
import { SIGNAL_STATUSES } from '#libs/signal';
import { applyDecorators, type Type } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiSecurity } from '@nestjs/swagger';
import type { JsonSchema } from '../../http/json-schema.ts';
import { answer, type Cases, pageCursor, pageLimit, RETRY, valued, waitPosition } from '../../http/documenting.ts';
import { recordExample, recordParameters, RECORD_DESCRIPTION } from '../../signals/record-docs.ts';
import * as dto from './dto.ts';
import * as examples from './examples.ts';
import { DEFAULT_LIMIT, DIALECTS, MAX_LIMIT } from './query.ts';
import * as schemas from './schemas.ts';

type Decorator = MethodDecorator & ClassDecorator;

/** An answer that went well: its shape and an example. */
interface Success {
  readonly schema: JsonSchema;
  readonly example: object;
}

const DONE: Success = { schema: schemas.DONE, example: examples.done };
const CANCELLED: Success = { schema: schemas.CANCELLED, example: examples.cancelled };

export function annySecurity(): Decorator {
  // Both in one requirement: each alone opens nothing.
  return applyDecorators(ApiSecurity({ 'anny-api-key': [], 'anny-api-secret': [] } as never)) as Decorator;
}

export function createV1(): MethodDecorator {
  return write('Create a signal (V1)', dto.CreateSignalV1Dto, { 'ETH range': examples.createV1 }, DONE);
}

export function createV2(): MethodDecorator {
  return write(
    'Create a signal (V2)',
    dto.CreateSignalV2Dto,
    { Spot: examples.createV2Spot, 'Futures with leverage': examples.createV2Futures, Least: examples.createV2Least },
    DONE,
  );
}

export function takeProfit(): MethodDecorator {
  return call('Add a take-profit target', dto.TakeProfitDto, {
    'Half at a limit': examples.takeProfitLimit,
    'All at market': examples.takeProfitMarket,
  });
}

export function trailingStop(): MethodDecorator {
  return call('Add a trailing stop', dto.TrailingStopDto, { 'Trailing stop': examples.trailingStop });
}

export function rebuy(): MethodDecorator {
  return call('Add a rebuy zone', dto.RebuyDto, { 'Rebuy with a trailing stop': examples.rebuy });
}

export function dca(): MethodDecorator {
  return call('Add a DCA level', dto.DcaDto, { 'One and a half times the original': examples.dca });
}

export function updatePrice(): MethodDecorator {
  return call('Change prices; only what is given changes', dto.UpdatePriceDto, {
    'Target and stop': examples.updatePrice,
  });
}

export function cancel(): MethodDecorator {
  return call(
    'Cancel a signal; repeated, it succeeds and changes nothing',
    dto.CancelDto,
    { Cancel: examples.cancel },
    CANCELLED,
  );
}

export function get(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'One signal as it is now',
      description: 'Sees every write that was answered before, on any process.',
    }),
    signalId(),
    dialect(),
    answer(200, 'The signal', schemas.FOUND, { found: examples.found, settled: examples.foundSettled }),
    refused({ 'No such signal': examples.unknownSignal }),
    common(),
  );
}

export function list(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Signals, newest first',
      description: 'Waits up to two seconds for your own last write; past that it answers with `X-Stale: true`.',
    }),
    ApiQuery({ name: 'status', required: false, enum: SIGNAL_STATUSES, description: 'Only signals of this status' }),
    ApiQuery({
      name: 'coin',
      required: false,
      type: String,
      description: 'Only signals of this asset',
      example: 'BTC',
    }),
    ApiQuery({ name: 'type', required: false, enum: ['long', 'short'], description: 'Only this direction' }),
    ApiQuery({
      name: 'from',
      required: false,
      type: String,
      description: 'Created at or after: ISO 8601, a date, or milliseconds since 1970',
      example: '2026-04-04T00:00:00Z',
    }),
    ApiQuery({
      name: 'to',
      required: false,
      type: String,
      description: 'Created at or before',
      example: '2026-04-05T00:00:00Z',
    }),
    pageLimit(DEFAULT_LIMIT, MAX_LIMIT),
    pageCursor(),
    waitPosition(),
    dialect(),
    answer(200, 'A page', schemas.PAGE, { page: examples.page }),
    refused({ 'Unknown status': examples.badStatus }),
    common(),
  );
}

export function record(): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary: 'The track record of your signals', description: RECORD_DESCRIPTION }),
    ApiQuery({
      name: 'coin',
      required: false,
      type: String,
      description: 'Only signals of this asset',
      example: 'BTC',
    }),
    recordParameters(),
    waitPosition(),
    dialect(),
    answer(200, 'The record', schemas.RECORD_FOUND, { record: examples.performed(recordExample()) }),
    refused({ 'Unknown grouping': examples.badGrouping }),
    common(),
  );
}

export function history(): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary: 'Every event of a signal in order, each with the state after it' }),
    signalId(),
    dialect(),
    ApiQuery({
      name: 'as_of',
      required: false,
      type: String,
      description: 'Only the state as of a revision, or of a moment (the last event not later)',
      example: '2',
    }),
    answer(200, 'The history; with `as_of`, one entry of it in place of `events`', schemas.HISTORY_FOUND, {
      history: examples.history,
      'as of': examples.historyAsOf,
    }),
    refused({ 'No such signal': examples.unknownSignal }),
    common(),
  );
}

function call(summary: string, body: Type, bodies: Cases, success: Success = DONE): MethodDecorator {
  return applyDecorators(signalId(), write(summary, body, bodies, success));
}

function write(summary: string, body: Type, bodies: Cases, success: Success): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'Makes a repeat safe: the same key and body give the first answer again',
      schema: { type: 'string', maxLength: 255 },
    }),
    ApiBody({
      type: body,
      examples: valued(bodies),
    }),
    answer(
      200,
      'Stored durably',
      success.schema,
      { done: success.example },
      { 'X-Position': { description: 'Position of the last event written', schema: { type: 'string' } } },
    ),
    refused({ 'Field missing': examples.missing, 'Field wrong': examples.wrong }),
    answer(413, 'The body is larger than 64 KiB', schemas.REFUSAL, { large: examples.tooLarge }),
    answer(415, 'The body is not application/json', schemas.REFUSAL, { media: examples.unsupported }),
    common(),
  );
}

function signalId(): MethodDecorator {
  return ApiParam({
    name: 'parent_signal_id',
    type: String,
    description: '32 hex digits; the dashed form is accepted',
    example: examples.SIGNAL_ID,
  });
}

function dialect(): MethodDecorator {
  return ApiQuery({
    name: 'dialect',
    required: false,
    enum: DIALECTS,
    description:
      'Signals made through another dialect, or through any; a channel sees those made through anny by default, an auditor all',
  });
}

function refused(cases: Cases): MethodDecorator {
  return answer(400, 'INVALID_INPUT_MISSING or INVALID_INPUT_CONTENT, naming the field', schemas.REFUSAL, cases);
}

function common(): MethodDecorator {
  return applyDecorators(
    answer(403, 'Credentials missing, wrong or revoked, or a key that may only read', schemas.REFUSAL, {
      unauthorized: examples.unauthorized,
    }),
    answer(500, 'An internal error; it was logged with the request id', schemas.REFUSAL, {
      critical: examples.critical,
    }),
    answer(
      503,
      'The ledger takes no writes right now, or the outcome is unknown',
      schemas.REFUSAL,
      { unavailable: examples.unavailable },
      RETRY,
    ),
  );
}
