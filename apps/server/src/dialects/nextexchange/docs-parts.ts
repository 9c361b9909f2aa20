/** Pieces of the API documents that the routes of the NEXT.exchange dialect share: its errors, headers and parameters. */
import { applyDecorators, type Type } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiParam, ApiQuery, ApiSecurity } from '@nestjs/swagger';
import type { Permission } from '#libs/account';
import { answer, type Cases, RETRY, valued } from '../../http/documenting.ts';
import { ReasonDto } from './dto.ts';
import type { ErrorCode } from './errors.ts';
import * as examples from './examples.ts';
import { LONGEST_PAGE, PAGE } from './query.ts';
import * as schemas from './schemas.ts';

export const TAG = 'NEXT.exchange';

type Decorator = MethodDecorator & ClassDecorator;

/** A sandbox agent needs the key alone; whether a key is a live one its first letters say. */
export function agentSecurity(): Decorator {
  return applyDecorators(
    ApiSecurity({ 'X-NX-Key': [] }),
    ApiSecurity({ 'X-NX-Key': [], 'X-NX-Signature': [], 'X-NX-Timestamp': [] }),
  ) as Decorator;
}

/** What an error's example says beside its code. */
type Details = Parameters<typeof examples.error>[1];
type Errors = Partial<Record<ErrorCode, Details>>;

export const STATES = {
  insufficient_balance: { message: 'It needs 673.18 USD and 12.5 USD are free.' },
  insufficient_holdings: { message: 'It needs 0.02 BTC and 0.01 are free.' },
  quote_unavailable: { field: 'symbol', message: 'There is no price of BTC to go by.' },
  circuit_breaker: { breaker: 'position_cap', message: 'The position would be worth 10087.5 USD of at most 10000.' },
  too_many_orders: {},
} as const satisfies Errors;

export const BROKERS: Errors = { broker_unavailable: {} };

export function refused(status: number, description: string, errors: Errors, headers?: object): MethodDecorator {
  const cases = Object.entries(errors).map(([code, details]) => [code, examples.error(code as ErrorCode, details)]);
  return answer(status, description, schemas.ERROR, Object.fromEntries(cases) as Cases, headers);
}

export function badField(field: string, message: string): MethodDecorator {
  return refused(400, 'A parameter is missing or invalid', { invalid_field: { field, message } });
}

/** Of a route that asks for a coin, and may be asked for more. */
export function badCoin(field: string, message: string): MethodDecorator {
  return refused(400, 'A parameter is missing or invalid', {
    missing_field: { field: 'coin', message: 'coin is required' },
    invalid_field: { field, message },
  });
}

export function noQuote(field: string, message = 'BTC: there is no price to go by'): MethodDecorator {
  return refused(422, 'There is none', { quote_unavailable: { field, message } });
}

export function unknownOrder(): MethodDecorator {
  return refused(404, 'No such order of yours', { order_not_found: {} });
}

/** What stands against any request of an agent. */
export function common(
  permission: Permission,
  forbidden: Errors = {},
  unavailable: Errors = {},
  conflicts: Errors | null = null,
): MethodDecorator {
  const writes = permission === 'write:orders';
  const conflict = { ...conflicts, ...(writes && { idempotency_key_reused: { field: 'Idempotency-Key' } }) };
  return applyDecorators(
    refused(401, 'The key, or what a live agent has signed, is missing or wrong', {
      invalid_key: {},
      missing_signature: {},
      invalid_signature: {},
      timestamp_out_of_window: {},
      ...(writes && { replayed_signature: {} }),
    }),
    refused(403, 'The agent may not', { permission_missing: { permission }, not_approved: {}, ...forbidden }),
    ...(writes ? [refused(409, 'Something else was done before', conflict)] : []),
    refused(429, 'The requests of this minute are spent', { rate_limited: {} }, { ...LIMITS, ...RETRY }),
    failing(unavailable),
  );
}

export function failing(unavailable: Errors = {}): MethodDecorator {
  return applyDecorators(
    refused(500, 'It was logged with the request id', { internal_error: {} }),
    refused(503, 'Nothing was stored, or the outcome is unknown', { service_unavailable: {}, ...unavailable }, RETRY),
  );
}

export function readable(): MethodDecorator {
  return applyDecorators(
    refused(413, 'The body is larger than 64 KiB', { too_large: { field: 'body' } }),
    refused(415, 'The body is not application/json', { unsupported_media_type: { field: 'body' } }),
  );
}

export function write(body: Type, bodies: Cases): MethodDecorator {
  return applyDecorators(idempotency(), ApiBody({ type: body, examples: valued(bodies) }), readable());
}

export function reason(): MethodDecorator {
  return applyDecorators(
    write(ReasonDto, { Reason: examples.reason }),
    refused(400, 'A field is missing or invalid', {
      missing_field: { field: 'reason', message: 'reason is required' },
      invalid_field: { field: 'reason', message: 'reason must not be blank nor have control characters' },
      invalid_json: { field: 'body' },
    }),
  );
}

export function idempotency(): MethodDecorator {
  return ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Makes a repeat safe: the same key and body give the first answer again, another body is refused',
    schema: { type: 'string', maxLength: 255 },
  });
}

export function coin(): MethodDecorator {
  return ApiQuery({
    name: 'coin',
    required: true,
    description: 'Its id or symbol',
    schema: { type: 'string' },
    example: 'bitcoin',
  });
}

export function orderId(): MethodDecorator {
  return ApiParam({
    name: 'id',
    type: String,
    description: '32 hex digits; the dashed form is accepted',
    example: examples.ORDER_ID,
  });
}

export function pageSize(what: string): MethodDecorator {
  return ApiQuery({
    name: 'limit',
    required: false,
    description: `${what} on a page`,
    schema: { type: 'integer', minimum: 1, maximum: LONGEST_PAGE, default: PAGE },
  });
}

export const LIMITS = {
  'X-RateLimit-Limit': { description: 'Requests in any minute', schema: { type: 'integer' } },
  'X-RateLimit-Remaining': { description: 'How many are left', schema: { type: 'integer' } },
  'X-RateLimit-Reset': {
    description: 'When the next one is free again, seconds since 1970',
    schema: { type: 'integer' },
  },
};
export const POSITION = {
  'X-Position': { description: 'Position of the last event written', schema: { type: 'string' } },
};
export const STALE = {
  'X-Stale': { description: '`true` where your last writes may lack', schema: { type: 'string' } },
};
