/** A batch: each element on its own, in parallel, answered in order. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IdempotencyKey } from '#libs/sourcing';
import { faultFrom } from '../../http/fault-filter.ts';
import { errorOf, errorOfFault } from './errors.ts';
import type { SignalRegistration } from './registration.ts';
import type { Registered, Registration } from './render.ts';

/**
 * Registers every element. What could not be taken for now fails alone, as `service_unavailable`; if nothing could, or
 * something broke, the whole batch fails so, after all its elements came to an end.
 */
export async function registerAll(
  registration: SignalRegistration,
  request: FastifyRequest,
  reply: FastifyReply,
  elements: readonly unknown[],
  headerKey: IdempotencyKey | undefined,
): Promise<readonly Registration[]> {
  const settled = await Promise.allSettled(
    elements.map(async (element, index) =>
      isObject(element)
        ? registration.register(request, reply, element, headerKey && elementKey(headerKey, index))
        : NO_OBJECT,
    ),
  );
  const errors = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const broken = errors.find((error) => !isUnavailable(error));
  if (broken !== undefined) throw broken;
  if (errors.length === elements.length) throw errors[0];
  const registrations = settled.map((one) =>
    one.status === 'fulfilled' ? one.value : { refused: errorOfFault(faultFrom(one.reason)) },
  );
  tellLastPosition(reply, registrations);
  return registrations;
}

const NO_OBJECT: Registration = {
  refused: errorOf('invalid_field', { field: 'signals', message: 'an element of signals must be a JSON object' }),
};

function isObject(element: unknown): boolean {
  return element !== null && typeof element === 'object' && !Array.isArray(element);
}

/**
 * The header's key names the batch, so each element has one of its own, and a repeated batch repeats each answer. The
 * fingerprint stays that of the whole: another batch under the same key is no repeat of any of its elements.
 */
function elementKey(header: IdempotencyKey, index: number): IdempotencyKey {
  return { ...header, key: `${header.key}#${index}` };
}

function isUnavailable(error: unknown): boolean {
  return faultFrom(error).kind === 'unavailable';
}

/** They are appended in any order: whoever waits for the batch waits for the last. */
function tellLastPosition(reply: FastifyReply, registrations: readonly Registration[]): void {
  const positions = registrations
    .filter((one): one is Registered => 'command' in one)
    .flatMap(({ position }) => (position === null ? [] : [position]));
  if (positions.length === 0) return;
  void reply.header('x-position', positions.reduce((left, right) => (left > right ? left : right)).toString());
}
