import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { getMetadataStorage, type ValidationError, validateSync } from 'class-validator';
import fc from 'fast-check';
import {
  CancelDto,
  CreateSignalV1Dto,
  CreateSignalV2Dto,
  DcaDto,
  RebuyDto,
  TakeProfitDto,
  TrailingStopDto,
  UpdatePriceDto,
} from '../dialects/anny/dto.ts';
import * as examples from '../dialects/anny/examples.ts';
import { checkDto } from './dto-check.ts';
import { Fault } from './fault.ts';

const CASES: readonly (readonly [name: string, type: new () => object, valid: object])[] = [
  ['create V1', CreateSignalV1Dto, examples.createV1],
  ['create V2, spot', CreateSignalV2Dto, examples.createV2Spot],
  ['create V2, futures', CreateSignalV2Dto, examples.createV2Futures],
  ['take profit', TakeProfitDto, examples.takeProfitLimit],
  ['trailing stop', TrailingStopDto, examples.trailingStop],
  ['rebuy', RebuyDto, examples.rebuy],
  ['dca', DcaDto, examples.dca],
  ['update', UpdatePriceDto, examples.updatePrice],
  ['cancel', CancelDto, examples.cancel],
];

/** Values that some rule of some field takes, and values that none does. */
const value = fc.oneof(
  fc.constantFrom<unknown>('65000', '0.5', '1.50', 'BTC', 'long', 'limit', 'SPOT', 'CROSS', 'range', 'https://a.b/c'),
  fc.constantFrom<unknown>(1, 10, 50.5, 100, 0.001, 86_400_000),
  fc.constantFrom<unknown>(null, undefined, true, '', ' ', '0', '-1', '01', '1e5', '.5', 'LONG', 'x'.repeat(1_001)),
  fc.constantFrom<unknown>(0, -1, 101, 1_001, 1e21, 1.5, Number.MAX_VALUE, [], {}, ['65000'], { length: 1 }),
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

function propertiesOf(type: new () => object): string[] {
  const metadatas = getMetadataStorage().getTargetValidationMetadatas(type, '', true, false);
  return [...new Set(metadatas.map(({ propertyName }) => propertyName))];
}

/** What class-validator itself says of a body. */
function judged(type: new () => object, body: object): readonly ValidationError[] {
  return validateSync(Object.assign(new type(), body));
}

function faultOf(type: new () => object, body: unknown): Fault | null {
  try {
    expect(checkDto(type, body)).toBe(body);
    return null;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

describe.each(CASES)('%s', (_name, type, valid) => {
  test('the published example is accepted, as it is', () => {
    expect(checkDto(type, valid)).toBe(valid);
  });

  test('accepts and refuses exactly what class-validator does, and names a field at fault', () => {
    const field = fc.constantFrom(...propertiesOf(type), 'unknown');
    const change = fc.dictionary(field, value, { maxKeys: 4 });
    const removed = fc.uniqueArray(field, { maxLength: 2 });
    fc.assert(
      fc.property(change, removed, (changes, gone) => {
        const body: Record<string, unknown> = { ...valid, ...changes };
        for (const name of gone) delete body[name];
        const errors = judged(type, body);
        const fault = faultOf(type, body);
        expect(fault === null).toBe(errors.length === 0);
        if (fault === null) return;
        const missing = errors.filter(({ constraints }) => 'isDefined' in (constraints ?? {}));
        expect(fault.kind).toBe(missing.length > 0 ? 'missing' : 'invalid');
        const blamed = (missing.length > 0 ? missing : errors).find(({ property }) => property === fault.field);
        expect(blamed).toBeDefined();
        if (fault.kind === 'invalid') expect(Object.values(blamed!.constraints!)).toContain(fault.message);
      }),
      { numRuns: 500 },
    );
  });
});

test.each([null, undefined, true, 1, 'text', [[]], [{}]])('a body that is %j is no object', (body) => {
  expect(faultOf(CancelDto, body)).toMatchObject({ kind: 'invalid', field: 'body' });
});

test('fields are blamed in the order in which the class declares them, a missing one first', () => {
  expect(faultOf(CreateSignalV2Dto, { stop_loss: 1 })).toMatchObject({ kind: 'missing', field: 'coin' });
  const body = { ...examples.createV2Spot, exit_price_1: 1, leverage: 'x', stop_loss: 1 };
  expect(faultOf(CreateSignalV2Dto, body)).toMatchObject({ kind: 'invalid', field: 'stop_loss' });
});

test('of several broken rules on one field the one written first is told', () => {
  expect(faultOf(DcaDto, { ...examples.dca, multiplier: '1.5' })?.message).toBe(
    'multiplier must be a number conforming to the specified constraints',
  );
});

test('a field named like a part of every object is one that nobody knows', () => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
    expect(faultOf(DcaDto, { ...examples.dca, [name]: 'x' })).toBeNull();
    expect(faultOf(DcaDto, { ...examples.dca, multiplier: 0, [name]: 'x' })).toMatchObject({ field: 'multiplier' });
  }
});
