/**
 * One signal on its way from body to outcome: find its market, translate, and where there is a key, once for that key.
 *
 * A repeat is a repeat, also of a body that would be refused today: so a refusal, and whoever would ask a venue, first
 * looks whether its key was used before. The `Idempotency-Key` header wins over `idempotency_key`: it gives the first
 * answer again, where the field of the body is answered `duplicate_signal`, whatever the rest of the body says.
 */
import { hash } from 'node:crypto';
import { Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Channel } from '#libs/channel';
import { type Exchange, type FoundMarket, type MarketSource, VenueUnavailable } from '#libs/market';
import { canonicalJson, compactId, dashedId, type IdempotencyKey, newId } from '#libs/sourcing';
import { checkDto } from '../../http/dto-check.ts';
import { Fault } from '../../http/fault.ts';
import { metadataOf } from '../../http/write-context.ts';
import type { SignalOutcome } from '../../signals/handle-signal.ts';
import { SignalWriter } from '../../signals/writer.ts';
import { MAX_KEY, RegisterSignalDto } from './dto.ts';
import { errorOf, errorOfFault, errorOfRefusal } from './errors.ts';
import type { Registration } from './render.ts';
import { asWritten, type CreateSignal, type Found, isPriced, placeOf, translate } from './translate.ts';

/** Who knows the markets of which channels. */
export interface MarketSources {
  readonly sandbox: MarketSource;
  /** Serves the exchanges whose venues are configured. */
  readonly real: MarketSource;
}

/** The name under which Nest injects them. */
export const MARKET_SOURCES = Symbol('Markets');

const BODY_KEY = 'idempotency_key';

/** When a venue that can't be asked may be asked again. */
const RETRY_AFTER_SECONDS = 5;

export class SignalRegistration {
  readonly #writer: SignalWriter;
  readonly #markets: MarketSources;

  constructor(@Inject(SignalWriter) writer: SignalWriter, @Inject(MARKET_SOURCES) markets: MarketSources) {
    this.#writer = writer;
    this.#markets = markets;
  }

  /**
   * Registers what a body describes. `headerKey` is that of the `Idempotency-Key` header, where there is one.
   * @throws Fault `unavailable` where the body names no price and the venue that would tell one can't be asked.
   */
  async register(
    request: FastifyRequest,
    reply: FastifyReply,
    body: unknown,
    headerKey: IdempotencyKey | undefined,
  ): Promise<Registration> {
    const metadata = metadataOf(request);
    const channel = request.caller!.channel!;
    const key = headerKey ?? bodyKeyOf(request, body);
    const read = readBody(body, channel);
    if ('refused' in read) return (await this.#earlier(key)) ?? read;
    const { dto, exchange } = read;
    if (this.#asksVenue(channel, exchange)) {
      const earlier = await this.#earlier(key);
      if (earlier !== null) return earlier;
    }
    const market = await this.#marketOf(dto, exchange, channel);
    if ('refused' in market) return (await this.#earlier(key)) ?? market;
    const signalId = compactId(newId(request.receivedAt));
    const translated = translate(dto, exchange, market, { signalId, channel, now: metadata.receivedAt });
    if ('refused' in translated) return (await this.#earlier(key)) ?? translated;
    return this.#registrationOf(await this.#writer.write(reply, translated.command, metadata, key), key);
  }

  /** What the key was answered first, or null where it is free. */
  async #earlier(key: IdempotencyKey | undefined): Promise<Registration | null> {
    const outcome = key === undefined ? null : await this.#writer.repeat(key);
    return outcome === null ? null : this.#registrationOf(outcome, key);
  }

  #asksVenue(channel: Channel, exchange: Exchange): boolean {
    return !channel.sandbox && this.#markets.real.serves(exchange);
  }

  /** The market that a body names. One that no source serves is taken as written. */
  async #marketOf(dto: RegisterSignalDto, exchange: Exchange, channel: Channel): Promise<Found<FoundMarket>> {
    const source = channel.sandbox ? this.#markets.sandbox : this.#markets.real;
    if (!source.serves(exchange)) return asWritten(dto);
    const side = dto.direction === 'YES' ? 'yes' : 'no';
    try {
      const found = await source.find(exchange, dto.market, isPriced(dto) ? null : side);
      return found ?? { refused: errorOf('market_not_found', { field: 'market' }) };
    } catch (error) {
      if (!(error instanceof VenueUnavailable)) throw error;
      // A venue that is down delays; it takes nobody the moment of his signal.
      if (isPriced(dto)) return asWritten(dto);
      throw new Fault(
        'unavailable',
        `${exchange} can't be asked for the price right now; nothing was stored, try again, or send entry_price`,
        { field: 'entry_price', retryAfter: RETRY_AFTER_SECONDS, cause: error },
      );
    }
  }

  #registrationOf(outcome: SignalOutcome, key: IdempotencyKey | undefined): Registration {
    if (!outcome.done) return { refused: errorOfRefusal(outcome.refusal) };
    // Every command of this dialect creates a signal, and a key of it stands for no other.
    const command = outcome.command as CreateSignal;
    if (outcome.repeated && key?.kind === BODY_KEY)
      return { refused: errorOf('duplicate_signal', { field: BODY_KEY, signalId: dashedId(command.signalId) }) };
    // By the settings alone, so that a repeat says the same whatever was learned of the market since.
    const exchange = command.instrument.venue as Exchange;
    const tracking = this.#markets.real.serves(exchange) ? exchange : 'no_venue';
    return { command, metadata: outcome.metadata, position: outcome.position, tracking };
  }
}

/** A body that is in order, and the exchange that it is traded on. */
function readBody(
  body: unknown,
  channel: Channel,
): Found<{ readonly dto: RegisterSignalDto; readonly exchange: Exchange }> {
  try {
    const dto = checkDto(RegisterSignalDto, body);
    const place = placeOf(dto, channel);
    return 'refused' in place ? place : { dto, exchange: place.exchange };
  } catch (error) {
    if (error instanceof Fault) return { refused: errorOfFault(error) };
    throw error;
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
