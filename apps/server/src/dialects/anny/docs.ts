/** The API documents of the Anny routes: every body, answer and error with an example. */
import { applyDecorators, type Type } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiSecurity } from '@nestjs/swagger';
import * as dto from './dto.ts';
import * as examples from './examples.ts';
import { DEFAULT_LIMIT, DIALECTS, MAX_LIMIT, STATUSES } from './query.ts';

type Decorator = MethodDecorator & ClassDecorator;

/** Names of the two headers as security schemes of the document. */
export const ANNY_SCHEMES = { 'anny-api-key': 'anny-api-key', 'anny-api-secret': 'anny-api-secret' } as const;

export function annySecurity(): Decorator {
  // Both in one requirement: each alone opens nothing.
  return applyDecorators(ApiSecurity({ 'anny-api-key': [], 'anny-api-secret': [] } as never)) as Decorator;
}

export function createV1(): MethodDecorator {
  return write('Create a signal (V1)', dto.CreateSignalV1Dto, { 'ETH range': examples.createV1 }, examples.done);
}

export function createV2(): MethodDecorator {
  return write(
    'Create a signal (V2)',
    dto.CreateSignalV2Dto,
    { Spot: examples.createV2Spot, 'Futures with leverage': examples.createV2Futures, Least: examples.createV2Least },
    examples.done,
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
    examples.cancelled,
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
    answer(200, 'The signal', { found: examples.found }),
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
    ApiQuery({ name: 'status', required: false, enum: STATUSES }),
    ApiQuery({ name: 'coin', required: false, example: 'BTC' }),
    ApiQuery({ name: 'type', required: false, enum: ['long', 'short'] }),
    ApiQuery({
      name: 'from',
      required: false,
      description: 'Created at or after: ISO 8601, a date, or milliseconds since 1970',
      example: '2026-04-04T00:00:00Z',
    }),
    ApiQuery({ name: 'to', required: false, description: 'Created at or before', example: '2026-04-05T00:00:00Z' }),
    ApiQuery({
      name: 'limit',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
    }),
    ApiQuery({
      name: 'cursor',
      required: false,
      description: '`next_cursor` of the page before',
      schema: { type: 'string' },
    }),
    ApiHeader({
      name: 'X-Wait-Position',
      required: false,
      description: 'Show at least what `X-Position` of a write named',
      schema: { type: 'string' },
    }),
    dialect(),
    answer(200, 'A page', { page: examples.page }),
    refused({ 'Unknown status': examples.badStatus }),
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
      description: 'Only the state as of a revision, or of a moment (the last event not later)',
      example: '2',
    }),
    answer(200, 'The history; with `as_of`, one entry of it in place of `events`', { history: examples.history }),
    refused({ 'No such signal': examples.unknownSignal }),
    common(),
  );
}

function call(
  summary: string,
  body: Type,
  bodies: Readonly<Record<string, object>>,
  success: object = examples.done,
): MethodDecorator {
  return applyDecorators(signalId(), write(summary, body, bodies, success));
}

function write(
  summary: string,
  body: Type,
  bodies: Readonly<Record<string, object>>,
  success: object,
): MethodDecorator {
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
      examples: Object.fromEntries(Object.entries(bodies).map(([name, value]) => [name, { value }])),
    }),
    answer(
      200,
      'Stored durably',
      { done: success },
      { 'X-Position': { description: 'Position of the last event written', schema: { type: 'string' } } },
    ),
    refused({ 'Field missing': examples.missing, 'Field wrong': examples.wrong }),
    answer(413, 'The body is larger than 64 KiB', { large: examples.tooLarge }),
    answer(415, 'The body is not application/json', { media: examples.unsupported }),
    common(),
  );
}

function signalId(): MethodDecorator {
  return ApiParam({
    name: 'parent_signal_id',
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

function refused(cases: Readonly<Record<string, object>>): MethodDecorator {
  return answer(400, 'INVALID_INPUT_MISSING or INVALID_INPUT_CONTENT, naming the field', cases);
}

function common(): MethodDecorator {
  return applyDecorators(
    answer(403, 'Credentials missing, wrong or revoked, or a key that may only read', {
      unauthorized: examples.unauthorized,
    }),
    answer(500, 'An internal error; it was logged with the request id', { critical: examples.critical }),
    answer(
      503,
      'The ledger takes no writes right now, or the outcome is unknown',
      { unavailable: examples.unavailable },
      {
        'Retry-After': { description: 'Seconds', schema: { type: 'integer' } },
      },
    ),
  );
}

function answer(
  status: number,
  description: string,
  cases: Readonly<Record<string, object>>,
  headers?: Record<string, object>,
): MethodDecorator {
  return ApiResponse({
    status,
    description,
    ...(headers && { headers: headers as never }),
    content: {
      'application/json': {
        schema: { $ref: '#/components/schemas/AnnyEnvelope' },
        examples: Object.fromEntries(Object.entries(cases).map(([name, value]) => [name, { value }])),
      },
    },
  });
}
