/**
 * One signal on its way from body to outcome: translate, and where there is a key, once for that key.
 *
 * A repeat is a repeat, also of a body that would be refused today: so a refusal first asks whether its key was used
 * before. The `Idempotency-Key` header wins over `idempotency_key`: it gives the first answer again, where the field of
 * the body is answered `duplicate_signal`, whatever the rest of the body says.
 */
import { hash } from 'node:crypto';
import { Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { MarketSource } from '#libs/market';
import { canonicalJson, compactId, dashedId, type EventMetadata, type IdempotencyKey, newId } from '#libs/sourcing';
import { checkDto } from '../../http/dto-check.ts';
import { Fault } from '../../http/fault.ts';
import { metadataOf } from '../../http/write-context.ts';
import type { SignalOutcome } from '../../signals/handle-signal.ts';
import { SignalWriter } from '../../signals/writer.ts';
import { MAX_KEY, RegisterSignalDto } from './dto.ts';
import { errorOf, errorOfFault, errorOfRefusal } from './errors.ts';
import type { Registration } from './render.ts';
import { type CreateSignal, type Found, placeOf, translate } from './translate.ts';

export const SANDBOX_MARKET_SOURCE = Symbol('Markets of sandbox channels');

const BODY_KEY = 'idempotency_key';

export class SignalRegistration {
  readonly #writer: SignalWriter;
  readonly #markets: MarketSource;

  constructor(@Inject(SignalWriter) writer: SignalWriter, @Inject(SANDBOX_MARKET_SOURCE) markets: MarketSource) {
    this.#writer = writer;
    this.#markets = markets;
  }

  /** Registers what a body describes. `headerKey` is that of the `Idempotency-Key` header, where there is one. */
  async register(
    request: FastifyRequest,
    reply: FastifyReply,
    body: unknown,
    headerKey: IdempotencyKey | undefined,
  ): Promise<Registration> {
    const metadata = metadataOf(request);
    const key = headerKey ?? bodyKeyOf(request, body);
    const translated = await this.#translate(request, body, metadata);
    if ('refused' in translated) {
      const earlier = key === undefined ? null : await this.#writer.repeat(key);
      return earlier === null ? translated : registrationOf(earlier, key);
    }
    return registrationOf(await this.#writer.write(reply, translated.command, metadata, key), key);
  }

  async #translate(
    request: FastifyRequest,
    body: unknown,
    metadata: EventMetadata,
  ): Promise<Found<{ readonly command: CreateSignal }>> {
    let dto: RegisterSignalDto;
    try {
      dto = checkDto(RegisterSignalDto, body);
    } catch (error) {
      if (error instanceof Fault) return { refused: errorOfFault(error) };
      throw error;
    }
    const channel = request.caller!.channel!;
    const place = placeOf(dto, channel);
    if ('refused' in place) return place;
    const market = channel.sandbox ? await this.#markets.find(place.exchange, dto.market) : null;
    const signalId = compactId(newId(request.receivedAt));
    return translate(dto, place.exchange, market, { signalId, channel, now: metadata.receivedAt });
  }
}

/** The key in a body, also in one that is refused for another of its fields. */
function bodyKeyOf(request: FastifyRequest, body: unknown): IdempotencyKey | undefined {
  const key = (body as { readonly [BODY_KEY]?: unknown } | null | undefined)?.[BODY_KEY];
  if (typeof key !== 'string' || key === '' || key.length > MAX_KEY) return undefined;
  return {
    channelId: request.caller!.channelId!,
    kind: BODY_KEY,
    key,
    fingerprint: hash('sha256', canonicalJson(body)),
    anyBody: true,
  };
}

function registrationOf(outcome: SignalOutcome, key: IdempotencyKey | undefined): Registration {
  if (!outcome.done) return { refused: errorOfRefusal(outcome.refusal) };
  // Every command of this dialect creates a signal, and a key of it stands for no other.
  const command = outcome.command as CreateSignal;
  if (outcome.repeated && key?.kind === BODY_KEY)
    return { refused: errorOf('duplicate_signal', { field: BODY_KEY, signalId: dashedId(command.signalId) }) };
  return { command, metadata: outcome.metadata, position: outcome.position };
}
