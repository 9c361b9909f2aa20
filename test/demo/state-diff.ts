/** What differs between two states of a signal, a line for each field. */

/** They change with every event, which says so itself. */
const ALWAYS_CHANGED = new Set(['revision', 'updated_at']);

export function stateDiff(before: unknown, after: unknown): string[] {
  const [old, now] = [leaves(before), leaves(after)];
  const lines: string[] = [];
  for (const [path, value] of now) {
    const was = old.get(path);
    if (was === undefined) lines.push(`+ ${path}: ${value}`);
    else if (was !== value && !ALWAYS_CHANGED.has(path)) lines.push(`~ ${path}: ${was} → ${value}`);
  }
  for (const [path, value] of old) if (!now.has(path)) lines.push(`- ${path}: ${value}`);
  return lines;
}

/** Fields with their values as text; an element of a list is one field, an absent value none. */
function leaves(state: unknown): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries((state ?? {}) as Record<string, unknown>)) {
    if (value === null) continue;
    if (Array.isArray(value))
      for (const [index, element] of value.entries()) found.set(`${name}[${index}]`, shown(element));
    else found.set(name, shown(value));
  }
  return found;
}

/** An object as `name value` pairs, nulls left out. */
function shown(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(value);
  return Object.entries(value)
    .filter(([, inner]) => inner !== null)
    .map(([name, inner]) => `${name} ${shown(inner)}`)
    .join(', ');
}
