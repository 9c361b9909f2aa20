/** Bodies of the Anny dialect and what every answer of it looks like. */
import { expect } from '@jest/globals';
import type { Answer, Client, Sending } from './client.ts';
import type { AnnyKey } from './directory.ts';

/** The published spot example. */
export const SPOT = {
  coin: 'BTC',
  trade_market: 'USDT',
  exchange: 'BINANCE',
  invest: 10,
  entry_price_min: '65000',
  entry_price_max: '66000',
  exit_price_1: '70000',
  exit_price_2: '75000',
  stop_loss: '62000',
  type: 'long',
};

/** The least that POST /v1/signal takes. */
export const LEAST_V1 = {
  coin: 'ETH',
  trade_market: 'USDT',
  exchange: 'BINANCE',
  buy_price_min: '3800',
  buy_price_max: '3850',
  sell_price_1: '4000',
};

/** Every write of the dialect with a body that is accepted on a fresh signal made of `SPOT`. */
export function writesOn(id: string): readonly { method: string; path: string; body: Record<string, unknown> }[] {
  const parent_signal_id = id;
  return [
    { method: 'POST', path: '/v1/signal', body: LEAST_V1 },
    { method: 'POST', path: '/v2/signal', body: SPOT },
    ...callsOn(parent_signal_id),
  ];
}

/** The published calls in an order in which all are accepted. */
export function callsOn(id: string): readonly { method: string; path: string; body: Record<string, unknown> }[] {
  const parent_signal_id = id;
  const trailing = (trigger: string, limit: string): object => ({
    trailing_stop_price: trigger,
    trailing_stop_limit_price: limit,
  });
  return [
    {
      method: 'POST',
      path: `/v1/signal/${id}/call/takeprofit`,
      body: {
        parent_signal_id,
        order_type: 'limit',
        sell_price: '72000',
        sell_amount_relative: 50,
        ...trailing('68000', '67500'),
      },
    },
    {
      method: 'POST',
      path: `/v1/signal/${id}/call/trailingstop`,
      body: { parent_signal_id, ...trailing('64000', '63500') },
    },
    {
      method: 'POST',
      path: `/v1/signal/${id}/call/rebuy`,
      body: {
        parent_signal_id,
        buy_price_min: '60000',
        buy_price_max: '61000',
        invest: 5,
        ...trailing('58000', '57500'),
      },
    },
    {
      method: 'POST',
      path: `/v1/signal/${id}/call/dca`,
      body: { parent_signal_id, buy_price: '58000', multiplier: 1.5 },
    },
    {
      method: 'PUT',
      path: `/v1/signal/${id}/updateprice`,
      body: { parent_signal_id, exit_price_1: '73000', stop_loss: '63000' },
    },
    { method: 'DELETE', path: `/v1/signal/${id}/cancel`, body: { parent_signal_id } },
  ];
}

/** Creates a signal and tells its id. */
export async function create(
  client: Client,
  key: AnnyKey,
  body: object = SPOT,
  sending: Sending = {},
): Promise<{ id: string; position: string; answer: Answer }> {
  const path = 'buy_price_max' in body ? '/v1/signal' : '/v2/signal';
  const answer = await client.call('POST', path, { key, body, ...sending });
  if (answer.status !== 200) throw new Error(`not created: ${answer.status} ${answer.text}`);
  return { id: answer.body.payload.parent_signal_id, position: String(answer.headers['x-position']), answer };
}

const TYPES = ['INVALID_INPUT_MISSING', 'INVALID_INPUT_CONTENT', 'UNAUTHORIZED', 'CRITICAL'];

/** Expects a refusal in the dialect's envelope with this status, and the field where one is given. */
export function expectRefused(answer: Answer, status: number, type: string, field?: string): void {
  expect({ status: answer.status, body: answer.body }).toEqual({
    status,
    body: {
      result: { type },
      payload: { result: 'failed', ...(field !== undefined && { field }), message: expect.any(String) },
    },
  });
}

/** Whether an answer is in the dialect's envelope, as success or as a refusal, and agrees with its status. */
export function isEnvelope({ status, body }: Answer): boolean {
  if (body === undefined || Object.keys(body).join() !== 'result,payload') return false;
  if (status === 200) return body.result.type === 'OPERATION_PERFORMED';
  const { result, field, message, ...rest } = body.payload;
  return (
    TYPES.includes(body.result.type) &&
    result === 'failed' &&
    (field === undefined || typeof field === 'string') &&
    typeof message === 'string' &&
    message !== '' &&
    Object.keys(rest).length === 0
  );
}

/** Whether an answer is in the envelope and has one of these statuses. */
export function isEnvelopeOf(answer: Answer, statuses: readonly number[]): boolean {
  return isEnvelope(answer) && statuses.includes(answer.status);
}

/** The events of a signal, by its history. */
export function events(client: Client, key: AnnyKey, id: string): Promise<readonly { type: string; data: unknown }[]> {
  return client.call('GET', `/v1/signal/${id}/history`, { key }).then(({ body }) => body.payload.events);
}
