/**
 * The rules on DTO classes, checked at the cost of the rules alone.
 *
 * class-validator's decorators are the one source. Its executor looks its metadata up, groups it and builds promises
 * for each request; a valid request needs none of that. So the constraints of a class are collected once and called as
 * they are. When one says no, class-validator itself is asked, and words the error.
 */
import 'reflect-metadata';
import {
  getMetadataStorage,
  IS_DEFINED,
  type ValidationArguments,
  type ValidationError,
  validateSync,
} from 'class-validator';
import { Fault } from './fault.ts';

type Constructor<Dto> = new () => Dto;

interface Rule {
  readonly property: string;
  /** From `IsOptional` and `ValidateIf`: the other rules hold only where this is true. */
  readonly conditions: readonly ((object: object, value: unknown) => boolean)[];
  readonly constraints: readonly ((value: unknown, object: object) => boolean)[];
  readonly required: boolean;
}

const compiled = new WeakMap<Constructor<unknown>, readonly Rule[]>();

/**
 * The body as the DTO it is. Unknown fields stay where they are; nobody reads them.
 * Throws `Fault` `missing` for the first required field that is absent or null, else `invalid` for the first rule
 * broken, in the order in which the class declares its fields.
 */
export function checkDto<Dto extends object>(type: Constructor<Dto>, body: unknown): Dto {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw new Fault('invalid', 'the body must be a JSON object', { field: 'body' });
  }
  const rules = rulesOf(type);
  for (const rule of rules) if (!holds(rule, body)) throw faultOf(type, rules, rule, body);
  return body as Dto;
}

/**
 * Every field of a body that breaks a rule of the DTO, each with what is wrong with it first, in the order in which the
 * class declares them; null where none does.
 */
export function violationsOf<Dto extends object>(
  type: Constructor<Dto>,
  body: object,
): Readonly<Record<string, string>> | null {
  const rules = rulesOf(type);
  if (rules.every((rule) => holds(rule, body))) return null;
  const errors = errorsOf(type, rules, body);
  return Object.fromEntries(
    rules
      .filter((rule) => !holds(rule, body))
      .map(({ property }) => [property, messageFrom(errors, property) ?? 'is invalid'] as const),
  );
}

function rulesOf(type: Constructor<unknown>): readonly Rule[] {
  let rules = compiled.get(type);
  if (rules === undefined) {
    rules = compile(type);
    compiled.set(type, rules);
  }
  return rules;
}

function holds({ property, conditions, constraints }: Rule, body: object): boolean {
  const value = (body as Record<string, unknown>)[property];
  for (const condition of conditions) if (!condition(body, value)) return true;
  for (const constraint of constraints) if (!constraint(value, body)) return false;
  return true;
}

function compile(type: Constructor<unknown>): readonly Rule[] {
  const storage = getMetadataStorage();
  const grouped = storage.groupByPropertyName(storage.getTargetValidationMetadatas(type, '', true, false));
  const rules: Rule[] = [];
  // What a base class declares comes first, as a reader of the classes meets it.
  const inherited = (metadatas: readonly { readonly target: unknown }[]): boolean =>
    metadatas.some(({ target }) => target !== type);
  const ordered = Object.entries(grouped).sort(
    ([, left], [, right]) => Number(inherited(right)) - Number(inherited(left)),
  );
  for (const [property, metadatas] of ordered) {
    const conditions: Rule['conditions'][number][] = [];
    const constraints: Rule['constraints'][number][] = [];
    for (const metadata of metadatas) {
      if (metadata.type === 'conditionalValidation') {
        conditions.push(metadata.constraints[0] as Rule['conditions'][number]);
        continue;
      }
      if ((metadata.type !== 'customValidation' && metadata.type !== IS_DEFINED) || metadata.each)
        throw new Error(`${type.name}.${property}: ${metadata.type} rules are not compiled`);
      for (const { instance, async } of storage.getTargetValidatorConstraints(metadata.constraintCls)) {
        if (async) throw new Error(`${type.name}.${property}: a rule that waits can't be checked at once`);
        constraints.push((value, object) => {
          const args: ValidationArguments = {
            targetName: type.name,
            property,
            object,
            value,
            constraints: metadata.constraints,
          };
          return instance.validate(value, args) as boolean;
        });
      }
    }
    rules.push({
      property,
      conditions,
      constraints,
      required: conditions.length === 0 && metadatas.some((metadata) => metadata.type === IS_DEFINED),
    });
  }
  return rules;
}

/**
 * Which rule it was, in class-validator's words. Decorators run from the property upwards; of several broken rules the
 * one written first says most: that it is no number, rather than how large it may be.
 */
function faultOf<Dto extends object>(
  type: Constructor<Dto>,
  rules: readonly Rule[],
  broken: Rule,
  body: object,
): Fault {
  for (const { property, required } of rules) {
    const value = (body as Record<string, unknown>)[property];
    if (required && (value === undefined || value === null))
      return new Fault('missing', `${property} is required`, { field: property });
  }
  const { property } = broken;
  const message = messageFrom(errorsOf(type, rules, body), property);
  return new Fault('invalid', message ?? `${property} is invalid`, { field: property });
}

/** What class-validator says of a body. */
function errorsOf<Dto extends object>(
  type: Constructor<Dto>,
  rules: readonly Rule[],
  body: object,
): readonly ValidationError[] {
  // Fields with rules only: class-validator finds its rules by `constructor`, which a body may hold too.
  const dto = new type() as Record<string, unknown>;
  for (const rule of rules) dto[rule.property] = (body as Record<string, unknown>)[rule.property];
  return validateSync(dto);
}

/** That it is missing says most; else what the rule written first says. */
function messageFrom(errors: readonly ValidationError[], property: string): string | undefined {
  const said = errors.find((one) => one.property === property)?.constraints ?? {};
  return said[IS_DEFINED] ?? Object.values(said).at(-1);
}
