/** Looking for a store when a process starts. */
import { messageOf } from '#libs/sourcing';

/** gRPC: PERMISSION_DENIED, UNAUTHENTICATED. */
const GRPC_REFUSALS: ReadonlySet<unknown> = new Set([7, 16]);

/** MongoDB: Unauthorized, AuthenticationFailed, and what its hosted form says for the latter. */
const MONGODB_REFUSALS: ReadonlySet<unknown> = new Set([13, 18, 8_000]);

/**
 * Waits for the first answer of the store that a setting names. Null: it is there; else why not, and it may be later.
 * @throws Error naming the setting, where the store is there and turns its user away: waiting would not help.
 */
export async function firstLook(setting: string, asked: Promise<unknown>): Promise<unknown> {
  try {
    await asked;
    return null;
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal === null) return error;
    throw new Error(`the store that ${setting} names turns its user away: ${messageOf(refusal)}`, { cause: error });
  }
}

/** The adapters hand on as a cause what the driver said. */
function refusalIn(error: unknown): unknown {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code } = one as { readonly code?: unknown };
    if (one.name === 'MongoServerError' ? MONGODB_REFUSALS.has(code) : 'details' in one && GRPC_REFUSALS.has(code))
      return one;
  }
  return null;
}
