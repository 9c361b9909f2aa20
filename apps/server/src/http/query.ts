/** Single parameters of a query string. Each throws `Fault` `invalid` naming the parameter. */
import { Fault } from './fault.ts';

export type Query = Readonly<Record<string, unknown>>;

/** A parameter that is given at most once, and then not empty. */
export function single(query: Query, name: string): string | undefined {
  const value = query[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '')
    throw new Fault('invalid', `${name} is given once and not empty`, { field: name });
  return value;
}

export function oneOf<const Allowed extends readonly string[]>(
  query: Query,
  name: string,
  allowed: Allowed,
): Allowed[number] | undefined {
  const value = single(query, name);
  if (value === undefined) return undefined;
  if (!allowed.includes(value))
    throw new Fault('invalid', `${name} must be one of ${allowed.join(', ')}`, { field: name });
  return value;
}

export function wholeNumber(query: Query, name: string, least: number, most: number): number | undefined {
  const value = single(query, name);
  if (value === undefined) return undefined;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= least && number <= most))
    throw new Fault('invalid', `${name} must be a whole number from ${least} to ${most}`, { field: name });
  return number;
}
