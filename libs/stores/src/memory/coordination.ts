/** The `Coordination` port in memory, for tests. */
import { type Coordination, refuseLongText, refuseRollingRule, takeRolling } from '#libs/sourcing';

export function createMemoryCoordination(): Coordination {
  const windows = new Map<string, { endsAt: number; used: number }>();
  const rolling = new Map<string, readonly number[]>();
  const uses = new Map<string, number>();
  const texts = new Map<string, string>();
  const leases = new Map<string, { holder: string; endsAt: number }>();
  const open = (name: string, now: number): { endsAt: number; used: number } | undefined => {
    const window = windows.get(name);
    return window !== undefined && window.endsAt > now ? window : undefined;
  };
  return {
    take: async (name, cost, { limit, windowMs }, now) => {
      const window = open(name, now) ?? { endsAt: now + windowMs, used: 0 };
      const allowed = window.used + cost <= limit;
      if (allowed) windows.set(name, { ...window, used: window.used + cost });
      return { allowed, remaining: Math.max(limit - window.used - (allowed ? cost : 0), 0), resetAt: window.endsAt };
    },
    peek: async (name, { limit, windowMs }, now) => {
      const window = open(name, now);
      return { remaining: Math.max(limit - (window?.used ?? 0), 0), resetAt: window?.endsAt ?? now + windowMs };
    },
    takeRolling: async (name, rule, now) => {
      refuseRollingRule(name, rule);
      const { state, taken } = takeRolling(rolling.get(name) ?? [], rule, now);
      if (taken !== null) rolling.set(name, taken);
      return state;
    },
    touch: async (used) => {
      for (const { name, at } of used) uses.set(name, Math.max(uses.get(name) ?? 0, at));
    },
    lastUsed: async (names) =>
      new Map(names.flatMap((name) => (uses.has(name) ? [[name, uses.get(name)!] as const] : []))),
    keep: async (name, text) => {
      refuseLongText(name, text);
      texts.set(name, text);
    },
    kept: async (name) => texts.get(name) ?? null,
    forget: async (name) => void texts.delete(name),
    lease: async (name, holder, ttlMs, now) => {
      const held = leases.get(name);
      if (held !== undefined && held.holder !== holder && held.endsAt > now) return false;
      leases.set(name, { holder, endsAt: now + ttlMs });
      return true;
    },
    release: async (name, holder) => {
      if (leases.get(name)?.holder === holder) leases.delete(name);
    },
    ready: async () => undefined,
    close: async () => undefined,
  };
}
