/** The dialect's own idempotency key (traderz.txt, "Idempotency"). */
import { hash } from 'node:crypto';
import { canonicalJson, type IdempotencyKey } from '#libs/sourcing';
import type { TraderzSignalDto } from './dto.ts';

/**
 * The key of a `client_signal_id`, unique within the desk. As documented it alone decides: a repeat with another body
 * is still a repeat.
 */
export function clientKeyOf(dto: TraderzSignalDto, channelId: string): IdempotencyKey | undefined {
  const key = dto.client_signal_id;
  if (key === undefined || key === null) return undefined;
  return { channelId, kind: 'client_signal_id', key, fingerprint: hash('sha256', canonicalJson(dto)), anyBody: true };
}
