/** The API documents of the NextProd routes: every body, answer and error with an example. */
import { applyDecorators, type Type } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiExtraModels,
  ApiHeader,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import { type Cases, pageLimit, RETRY, valued, waitPosition } from '../../http/documenting.ts';
import { RECORD, RECORD_DESCRIPTION, recordExample, recordParameters } from '../../signals/record-docs.ts';
import * as answers from './answers.ts';
import { MAX_BATCH, RegisterBatchDto, RegisterSignalDto } from './dto.ts';
import * as examples from './examples.ts';
import { DEFAULT_LIMIT, MAX_LIMIT, STATUSES } from './query.ts';

type Decorator = MethodDecorator & ClassDecorator;

export function nextprodSecurity(): Decorator {
  return applyDecorators(ApiBearerAuth('nextprod')) as Decorator;
}

export function me(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Your profile and active strategies',
      description: '`signal_count` sees every signal of yours that was answered before.',
    }),
    waitPosition(),
    answer(200, 'The profile', answers.NextprodProfile, { Profile: examples.me }, STALE),
    badPosition(),
    common(),
  );
}

export function register(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Register a signal',
      description:
        'The timestamp is the moment of receipt. A sandbox channel’s market is resolved in the table of sandbox ' +
        'markets, whose price is also the entry price where none is given, and the answer says `"sandbox": true`. A ' +
        'real channel’s market is resolved at its venue, and an entry price that is omitted is what buying the side ' +
        'costs there; where the venue can’t be asked a signal with `entry_price` is still taken, as written, and one ' +
        'without is answered 503. `tracking` names the venue. Where none is configured it is `no_venue`: the market is ' +
        'taken as written, and `entry_price` is required.',
    }),
    write(RegisterSignalDto, { Least: examples.least, 'With a price': examples.full, Contracts: examples.contracts }),
    answer(
      201,
      'Stored durably',
      answers.NextprodRegistered,
      { 'Real channel': examples.registered, 'Sandbox channel': examples.registeredSandbox },
      POSITION,
    ),
    refused(400, 'A field is missing or invalid, or the market is not known', {
      missing_required_field: examples.missing,
      invalid_direction: examples.badDirection,
      market_not_found: examples.unknownMarket,
      strategy_exchange_mismatch: examples.mismatch,
      invalid_field: examples.badField,
      invalid_json: examples.badJson,
    }),
    refused(404, 'Not an active strategy of yours', { strategy_not_found: examples.unknownStrategy }),
    refused(409, 'The idempotency_key was used before, whatever the body was', {
      duplicate_signal: examples.duplicate,
    }),
  );
}

export function batch(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: `Register up to ${MAX_BATCH} signals, each on its own`,
      description:
        'One failure does not block the rest; results keep the order of the request. A failed element carries the ' +
        'error that the signal alone would have been answered. The body is at most 64 KiB. A batch counts as many ' +
        'signals as it holds; one over the rest of the limit is answered 429 whole and costs nothing.',
    }),
    write(RegisterBatchDto, { Two: examples.batch }),
    answer(
      200,
      'What became of each',
      answers.NextprodBatch,
      { 'All registered': examples.batchDone, 'One failed': examples.batchMixed },
      POSITION,
    ),
    refused(400, 'The batch itself is no list of 1 to 50', {
      missing_required_field: examples.missingSignals,
      invalid_field: examples.badBatch,
      invalid_json: examples.badJson,
    }),
  );
}

export function list(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Your signals, newest first; filters combine',
      description: 'Waits up to two seconds for your own last write; past that it answers with `X-Stale: true`.',
    }),
    ApiQuery({ name: 'strategy_id', required: false, type: String, description: 'Filter by strategy' }),
    ApiQuery({ name: 'status', required: false, enum: STATUSES, description: 'Filter by status' }),
    pageLimit(DEFAULT_LIMIT, MAX_LIMIT),
    ApiQuery({
      name: 'offset',
      required: false,
      description: 'Signals left out before the page',
      schema: { type: 'integer', minimum: 0, default: 0 },
    }),
    waitPosition(),
    answer(200, 'A page', answers.NextprodSignalPage, { Page: examples.page }, STALE),
    refused(400, 'A parameter is invalid', { invalid_field: examples.badStatus }),
    common(),
  );
}

export function get(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'One signal as it is now',
      description: 'Sees every write that was answered before, on any process.',
    }),
    ApiParam({ name: 'signal_id', type: String, description: 'Dashed, or 32 hex digits', example: examples.SIGNAL_ID }),
    answer(200, 'The signal', answers.NextprodSignal, { Signal: examples.found, Settled: examples.foundSettled }),
    refused(404, 'No such signal of yours, made through this API', { signal_not_found: examples.unknownSignal }),
    common(),
  );
}

export function record(): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary: 'The track record of a strategy', description: RECORD_DESCRIPTION }),
    ApiParam({
      name: 'strategy_id',
      type: String,
      description: 'A strategy of yours, also one that is not active',
      example: 'your_strategy_id',
    }),
    recordParameters(),
    waitPosition(),
    ApiResponse({
      status: 200,
      description: 'The record',
      headers: { ...LIMITS, ...STALE },
      content: { 'application/json': { schema: RECORD, examples: valued({ Record: recordExample() }) } },
    }),
    refused(400, 'A parameter is invalid', { invalid_field: examples.badGrouping }),
    refused(404, 'Not a strategy of yours', { strategy_not_found: examples.unknownStrategy }),
    common(),
  );
}

function write(body: Type, bodies: Cases): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'Makes a repeat safe: the same key and body give the first answer again. It wins over `idempotency_key`; ' +
        'in a batch each element has a key of its own under it',
      schema: { type: 'string', maxLength: 255 },
    }),
    ApiBody({ type: body, examples: valued(bodies) }),
    refused(413, 'The body is larger than 64 KiB', { invalid_field: examples.tooLarge }),
    refused(415, 'The body is not application/json', { invalid_json: examples.unsupported }),
    common(),
  );
}

function badPosition(): MethodDecorator {
  return refused(400, 'X-Wait-Position is no position', { invalid_field: examples.badPosition });
}

function common(): MethodDecorator {
  return applyDecorators(
    ApiResponse({
      status: 401,
      description: 'Key missing, wrong or revoked; on a write also one that may only read, or a suspended channel',
      content: content(answers.NextprodError, { unauthorized: examples.unauthorized }),
    }),
    refused(429, 'The key’s signals of this hour are spent', { rate_limit_exceeded: examples.exceeded }, RETRY),
    refused(500, 'It was logged with the request id', { internal_error: examples.internal }),
    refused(503, 'The ledger takes no writes right now', { service_unavailable: examples.unavailable }, RETRY),
  );
}

function refused(status: number, description: string, cases: Cases, headers: Headers = {}): MethodDecorator {
  return answer(status, description, answers.NextprodError, cases, headers);
}

type Headers = Readonly<
  Record<string, { readonly description: string; readonly schema: { readonly type: 'string' | 'integer' } }>
>;

const POSITION: Headers = {
  'X-Position': { description: 'Position of the last event written', schema: { type: 'string' } },
};
const STALE: Headers = {
  'X-Stale': { description: '`true` where your last writes may lack', schema: { type: 'string' } },
};
const LIMITS: Headers = {
  'X-RateLimit-Limit': { description: 'Signals an hour for this key', schema: { type: 'integer' } },
  'X-RateLimit-Remaining': { description: 'How many are left', schema: { type: 'integer' } },
  'X-RateLimit-Reset': { description: 'When the hour ends, seconds since 1970', schema: { type: 'integer' } },
};

/** Every answer to a valid key tells what is left of its limit. */
function answer(
  status: number,
  description: string,
  model: Type,
  cases: Cases,
  headers: Headers = {},
): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(model),
    ApiResponse({ status, description, headers: { ...LIMITS, ...headers }, content: content(model, cases) }),
  );
}

function content(model: Type, cases: Cases): { 'application/json': object } {
  return { 'application/json': { schema: { $ref: getSchemaPath(model) }, examples: valued(cases) } };
}
