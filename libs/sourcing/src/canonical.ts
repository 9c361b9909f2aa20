/** JSON with its keys in order: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, nested: unknown) => {
    if (nested === null || typeof nested !== 'object' || Array.isArray(nested)) return nested;
    const ordered: Record<string, unknown> = Object.create(null);
    for (const key of Object.keys(nested).sort()) ordered[key] = (nested as Record<string, unknown>)[key];
    return ordered;
  });
}
