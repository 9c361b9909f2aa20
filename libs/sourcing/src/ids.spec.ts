import { describe, expect, it } from '@jest/globals';
import { v5 } from 'uuid';
import { compactId, dashedId, derivedEventId, newId, parseId } from './ids.ts';

describe('ids', () => {
  it('begin with exactly the moment they were made for', () => {
    const id = newId(1_781_250_156_772);
    expect(id).toMatch(/^019ebac8-68e4-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('differ, also when many are made for one moment', () => {
    expect(new Set(Array.from({ length: 5_000 }, () => newId(1_781_250_156_772))).size).toBe(5_000);
  });

  it('of events are those of UUIDv5, for every index', () => {
    const command = newId(Date.now());
    for (const index of [0, 1, 9, 10, 1_000_002])
      expect(derivedEventId(command, index)).toBe(v5(String(index), command));
  });

  it('are taken in both forms and nothing else', () => {
    const id = newId(1_781_250_156_772);
    expect(parseId(id)).toBe(compactId(id));
    expect(parseId(compactId(id).toUpperCase())).toBe(compactId(id));
    expect(dashedId(compactId(id))).toBe(id);
    for (const other of ['', 'abc123', `${id}0`, id.replace('-', ''), `{${id}}`]) expect(parseId(other)).toBeNull();
  });
});
